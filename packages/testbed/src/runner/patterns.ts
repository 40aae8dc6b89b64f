/**
 * Filter patterns of `branches`, `tags` and `paths`
 * (workflow syntax, "Filter pattern cheat sheet"): `*` any but `/`, `**` any, `?` and `+` repeat what is before, `[]` a set.
 */
function patternToRegExp(pattern: string): RegExp {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === '*') {
      if (pattern.charAt(i + 1) !== '*') source += '[^/]*';
      else if (pattern.charAt(i + 2) === '/' && (i === 0 || pattern.charAt(i - 1) === '/')) {
        source += '(?:.*/)?';
        i += 2;
      } else {
        source += '.*';
        i += 1;
      }
    } else if (char === '[') {
      const end = pattern.indexOf(']', i + 1);
      if (end < 0) source += '\\[';
      else {
        source += `[${pattern.slice(i + 1, end).replace(/\\/g, '\\\\')}]`;
        i = end;
      }
    } else if (char === '?' || char === '+') source += source === '' ? `\\${char}` : char;
    else if (char === '\\' && i + 1 < pattern.length) source += literal(pattern.charAt(++i));
    else source += literal(char);
  }
  return new RegExp(`^${source}$`);
}

/** Whether the patterns take the name, the last that matches deciding; `!` at the start of one takes it out again. */
export function matchesPatterns(patterns: readonly string[], name: string): boolean {
  let included = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith('!');
    if (patternToRegExp(negative ? pattern.slice(1) : pattern).test(name)) included = !negative;
  }
  return included;
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
}
