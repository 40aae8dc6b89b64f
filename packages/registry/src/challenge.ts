/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case; of a repeated name the first value counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longer headers are cut: no registry needs more, and the header is foreign text. */
const MAXIMUM_LENGTH = 16_384;

const SEPARATORS = /[\s,]*/y;
const SPACES = /[ \t]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"/y;

/**
 * Reads all challenges of a `WWW-Authenticate` value, several headers joined by a comma included. Some registries
 * send two in one header (`Bearer …,Basic …`), and scopes hold commas inside quotes, so splitting on commas is wrong.
 * What cannot be read ends the list; it never throws.
 * Rule: RFC 9110 §11.6.1 and §5.6.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, MAXIMUM_LENGTH);
  const challenges: Challenge[] = [];
  let position = 0;

  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    position = pattern.lastIndex;
    return match;
  };

  for (;;) {
    take(SEPARATORS);
    const scheme = take(TOKEN)?.[0];
    if (scheme === undefined) return challenges;
    take(SPACES);
    const parameters = new Map<string, string>();
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
    if (take(TOKEN68) !== undefined && text[position] !== '=') continue;
    for (;;) {
      const before = position;
      take(SEPARATORS);
      const name = take(TOKEN)?.[0];
      take(SPACES);
      if (name === undefined || text[position] !== '=') {
        // Not a parameter: the word is the next challenge's scheme.
        position = before;
        break;
      }
      position += 1;
      take(SPACES);
      const quoted = take(QUOTED)?.[1];
      const value = quoted === undefined ? take(TOKEN)?.[0] : quoted.replace(/\\([\s\S])/g, '$1');
      if (value === undefined) return challenges;
      const key = name.toLowerCase();
      if (!parameters.has(key)) parameters.set(key, value);
    }
  }
}
