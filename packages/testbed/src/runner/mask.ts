/** Replaces secrets by `***`. Values are added as the job learns of them and hold until it ends. */
export interface Masker {
  add(secret: string): void;
  mask(text: string): string;
  /** Whether the text holds a secret: a job output that does is not handed on. */
  holds(text: string): boolean;
}

/**
 * A secret of several lines is masked as a whole and line by line, because output is read in lines (the runner's
 * AddMaskCommandExtension and SecretMasker do the same). Its base64 and JSON-escaped forms are masked too.
 */
export function createMasker(initial: readonly string[] = []): Masker {
  const values = new Set<string>();
  let ordered: readonly string[] = [];
  const add = (secret: string): void => {
    const candidates = [secret, ...secret.split(/\r\n|\r|\n/)];
    for (const candidate of candidates) {
      const value = candidate.trim();
      if (value === '') continue;
      values.add(value);
      values.add(JSON.stringify(value).slice(1, -1));
      if (value.length >= 8) values.add(Buffer.from(value).toString('base64'));
    }
    ordered = [...values].sort((a, b) => b.length - a.length);
  };
  for (const secret of initial) add(secret);
  return {
    add,
    mask: (text) => ordered.reduce((masked, value) => masked.replaceAll(value, '***'), text),
    holds: (text) => ordered.some((value) => text.includes(value)),
  };
}
