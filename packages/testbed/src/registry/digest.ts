import { createHash } from 'node:crypto';

/** `sha256:` and 64 hex digits of the bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Whether the text is a digest as the OCI image spec writes a sha256 one. */
export function isSha256(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}
