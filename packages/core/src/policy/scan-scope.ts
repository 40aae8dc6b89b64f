import { decodeUtf8, type FileScan } from '../yaml/index.js';
import { scanDockerfile } from './scope-dockerfile.js';
import { scopeScan } from './scope-site.js';
import { scanCompose, scanWorkflow } from './scope-yaml.js';
import type { FileScope } from './scopes.js';

/** The images of a file of one of the scopes that are judged when asked for. Never throws. */
export function scanScope(
  scope: Exclude<FileScope, 'deployed'>,
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
): FileScan {
  const text = decodeUtf8(bytes);
  if (text === undefined) {
    return scopeScan(path, [], [{ path, kind: 'not-utf8', line: 1, detail: 'the file is not UTF-8', mentions: [] }]);
  }
  switch (scope) {
    case 'compose':
      return scanCompose(path, text);
    case 'workflows':
      return scanWorkflow(path, text);
    case 'dockerfile':
      return scanDockerfile(path, text);
  }
}
