import { type GitHubOptions, type GitHubServer, startGitHub } from './index.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; undefined without a body. */
  readonly body: Reading;
}

/** JSON as tests read it: whatever it is, they say what they expect. */
export interface Reading {
  readonly [key: string]: Reading;
}

/** A bare client for the test bed's own tests. */
export interface TestClient {
  rest(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  graphql(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Reply>;
}

export function clientOf(server: GitHubServer, token: string | undefined): TestClient {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  async function send(
    url: string,
    method: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    const response = await fetch(url, {
      method,
      headers: { ...authorization, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Reading,
    };
  }
  return {
    rest: (method, path, body, headers = {}) => send(`${server.apiUrl}${path}`, method, body, headers),
    graphql: (query, variables) => send(server.graphqlUrl, 'POST', { query, variables }, {}),
  };
}

export const REPO = 'acme/gitops';
export const AT = `/repos/${REPO}`;
export const FIRST_FILES = {
  'README.md': '# gitops\n',
  'env/dev/api.yaml': 'image: a\n',
  'env/prod/api.yaml': 'image: a\n',
};

export interface Setting {
  readonly server: GitHubServer;
  /** As `alice`, who may write. */
  readonly alice: TestClient;
}

/** A server with `acme/gitops` (Team, private), owner `acme`, and writers alice and bob. */
export async function settle(options: GitHubOptions = {}): Promise<Setting> {
  const server = await startGitHub(options);
  server.createUser('alice');
  server.createUser('bob');
  await server.createRepository({
    owner: 'acme',
    name: 'gitops',
    organization: true,
    files: FIRST_FILES,
    collaborators: { alice: 'write', bob: 'write', root: 'admin', reader: 'read' },
    settings: { allowAutoMerge: true },
  });
  return { server, alice: clientOf(server, server.userToken('alice')) };
}

/** Ends a server and says what it complained of: a test expects nothing. */
export async function finish(server: GitHubServer): Promise<readonly string[]> {
  await server.close();
  return [...server.unhandled, ...server.violations];
}
