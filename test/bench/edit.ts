import { rewriteImages, scanText } from '@waybill/core';
import { parseDocument } from 'yaml';
import { type Benchmark, judged, type Row, type Target } from './row.js';
import { fastest, rounded, takeTurns } from './samples.js';
import { type ValuesFile, valuesTree } from './values-tree.js';

const SPEED: Target = { row: 'edit', atLeast: 3, unit: '× yaml' };
const EXACT: Target = { row: 'edit, other bytes changed', atMost: 0, unit: 'bytes' };
const FILES = 1_000;
/** The two take turns this often in a round. */
const PORTIONS = 10;
const ROUNDS = 9;
const SERVICES = ['api', 'web', 'worker', 'graph', 'agents', 'gateway'].map((name) => `ghcr.io/acme/${name}`);
const FROM = `sha256:${'0123456789abcdef'.repeat(4)}`;
const TO = `sha256:${'fedcba9876543210'.repeat(4)}`;

/** Giving every image of a tree its digest: scan, rewrite and verify, against the usual parse, set and print. */
export const edit: Benchmark = { targets: [SPEED, EXACT], needs: [], measure };

async function measure(): Promise<readonly Row[]> {
  const files = valuesTree(FILES, SERVICES, { from: FROM, to: TO });
  const portions = Array.from({ length: PORTIONS }, (_, index) => files.filter((_file, at) => at % PORTIONS === index));
  const oursThenTheirs = portions.flatMap((portion) => [() => portion.map(rewritten), () => portion.map(printed)]);
  const samples = await takeTurns(oursThenTheirs, { rounds: ROUNDS, warmUp: 2 });
  const sumOf = (parity: number) =>
    samples.filter((_, index) => index % 2 === parity).reduce((sum, one) => sum + fastest(one), 0);
  const [ours, theirs] = [sumOf(0), sumOf(1)];
  const stray = strayIn(files, rewritten);
  const strayYaml = strayIn(files, printed);
  return [
    judged(
      SPEED,
      theirs / ours,
      `${FILES} values files, one image in each: scan + rewrite + verify ${rounded(ours)} ms, yaml's parse + set + stringify ` +
        `${rounded(theirs)} ms; the fastest of ${ROUNDS}`,
    ),
    judged(
      EXACT,
      stray.bytes,
      `bytes that differ from the files with just the digests replaced; yaml's: ${strayYaml.bytes} in ${strayYaml.files} files`,
    ),
  ];
}

/** As a promotion does it: all images of the Freight are asked for, whatever the file holds. */
const IMAGES = SERVICES.map((repository) => ({ repository, digest: TO }));

function rewritten(file: ValuesFile): string {
  const source = { path: file.path, text: file.before };
  const result = rewriteImages(source, IMAGES, scanText(source));
  if (!result.ok) throw new Error(`${file.path} was refused: ${result.refusals[0].why}`);
  return result.text;
}

/** Told where the value is, which the product finds out. */
function printed(file: ValuesFile): string {
  const document = parseDocument(file.before);
  document.setIn(file.keyPath, file.value);
  return document.toString();
}

function strayIn(
  files: readonly ValuesFile[],
  edited: (file: ValuesFile) => string,
): { readonly bytes: number; readonly files: number } {
  const counts = files.map((file) => strayBytes(Buffer.from(edited(file)), Buffer.from(file.expected)));
  return { bytes: counts.reduce((sum, count) => sum + count, 0), files: counts.filter((count) => count > 0).length };
}

/** Bytes between the first and the last that differ; 0 for the same text. */
function strayBytes(actual: Buffer, expected: Buffer): number {
  const shorter = Math.min(actual.length, expected.length);
  let start = 0;
  while (start < shorter && actual[start] === expected[start]) start++;
  let end = 0;
  while (end < shorter - start && actual.at(-1 - end) === expected.at(-1 - end)) end++;
  return Math.max(actual.length, expected.length) - start - end;
}
