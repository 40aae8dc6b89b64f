import { gzipSync } from 'node:zlib';

/** A ustar archive of one file (POSIX.1-1988 header), the same bytes on every machine: no times, no owner. */
export function tarOf(name: string, content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  header.write(name.slice(0, 100), 0, 'latin1');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(0, 136, 12);
  header.write('0', 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

/** Gzip without compression and with a neutral header: zlib versions differ in what they compress to, not in this. */
export function storedGzip(bytes: Uint8Array): Uint8Array {
  const zipped = gzipSync(bytes, { level: 0 });
  zipped.fill(0, 4, 9);
  zipped[9] = 0xff;
  return zipped;
}
