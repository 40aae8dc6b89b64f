import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkCall } from '../../../packages/testbed/src/runner/inputs.js';
import { elevation, type RequestedPermissions } from '../../../packages/testbed/src/runner/permissions.js';
import { parseWorkflowFile } from '../../../packages/testbed/src/runner/workflow-file.js';
import {
  allSteps,
  composites,
  fields,
  fileNamed,
  jobsOf,
  ROOT,
  readSource,
  reusable,
  type SourceFile,
  starters,
  workflows,
} from './workflow-files.js';

describe('every workflow', () => {
  it.each(workflows.map((file) => [file.path, file] as const))('%s is one by GitHub’s own parser', async (_, file) => {
    await expect(parseWorkflowFile(file.path, file.text)).resolves.toMatchObject({ path: file.path });
  });

  it.each([...reusable, ...starters].map((file) => [file.path, file] as const))(
    '%s has nothing that the test bed’s runner can’t run',
    async (_, file) => {
      const parsed = await parseWorkflowFile(file.path, file.text);
      expect(parsed.jobs().map(({ id }) => id)).toEqual(jobsOf(file).map(({ id }) => id));
    },
  );

  it('has scripts that bash can read', () => {
    const broken = [...workflows, ...composites].flatMap((file) =>
      allSteps(file).flatMap(({ at, run }) => {
        if (run === undefined) return [];
        const { status, stderr } = spawnSync('bash', ['-n'], { input: run, encoding: 'utf8' });
        return status === 0 ? [] : [`${at}: ${stderr}`];
      }),
    );
    expect(broken).toEqual([]);
  });
});

