import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { definitions } from '@waybill/actions';
import { repositoryRoot } from '@waybill/testbed';

const ROOT = repositoryRoot();
const DIST = join(ROOT, 'dist');

/** Starts a stub as the runner would, but without any input: it must come as far as saying what is missing. */
async function start(name: string): Promise<string> {
  const run = promisify(execFile)(process.execPath, [join(DIST, `${name}.js`)], {
    env: { PATH: process.env.PATH ?? '' },
  });
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  return stdout + stderr;
}

describe('dist', () => {
  it('runs on the runner’s Node', () => {
    expect(process.versions.node).toMatch(/^24\./);
  });

  it.each(definitions.map(({ name }) => name))('%s starts, and says what it lacks', async (name) => {
    const said = await start(name);
    expect(said).toContain('What to do:');
    expect(said).not.toMatch(/ERR_|Cannot find|SyntaxError/);
  });

  it('has a stub of two lines for each action, and nothing in it is missing a module', () => {
    for (const { name } of definitions) {
      expect(
        readFileSync(join(DIST, `${name}.js`), 'utf8')
          .trim()
          .split('\n'),
      ).toHaveLength(2);
    }
    for (const file of readdirSync(DIST)) {
      expect(readFileSync(join(DIST, file), 'utf8')).not.toContain('webpackMissingModule');
    }
  });
});
