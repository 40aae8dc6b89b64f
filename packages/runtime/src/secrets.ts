import { escaped, render } from '@waybill/core';

/** What must not be shown, neither by the runner nor by us. */
export interface Secrets {
  /** From here on `value`, and each of its lines, is masked. Empty text is nothing to hide. */
  add(value: string): void;
  /** The text with every secret replaced by `***`. */
  redact(text: string): string;
}

/** `mask` tells the runner, which masks the log and the summary; `redact` covers what leaves us by other ways, too. */
export function createSecrets(mask: (value: string) => void): Secrets {
  const known = new Set<string>();
  let longestFirst: readonly string[] = [];
  return {
    add: (value) => {
      for (const secret of [value, ...value.split(/\r\n|\r|\n/)].map((part) => part.trim())) {
        // One or two characters would turn the whole log into asterisks and hide nothing worth hiding.
        if (secret.length > 2 && !known.has(secret)) {
          // In a page the secret may stand escaped, where neither the runner nor a plain search would find it.
          known.add(secret).add(render(escaped(secret)));
          mask(secret);
        }
      }
      longestFirst = [...known].sort((a, b) => b.length - a.length);
    },
    redact: (text) => longestFirst.reduce((shown, secret) => shown.replaceAll(secret, '***'), text),
  };
}
