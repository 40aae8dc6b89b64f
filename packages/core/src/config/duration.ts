const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;

/** Milliseconds of a duration as Go writes it (`1h30m`, `5m0s`), or undefined. Go's time.ParseDuration, less the sign. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  let total = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (match === null) return undefined;
    total += Number(match[1]) * (UNITS.get(match[2] ?? '') ?? 0);
    at += match[0].length;
  }
  return text === '' || !Number.isSafeInteger(Math.round(total)) ? undefined : Math.round(total);
}
