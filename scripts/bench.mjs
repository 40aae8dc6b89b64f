// Measures what the design promises, as ratios within one run. `--json` for machines; names of rows measure just those.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const run = (stdout, command, ...args) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', stdout, 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
};

// The compiler speaks on standard error: standard output is the report's alone.
run(process.stderr, join(root, 'node_modules', '.bin', 'tsc'), '-b', 'test');
run('inherit', process.execPath, join(root, 'test', 'lib', 'bench', 'main.js'), ...process.argv.slice(2));