describe('what we call in our own repository', () => {
  it('exists, gets only inputs that it declares, and all that it requires', () => {
    const wrong = [...workflows, ...composites].flatMap((file) =>
      allSteps(file).flatMap(({ at, uses, content }) => {
        const folder = ownAction(uses);
        if (folder === undefined) return [];
        const manifest = readManifest(folder);
        if (manifest === undefined) return [`${at}: ${uses} does not exist`];
        const declared = fields(manifest.content.inputs);
        const given = Object.keys(fields(content.with));
        return [
          ...given.filter((name) => !Object.hasOwn(declared, name)).map((name) => `${at}: ${name} is no input`),
          ...Object.entries(declared)
            .filter(([name, input]) => fields(input).required === true && !given.includes(name))
            .map(([name]) => `${at}: ${name} is missing`),
        ];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('gives the outputs that are read from it', () => {
    const wrong = [...workflows, ...composites].flatMap((file) => {
      const outputs = new Map(
        allSteps(file).flatMap(({ content, uses }) => {
          const folder = ownAction(uses);
          if (typeof content.id !== 'string' || folder === undefined) return [];
          return [[content.id, Object.keys(fields(readManifest(folder)?.content.outputs))] as const];
        }),
      );
      return [...file.text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)].flatMap(([text, id = '', name = '']) =>
        outputs.get(id)?.includes(name) === false ? [`${file.path}: ${text}`] : [],
      );
    });
    expect(wrong).toEqual([]);
  });

  it('is never reached by ./, which is the workspace', () => {
    const relative = [...workflows, ...composites].flatMap((file) => file.text.match(/uses: \.\/\S*/g) ?? []);
    expect(relative).toEqual([]);
  });
});

describe('the starters', () => {
  const calls = starters.flatMap((file) =>
    jobsOf(file).flatMap(({ content }) => {
      const name = /^OWNER\/waybill\/\.github\/workflows\/([^@]+)@/.exec(String(content.uses ?? ''))?.[1];
      return name === undefined ? [] : [{ file, content, called: fileNamed(reusable, name) }];
    }),
  );

  it('call the two reusable workflows as these want it', () => {
    const problems = calls.map(({ file, content, called }) => {
      const { inputs, secrets } = fields(fields(called.content.on).workflow_call);
      const given = { inputs: Object.keys(fields(content.with)), secrets: Object.keys(fields(content.secrets)) };
      const problem = checkCall(given, {
        inputs: inputsOf(inputs),
        secrets: fields(secrets) as Record<string, object>,
      });
      return `${file.name}: ${problem ?? 'fine'}`;
    });
    expect(problems).toEqual(['waybill-promote.yml: fine', 'waybill-reconcile.yml: fine']);
  });

  it('grant the called jobs what they ask for, and no more', () => {
    for (const { content, called } of calls) {
      const cap = fields(content.permissions) as RequestedPermissions;
      const asked = jobsOf(called).map((job) => fields(job.content.permissions) as RequestedPermissions);
      expect(asked.map((one) => elevation(one, typeof cap === 'string' ? {} : cap))).toEqual(
        asked.map(() => undefined),
      );
      expect(Object.assign({}, ...asked)).toEqual(cap);
    }
  });

  it('have the properties that GitHub shows them by', () => {
    const folder = join(ROOT, '.github/workflow-templates');
    const properties = readdirSync(folder).filter((name) => name.endsWith('.properties.json'));
    expect(properties).toEqual(starters.map(({ name }) => name.replace(/yml$/, 'properties.json')));
    for (const name of properties) {
      expect(JSON.parse(readFileSync(join(folder, name), 'utf8'))).toEqual({
        name: expect.stringMatching(/^Waybill /),
        description: expect.stringMatching(/\.$/),
        iconName: expect.stringMatching(/^octicon [a-z-]+$/),
        categories: expect.arrayContaining([expect.any(String)]),
      });
    }
  });

  it('start reconcile by every event that may bring news', () => {
    const { on } = fileNamed(starters, 'waybill-reconcile.yml').content;
    expect(Object.keys(fields(on)).sort()).toEqual(['push', 'repository_dispatch', 'schedule', 'workflow_dispatch']);
  });

  it('listen once per push, whatever the number of manifests', () => {
    const [job] = jobsOf(fileNamed(starters, 'waybill-listen.yml'));
    expect(job?.content.if).toBe("github.event.registry_package.package_version.container_metadata.tag.name != ''");
  });

  it('agree on the type of the dispatch', () => {
    const { on } = fileNamed(starters, 'waybill-reconcile.yml').content;
    const notify = fields(fields(composites[0]?.content.inputs)['event-type']).default;
    expect(fields(fields(on).repository_dispatch).types).toEqual([notify]);
    expect(fileNamed(starters, 'waybill-listen.yml').text).toContain(`{"event_type":"${String(notify)}"}`);
  });

  it('ask for the Stage among the environments, and for nothing that is not passed on', () => {
    const file = fileNamed(starters, 'waybill-promote.yml');
    const inputs = fields(fields(fields(file.content.on).workflow_dispatch).inputs);
    expect(Object.keys(inputs)).toEqual(['stage', 'freight', 'reason', 'dry-run']);
    expect(inputs.stage).toMatchObject({ type: 'environment', required: true });
    expect(inputs['dry-run']).toMatchObject({ type: 'boolean', default: false });
    expect(Object.keys(fields(jobsOf(file)[0]?.content.with))).toEqual(expect.arrayContaining(Object.keys(inputs)));
  });
});

/** The folder of an action of ours that a step uses, as users (`OWNER/waybill/…`) and as we (`$/…`) write it. */
function ownAction(uses: string | undefined): string | undefined {
  return /^(?:\$|OWNER\/waybill)\/(actions\/[^@]+)/.exec(uses ?? '')?.[1];
}

function readManifest(folder: string): SourceFile | undefined {
  return existsSync(join(ROOT, folder, 'action.yml')) ? readSource(`${folder}/action.yml`) : undefined;
}

function inputsOf(inputs: unknown) {
  return Object.fromEntries(
    Object.entries(fields(inputs)).map(([name, input]) => {
      const { type, required, default: byDefault } = fields(input);
      return [name, { type: String(type), required: required === true, default: byDefault }] as const;
    }),
  );
}
