// Measures what the design promises, as ratios within one run. `--json` for machines; row names measure just those.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const run = (command, ...args) => {
  // Standard output is the report's alone.
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', command === process.execPath ? 'inherit' : 2, 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
};

run(join(root, 'node_modules', '.bin', 'tsc'), '-b', 'test');
run(process.execPath, join(root, 'test', 'lib', 'bench', 'main.js'), ...process.argv.slice(2));
