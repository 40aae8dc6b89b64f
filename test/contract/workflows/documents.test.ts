import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES, loadConfig, loadPolicies } from '@waybill/core';
import { parse } from 'yaml';
import { fields, ROOT } from './workflow-files.js';

const documents = globSync(['*.md', 'docs/*.md', 'actions/*/README.md'], { cwd: ROOT }).sort();
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

describe('the documents', () => {
  it('link to files and headings that are there', () => {
    const broken = documents.flatMap((document) =>
      [...read(document).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^https?:/.test(target))
        .filter((target) => !resolves(document, target))
        .map((target) => `${document}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('explain each code, once', () => {
    const explained = [...read('docs/troubleshooting.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
    expect([...explained].sort()).toEqual([...ERROR_CODES].sort());
  });

  it.each(['README.md', 'docs/configuration.md'])('show configuration that Waybill takes: %s', (document) => {
    const blocks = [...read(document).matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
    const [configText = '', policiesText = ''] = blocks.filter((text) => text.includes('apiVersion: waybill/v1'));
    const config = loadConfig({ path: 'waybill.yaml', text: configText });
    const policies = loadPolicies({ path: 'waybill.policies.yaml', text: policiesText }, config);
    expect(config.stages.map(({ name }) => name)).toEqual(['dev', 'staging', 'production']);
    expect(policies.rules.map(({ pattern }) => pattern)).toEqual(['dev', 'production']);
  });

  it('show workflows with only inputs that the actions have', () => {
    const wrong = documents.flatMap((document) =>
      [...read(document).matchAll(/```yaml\n(.*?)```/gs)].flatMap(([, text = '']) => {
        const { steps } = fields(parse(text));
        return (Array.isArray(steps) ? steps : []).flatMap((step: unknown) => {
          const action = /^OWNER\/waybill\/(actions\/[a-z-]+)@/.exec(String(fields(step).uses ?? ''))?.[1];
          if (action === undefined) return [];
          if (!existsSync(join(ROOT, action, 'action.yml'))) return [`${document}: ${action}`];
          const declared = fields(fields(parse(read(`${action}/action.yml`))).inputs);
          return Object.keys(fields(fields(step).with))
            .filter((name) => !Object.hasOwn(declared, name))
            .map((name) => `${document}: ${action}: ${name}`);
        });
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('name no place but the product’s own', () => {
    const found = documents.filter((document) => /\/(?:home|work|root)\/|TODO|FIXME/.test(read(document)));
    expect(found).toEqual([]);
  });
});

function resolves(document: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path);
  if (!existsSync(file) || relative(ROOT, file).startsWith('..')) return false;
  if (anchor === undefined) return true;
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => slug(text));
  return headings.includes(anchor);
}

/** As GitHub makes anchors of headings. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
