// Compiles what the demo stands on and runs it. Arguments are the demo's: `--keep DIR`.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const compiled = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-b', 'packages/demo'], {
  cwd: root,
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(1);
const { status } = spawnSync(process.execPath, [join(root, 'packages/demo/lib/main.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
