import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * GitHub's runners have curl, and the shipped steps use it; a developer's machine may not. This stand-in knows just the
 * options of those steps, and refuses every other by name. It stands last on PATH: a real curl goes before it.
 * @returns the folder to put on PATH
 */
export async function installCurl(folder: string, nodePath: string): Promise<string> {
  const bin = join(folder, '_bin');
  await mkdir(bin, { recursive: true });
  const script = join(bin, 'curl.mjs');
  await writeFile(script, SOURCE);
  const program = join(bin, 'curl');
  await writeFile(program, `#!/bin/sh\nexec '${nodePath}' '${script}' "$@"\n`);
  await chmod(program, 0o755);
  return bin;
}

const SOURCE = `
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const text = { type: 'string' };
const flag = { type: 'boolean' };
let given;
try {
  given = parseArgs({
    allowPositionals: true,
    options: {
      config: text, header: { ...text, multiple: true }, data: text, output: text, retry: text, 'max-time': text,
      silent: flag, 'show-error': flag, 'fail-with-body': flag, 'retry-connrefused': flag,
    },
  });
} catch (error) {
  console.error('curl: not in the test bed: ' + error.message);
  process.exit(2);
}
const { values, positionals: [url] } = given;
const config = values.config === '-' ? readFileSync(0, 'utf8') : '';
const lines = [...config.matchAll(/^header = "(.*)"$/gm)].map((match) => match[1]).concat(values.header ?? []);
const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
const transient = [408, 429, 500, 502, 503, 504];
const tries = 1 + Number(values.retry ?? 0);
for (let attempt = 1; ; attempt++) {
  let status = 0;
  let problem = '';
  try {
    const body = values.data === undefined ? {} : { method: 'POST', body: values.data };
    const form = values.data === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(url, { headers: { ...form, ...headers }, ...body });
    status = response.status;
    const answer = await response.text();
    if (values.output !== '/dev/null') process.stdout.write(answer);
  } catch (error) {
    problem = String(error.cause ?? error);
  }
  if (status >= 200 && status < 400) break;
  if (attempt < tries && (status === 0 || transient.includes(status))) {
    await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** (attempt - 1)));
    continue;
  }
  console.error(status === 0 ? 'curl: (7) ' + problem : 'curl: (22) The requested URL returned error: ' + status);
  process.exit(status === 0 ? 7 : 22);
}
`;
