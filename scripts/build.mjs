// Compiles the sources and bundles dist/. `--check` fails when dist/ is not what the sources give.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minifySync } from '@swc/core';

const root = join(import.meta.dirname, '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const run = (name, ...args) => execFileSync(bin(name), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
const dist = join(root, 'dist');

run('tsc', '-b');
const built = mkdtempSync(join(tmpdir(), 'waybill-dist-'));
try {
  execFileSync(
    bin('ncc'),
    [
      'build',
      join(root, 'actions/lib/index.js'),
      '--out',
      built,
      '--license',
      'licenses.txt',
      '--no-cache',
      '--minify',
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  minifyChunks();
  const { definitions } = await import(join(root, 'actions/lib/index.js'));
  for (const { name } of definitions) {
    writeFileSync(
      join(built, `${name}.js`),
      `import { entries } from './index.js';\nawait entries[${JSON.stringify(name)}]();\n`,
    );
  }
  writeFileSync(join(built, 'licenses.txt'), licenses());
  for (const name of listed(built)) {
    if (readFileSync(join(built, name), 'utf8').includes('webpackMissingModule')) {
      throw new Error(`${name} lacks a module: webpackMissingModule`);
    }
  }
  if (process.argv.includes('--check')) compare();
  else replace();
} finally {
  rmSync(built, { recursive: true, force: true });
}

/** ncc's own `--minify` leaves the chunks that are loaded on demand as they are. */
function minifyChunks() {
  for (const name of listed(built).filter((file) => file.endsWith('.js'))) {
    const source = readFileSync(join(built, name), 'utf8');
    const { code } = minifySync(source, { module: true, compress: true, mangle: true, format: { comments: false } });
    writeFileSync(join(built, name), code);
  }
}

/** The licence of everything the bundle may hold: the dependencies of the packages, and theirs. */
function licenses() {
  const found = new Map();
  const visit = (folder) => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies)) {
      const target = resolvePackage(name, folder);
      const { version, license } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
      const key = `${name} ${version}`;
      if (found.has(key)) continue;
      const file = readdirSync(target).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : readFileSync(join(target, file), 'utf8').replaceAll('\r\n', '\n').trim();
      found.set(key, name.startsWith('@waybill/') ? '' : `${name}\n${license}\n${text}\n`);
      visit(target);
    }
  };
  visit(join(root, 'actions'));
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, text]) => (text === '' ? [] : [text]))
    .join('\n');
}

function resolvePackage(name, from) {
  for (let folder = realpathSync(from); ; folder = join(folder, '..')) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (folder === join(folder, '..')) throw new Error(`${name} is not installed`);
  }
}

function replace() {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  cpSync(built, dist, { recursive: true });
}

function compare() {
  const names = new Set([...listed(built), ...listed(dist)]);
  const different = [...names].filter((name) => read(built, name) !== read(dist, name));
  if (different.length === 0) return;
  throw new Error(`dist/ is not what the sources give: ${different.join(', ')}. Run \`npx pnpm build\` and commit it.`);
}

function listed(folder) {
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
}

function read(folder, name) {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}
