import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WaybillError, WaybillErrors } from '@waybill/core';
import { defineAction } from './definition.js';
import { markdown } from './index.js';
import { commonInputs, flag, lines, text } from './inputs.js';
import { type Edge, type Outcome, type Run, runAction } from './run.js';

const definition = defineAction({
  name: 'sample',
  description: 'A sample.',
  inputs: {
    token: commonInputs.token,
    images: lines({ description: 'Images.', required: true }),
    stage: text({ description: 'Stage.' }),
    'dry-run': flag({ description: 'Dry run.' }),
  },
  outputs: { digest: { description: 'Digest.' }, refs: { description: 'References, as JSON.' } },
});

const SECRET = 'ghs_0123456789abcdef';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-run-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const githubEnv = {
  GITHUB_REPOSITORY: 'acme/gitops',
  GITHUB_RUN_ID: '42',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_ACTOR: 'ada',
  GITHUB_EVENT_NAME: 'schedule',
  GITHUB_SERVER_URL: 'https://github.example',
  GITHUB_API_URL: 'https://github.example/api/v3',
  GITHUB_GRAPHQL_URL: 'https://github.example/api/graphql',
  GITHUB_ACTION_REPOSITORY: 'acme/waybill',
};

async function run(
  work: (run: Run<typeof definition>) => Promise<Outcome>,
  env: Readonly<Record<string, string | undefined>> = {},
) {
  let stdout = '';
  let exitCode = 0;
  let counter = 0;
  const edge: Edge = {
    env: {
      ...githubEnv,
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      INPUT_TOKEN: SECRET,
      INPUT_IMAGES: 'ghcr.io/o/api:main\n\n  ghcr.io/o/web:main  \n',
      'INPUT_DRY-RUN': 'true',
      ...env,
    },
    clock: { now: () => new Date('2026-01-02T03:04:05Z'), sleep: async () => undefined },
    entropy: {
      bytes: (length) => {
        counter += 1;
        return new Uint8Array(length).fill(counter);
      },
    },
    write: (written) => {
      stdout += written;
    },
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  await runAction(definition, work, edge);
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return '';
    }
  };
  return { stdout, exitCode, outputs: parseOutputs(read('output')), summary: read('summary') };
}

/** As the runner reads the file behind GITHUB_OUTPUT. */
function parseOutputs(source: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const rest = source.split('\n');
  for (let head = rest.shift(); head !== undefined && head !== ''; head = rest.shift()) {
    const [name = '', delimiter = ''] = head.split('<<');
    const end = rest.indexOf(delimiter);
    outputs[name] = rest
      .splice(0, end + 1)
      .slice(0, -1)
      .join('\n');
  }
  return outputs;
}

