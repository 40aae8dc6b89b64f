import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ROOT } from './action-files.js';

function generate(...args: readonly string[]) {
  const result = spawnSync(process.execPath, [join(ROOT, 'scripts/generate-action-docs.mjs'), ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status: result.status, stderr: result.stderr };
}

describe('the READMEs of actions/', () => {
  it('have fresh tables', () => {
    expect(generate('--check')).toEqual({ status: 0, stderr: '' });
  });
});

describe('generate-action-docs', () => {
  let actions: string;
  beforeEach(() => {
    actions = mkdtempSync(join(tmpdir(), 'waybill-docs-'));
    mkdirSync(join(actions, 'sample'));
    mkdirSync(join(actions, 'no-action'));
    writeFileSync(
      join(actions, 'sample/action.yml'),
      [
        'inputs:',
        '  images: {description: "References, one a line", required: true}',
        `  token: {description: "a\\n| b", default: "\${{ github.token }}"}`,
        '  stage: {description: Stage}',
        'outputs:',
        '  digest: {description: Digest}',
      ].join('\n'),
    );
  });
  afterEach(() => {
    rmSync(actions, { recursive: true });
  });
  const readme = () => join(actions, 'sample/README.md');

  it('fills the tables, keeps the rest, and is then content', () => {
    writeFileSync(
      readme(),
      '# Sample\n\n<!-- inputs -->\nold\n<!-- /inputs -->\n\nText.\n\n<!-- outputs --><!-- /outputs -->\n',
    );
    expect(generate('--check', actions).status).toBe(1);
    expect(generate(actions)).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(readme(), 'utf8')).toBe(
      [
        '# Sample',
        '',
        '<!-- inputs -->',
        '| Input | Description | Default |',
        '| --- | --- | --- |',
        '| `images` | References, one a line | **required** |',
        `| \`token\` | a \\| b | \`\${{ github.token }}\` |`,
        '| `stage` | Stage |  |',
        '<!-- /inputs -->',
        '',
        'Text.',
        '',
        '<!-- outputs -->',
        '| Output | Description |',
        '| --- | --- |',
        '| `digest` | Digest |',
        '<!-- /outputs -->',
        '',
      ].join('\n'),
    );
    expect(generate('--check', actions)).toEqual({ status: 0, stderr: '' });
  });

  it('names a README that is missing or lacks its comments', () => {
    expect(generate('--check', actions)).toMatchObject({ status: 1, stderr: expect.stringContaining('is missing') });
    writeFileSync(readme(), '# Sample\n<!-- inputs -->\n<!-- /inputs -->\n');
    expect(generate(actions)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('needs the comments <!-- outputs -->'),
    });
  });
});
