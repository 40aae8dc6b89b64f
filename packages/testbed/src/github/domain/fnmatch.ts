/**
 * Ruby's `File.fnmatch` with FNM_PATHNAME, which GitHub matches rulesets and protected branches with: `*` and `?`
 * stop at a slash, `**` + slash spans folders, any other `**` is a `*`. So `waybill/**` misses `waybill/a/b`, and
 * `waybill/**` + `/*` has it (docs: creating-rulesets-for-a-repository, "Using fnmatch syntax").
 */
export function fnmatch(pattern: string, name: string): boolean {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at);
    const char = pattern.charAt(at);
    const folders = /^(?:\*\*\/)+/.exec(rest);
    if (folders !== null && (at === 0 || pattern.charAt(at - 1) === '/')) {
      source += '(?:[^/]+/)*';
      at += folders[0].length - 1;
    } else if (char === '*') {
      const stars = /^\*+/.exec(rest)?.[0].length ?? 1;
      source += '[^/]*';
      // A folder-spanning `**/` may follow only a slash; here the stars are one `*`.
      at += stars - 1;
    } else if (char === '?') {
      source += '[^/]';
    } else if (char === '[') {
      const set = /^\[([!^]?)((?:\\.|[^\]\\])+)\]/.exec(rest);
      if (set === null) source += '\\[';
      else {
        source += `(?!/)[${set[1] === '' ? '' : '^'}${(set[2] ?? '').replace(/[[\]]/g, '\\$&')}]`;
        at += set[0].length - 1;
      }
    } else if (char === '\\' && at + 1 < pattern.length) {
      at += 1;
      source += literal(pattern.charAt(at));
    } else {
      source += literal(char);
    }
  }
  return new RegExp(`^${source}$`).test(name);
}

function literal(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
