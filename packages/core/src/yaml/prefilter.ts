const TRACE = /[iI]mage|IMAGE|repository|Repository|@sha256:|pkg\.crossplane\.io|grafana\.integreatly\.org/;

/**
 * Whether a file may hold image references: a cheap look at its text or bytes. False means that `scanText` would
 * find none and nothing unread that names one; true promises nothing. Bytes are read one by one, so that broken UTF-8 hides no word.
 */
export function mightHoldImages(content: string | Uint8Array): boolean {
  if (typeof content === 'string') return TRACE.test(content);
  return TRACE.test(Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('latin1'));
}
