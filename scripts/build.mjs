// Compiles the sources and bundles dist/. `--check` fails when dist/ is not what the sources give.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  const { definitions } = await import(join(root, 'actions/lib/index.js'));
  for (const { name } of definitions) {
    writeFileSync(
      join(built, `${name}.js`),
      `import { entries } from './index.js';\nawait entries[${JSON.stringify(name)}]();\n`,
    );
  }
  const bundle = readFileSync(join(built, 'index.js'), 'utf8');
  if (bundle.includes('webpackMissingModule')) throw new Error('The bundle lacks a module: webpackMissingModule');
  if (process.argv.includes('--check')) compare();
  else replace();
} finally {
  rmSync(built, { recursive: true, force: true });
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
