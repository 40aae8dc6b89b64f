/**
 * What every shape that the scanner knows leaves in a text: a key that speaks of an image or repository (also as a JSON
 * pointer, a Helm parameter's name, an environment variable's name), a digest, or one of the two API groups whose
 * field is called otherwise.
 */
const TRACE = new RegExp(
  [
    /[iI]mages?[\w-]{0,64}["']?\s*[:=]/,
    /[rR]epository["']?\s*:/,
    /IMAGE/,
    /ullPolicy["']?\s*:/,
    /@sha256/,
    /[iI]mage(?:\.\w|["']?\s*[,\r\n}])/,
    /pkg\.crossplane\.io/,
    /grafana\.integreatly\.org/,
    /install\.istio\.io/,
    /^[ -]*\?[ \n]/,
  ]
    .map((pattern) => pattern.source)
    .join('|'),
  'm',
);

/** Every alternative of `TRACE` holds one of them: most files have none, and a search for a word is far cheaper. */
const WORDS: readonly string[] = [
  'mage',
  'epository',
  'IMAGE',
  'ullPolicy',
  '@sha256',
  'crossplane.io',
  'integreatly.org',
  'istio.io',
  '?',
];

/**
 * Whether a file may hold image references: a cheap look at its text or bytes. False means that `scanText` would
 * find none and nothing unread that names one under an image key; true promises nothing. Bytes are read one by one, so that
 * broken UTF-8 hides no word.
 */
export function mightHoldImages(content: string | Uint8Array): boolean {
  if (typeof content === 'string') return WORDS.some((word) => content.includes(word)) && TRACE.test(content);
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return WORDS.some((word) => bytes.includes(word)) && TRACE.test(bytes.toString('latin1'));
}
