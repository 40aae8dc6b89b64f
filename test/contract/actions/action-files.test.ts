import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isComposite, mainPath, oneLine, ROOT, readActionFiles } from './action-files.js';

const KEBAB_CASE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax#branding */
const BRANDING_COLORS = ['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark'];

const actions = readActionFiles();

describe('every action.yml', () => {
  it('describes the action, each input and each output, under kebab-case names', () => {
    const undescribed = actions.flatMap((action) => [
      ...(action.description === '' ? [action.folder] : []),
      ...[...Object.entries(action.inputs), ...Object.entries(action.outputs)]
        .filter(([, { description }]) => description === '')
        .map(([name]) => `${action.folder}: ${name}`),
    ]);
    const misnamed = actions
      .flatMap((action) => [action.folder, ...Object.keys(action.inputs), ...Object.keys(action.outputs)])
      .filter((name) => !KEBAB_CASE.test(name));
    expect({ undescribed, misnamed }).toEqual({ undescribed: [], misnamed: [] });
  });

  it('has no input that is required and has a default', () => {
    const contradictory = actions.flatMap((action) =>
      Object.entries(action.inputs)
        .filter(([, input]) => input.required && input.default !== undefined)
        .map(([name]) => `${action.folder}: ${name}`),
    );
    expect(contradictory).toEqual([]);
  });

  it('runs on Node 24 from a file that is in dist/, unless it is composite', () => {
    const wrong = actions
      .filter((action) => !isComposite(action))
      .flatMap((action) => {
        const main = mainPath(action);
        return [
          ...(action.using === 'node24' ? [] : [`${action.folder}: using ${action.using}`]),
          ...(relative(join(ROOT, 'dist'), main).startsWith('..') ? [`${action.folder}: ${main} is not in dist`] : []),
          ...(existsSync(main) ? [] : [`${action.folder}: ${main} does not exist`]),
        ];
      });
    expect(wrong).toEqual([]);
  });

  it('has no branding, or one that the Marketplace takes', () => {
    const wrong = actions
      .filter(({ branding }) => branding !== undefined)
      .filter(({ branding }) => !isBranding(branding))
      .map(({ folder }) => folder);
    expect(wrong).toEqual([]);
  });
});

describe('oneLine', () => {
  it('makes a folded description the same as one on a line', () => {
    expect(oneLine('Say what\n  would be done.\n')).toBe('Say what would be done.');
  });
});

function isBranding(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'icon' in value &&
    'color' in value &&
    KEBAB_CASE.test(String(value.icon)) &&
    BRANDING_COLORS.includes(String(value.color))
  );
}
