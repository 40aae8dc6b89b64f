import { createSign } from 'node:crypto';
import type { BuiltinAction } from '../runner/index.js';

/**
 * What actions/create-github-app-token does, for the runner: a token of the App for the repository of the run (or for
 * the `repositories` of an `owner`), with the permissions asked for, revoked when the job ends.
 * https://github.com/actions/create-github-app-token
 */
export const createGitHubAppToken: BuiltinAction = async ({ inputs, env, log, setOutput, addMask, onPost }) => {
  const apiUrl = env.GITHUB_API_URL ?? '';
  const clientId = inputs['client-id'] ?? inputs['app-id'] ?? '';
  const key = inputs['private-key'] ?? '';
  if (clientId === '' || key === '') throw new Error('client-id and private-key are required');
  const jwt = appJwt(clientId, key);
  const ask = async (method: string, path: string, token: string, body?: unknown) => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
  };
  const [ownOwner = '', ownName = ''] = (env.GITHUB_REPOSITORY ?? '').split('/');
  const owner = inputs.owner || ownOwner;
  const names = (inputs.repositories ?? '').split(/[\s,]+/).filter((name) => name !== '');
  const repositories = names.length === 0 ? [ownName] : names;
  const repository = `${owner}/${repositories[0]}`;
  const installation = await ask('GET', `/repos/${repository}/installation`, jwt);
  const permissions = Object.fromEntries(
    Object.entries(inputs)
      .filter(([name]) => name.startsWith('permission-'))
      .map(([name, level]) => [name.slice('permission-'.length).replaceAll('-', '_'), level]),
  );
  const answer = await ask('POST', `/app/installations/${installation.id}/access_tokens`, jwt, {
    repositories,
    ...(Object.keys(permissions).length === 0 ? {} : { permissions }),
  });
  const token = String(answer.token);
  addMask(token);
  setOutput('token', token);
  log(`Token for ${repository}`);
  onPost(async () => {
    await ask('DELETE', '/installation/token', token);
  });
};

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
function appJwt(issuer: string, key: string): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 60, exp: now + 540, iss: issuer })}`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(key, 'base64url')}`;
}