describe('runAction', () => {
  it('gives the work typed inputs and the context, and writes outputs and summary', async () => {
    const seen: unknown[] = [];
    const result = await run(async ({ inputs, context, output, summary, clock, log }) => {
      const images: readonly string[] = inputs.images;
      const stage: string | undefined = inputs.stage;
      const dryRun: boolean = inputs['dry-run'];
      const token: string = inputs.token;
      seen.push(images, stage, dryRun, token, context.repository, context.runUrl);
      await log.group('Resolving', async () => log.info(clock.now().toISOString()));
      output('digest', 'sha256:1');
      output('refs', ['a\nb', 'c']);
      summary.add('result', markdown`Resolved ${images.length} images`);
      return { decision: 'done', reasonCode: 'resolved' };
    });
    expect(seen).toEqual([
      ['ghcr.io/o/api:main', 'ghcr.io/o/web:main'],
      undefined,
      true,
      SECRET,
      'acme/gitops',
      'https://github.example/acme/gitops/actions/runs/42/attempts/1',
    ]);
    expect(result.exitCode).toBe(0);
    expect(result.outputs).toEqual({
      digest: 'sha256:1',
      refs: '["a\\nb","c"]',
      decision: 'done',
      'reason-code': 'resolved',
    });
    expect(result.summary).toBe('Resolved 2 images\n');
    expect(result.stdout).toBe(
      `::add-mask::${SECRET}\n::group::Resolving\n2026-01-02T03:04:05.000Z\n::endgroup::\nsample: done (resolved)\n`,
    );
  });

  it('keeps outputs and summary when the work refuses, and ends the log with cause and remedy', async () => {
    const result = await run(async ({ output, summary }) => {
      output('digest', 'sha256:1');
      summary.add('candidates', markdown`Next: none`);
      throw new WaybillError('freight-not-available', {
        what: `Stage production is held by ${SECRET}`,
        where: { file: 'waybill.yaml', line: 3, column: 7 },
        remedy: 'Lift the hold.',
      });
    });
    expect(result.exitCode).toBe(1);
    expect(result.outputs).toEqual({ digest: 'sha256:1', decision: 'refused', 'reason-code': 'freight-not-available' });
    expect(result.summary).toContain('sample: refused');
    expect(result.summary.indexOf('sample: refused')).toBeLessThan(result.summary.indexOf('Next: none'));
    expect(result.stdout).toContain('::error file=waybill.yaml,line=3,col=7::Stage production is held by ***');
    expect(result.stdout.split('\n').slice(-3)).toEqual([
      'refused (freight-not-available): Stage production is held by *** (waybill.yaml:3:7)',
      'What to do: Lift the hold.',
      '',
    ]);
    expect(result.stdout.replace(`::add-mask::${SECRET}`, '')).not.toContain(SECRET);
    expect(result.summary).not.toContain(SECRET);
  });

  it('names every finding of one look; one that could not look makes the whole failed', async () => {
    const result = await run(async () => {
      throw new WaybillErrors([
        new WaybillError('registry-not-found', { what: 'No image a', where: { image: 'a' }, remedy: 'Push it.' }),
        new WaybillError('registry-denied', { what: 'No access to b', where: { image: 'b' }, remedy: 'Grant it.' }),
      ]);
    });
    expect(result.outputs).toEqual({ decision: 'failed', 'reason-code': 'registry-denied' });
    expect(result.stdout.match(/^::error::/gm)).toHaveLength(2);
    expect(result.stdout).toContain('What to do: Push it.');
    expect(result.stdout).toContain('What to do: Grant it.');
  });

  it('reports an unknown error as internal, its stack in the debug log only, no secret anywhere', async () => {
    const result = await run(async ({ mask }) => {
      mask('minted-token');
      throw new TypeError(`cannot read ${SECRET} of minted-token`, { cause: new Error('deeper') });
    });
    expect(result.outputs).toEqual({ decision: 'failed', 'reason-code': 'internal' });
    expect(result.stdout).toContain('https://github.example/acme/waybill/issues/new');
    expect(result.stdout).toMatch(/^::debug::TypeError: cannot read \*\*\* of \*\*\*.*caused by: Error: deeper/m);
    const spoken = result.stdout.replace(/^::(?:add-mask|debug)::.*$/gm, '');
    expect(spoken).not.toMatch(/run\.test|ghs_|minted/);
    expect(result.summary).not.toMatch(/run\.test|ghs_|minted/);
  });

  it('reports wrong inputs together and does no work', async () => {
    let worked = false;
    const result = await run(
      async () => {
        worked = true;
        return { decision: 'done', reasonCode: 'x' };
      },
      { INPUT_IMAGES: '  ', 'INPUT_DRY-RUN': 'yes', INPUT_TOKEN: undefined },
    );
    expect(worked).toBe(false);
    expect(result.outputs).toEqual({ decision: 'refused', 'reason-code': 'input-invalid' });
    expect(result.stdout).toContain('Input images is empty');
    expect(result.stdout).toContain('Input dry-run is neither true nor false but "yes"');
    expect(result.stdout).toContain('Input token is empty');
  });

  it('fails when the outputs cannot be written', async () => {
    const result = await run(async () => ({ decision: 'done', reasonCode: 'x' }), {
      GITHUB_OUTPUT: join(folder, 'absent', 'output'),
    });
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toContain('failed (internal)');
  });

  it('prints the outputs when the runner names no file for them', async () => {
    const result = await run(async () => ({ decision: 'unchanged', reasonCode: 'nothing-new' }), {
      GITHUB_OUTPUT: undefined,
      GITHUB_STEP_SUMMARY: '',
    });
    expect(result.stdout).toContain('Output decision: unchanged\nOutput reason-code: nothing-new\n');
    expect(result.exitCode).toBe(0);
  });
});
