import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FileScan, mightHoldImages, type ReferenceSite, rewriteImages, scanText } from '@waybill/core';
import { isMap, isPair, isScalar, parseAllDocuments, visit } from 'yaml';

const corpora = join(import.meta.dirname, '../../../shared/corpora');
const archives = existsSync(corpora) ? readdirSync(corpora).filter((name) => name.endsWith('.tar.gz')) : [];
const DIGEST = `sha256:${'5a'.repeat(32)}`;

if (archives.length === 0) {
  describe('edits of the corpus', () => {
    it.skip('corpus absent', () => undefined);
  });
} else {
  describe.each(archives)('edits of %s', (archive) => {
    let root = '';
    let files: readonly { readonly path: string; readonly text: string }[] = [];
    let scans: readonly (readonly [{ readonly path: string; readonly text: string }, FileScan])[] = [];

    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'waybill-corpus-'));
      execFileSync('tar', ['-xzf', join(corpora, archive), '-C', root]);
      files = readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
        .map((entry) => {
          const path = join(entry.parentPath, entry.name);
          return { path: path.slice(root.length + 1), text: readFileSync(path, 'utf8') };
        });
      scans = files.map((file) => [file, scanText(file)]);
    });

    afterAll(() => rmSync(root, { recursive: true, force: true }));

    it('finds the images of a promotion-shaped tree', () => {
      const references = scans.flatMap(([, scan]) => scan.references);
      expect(files.length).toBe(4069);
      const count = (test: (site: ReferenceSite) => boolean) => references.filter(test).length;
      expect(count((site) => site.shape.kind === 'kustomize-image')).toBe(174);
      expect(count((site) => site.shape.kind === 'kustomize-image' && site.shape.digest !== undefined)).toBe(3);
      expect(references.length).toBeGreaterThan(700);
      expect(count((site) => site.repository === undefined)).toBeLessThan(10);
    });

    it('edits every site or refuses by name, without one wrong byte', () => {
      let edited = 0;
      const refused = new Map<string, number>();
      for (const [file, scan] of scans) {
        const repositories = new Set(scan.references.flatMap((site) => site.repository ?? []));
        for (const [index, repository] of [...repositories].entries()) {
          const image = { repository, digest: DIGEST, ...(index % 4 === 0 ? {} : { tag: 'v99.9.9' }) };
          const result = rewriteImages(file, image, scan);
          if (!result.ok) {
            for (const { code } of result.refusals) refused.set(code, (refused.get(code) ?? 0) + 1);
            continue;
          }
          edited += result.edits.length;
          expect(outsideOf(file.text, result.edits, 'before')).toBe(outsideOf(result.text, result.edits, 'after'));
          const after = scanText({ ...file, text: result.text });
          const digests = after.references.filter((site) => site.repository === repository).map((site) => site.digest);
          expect(new Set(digests)).toEqual(new Set([DIGEST]));
        }
      }
      expect(edited).toBeGreaterThan(500);
      expect([...refused.keys()].sort()).toEqual(['no-digest-field', 'stale-tag', 'tag-needed', 'template']);
    }, 180_000);

    it("sees as many images as the yaml package's own tree", () => {
      const sample = scans.filter(([file], index) => index % 3 === 0 && mightHoldImages(file.text)).slice(0, 250);
      expect(sample.length).toBeGreaterThan(100);
      for (const [file, scan] of sample) {
        if (scan.unread.length > 0 || file.text.includes('CustomResourceDefinition')) continue;
        const ours = scan.references.filter(
          ({ keyPath }) => /(?:ontainers\[\d+\]|^)\.image$/.test(keyPath) && !keyPath.includes('|'),
        );
        expect({ path: file.path, images: ours.length }).toEqual({
          path: file.path,
          images: containerImages(file.text),
        });
      }
    });
  });
}

interface Splice {
  readonly range: readonly [number, number];
  readonly oldText: string;
  readonly newText: string;
}

/** The text with what the edits replaced, or wrote, cut out. */
function outsideOf(text: string, edits: readonly Splice[], side: 'before' | 'after'): string {
  let shift = 0;
  let at = 0;
  const parts: string[] = [];
  for (const { range, oldText, newText } of edits) {
    const start = range[0] + (side === 'after' ? shift : 0);
    parts.push(text.slice(at, start));
    at = start + (side === 'after' ? newText : oldText).length;
    shift += newText.length - oldText.length;
  }
  return parts.join('\u0000') + text.slice(at);
}

/** How many `image` scalars stand in the items of container lists, counted by another parser on another way. */
function containerImages(text: string): number {
  let count = 0;
  for (const document of parseAllDocuments(text, { uniqueKeys: false })) {
    visit(document, {
      Pair(_, pair, path) {
        const [owner, list, listPair] = [path.at(-1), path.at(-2), path.at(-3)];
        if (!isScalar(pair.key) || pair.key.value !== 'image' || !isScalar(pair.value)) return;
        if (!isMap(owner) || list === undefined || !isPair(listPair) || !isScalar(listPair.key)) return;
        const inStatus = path.some(
          (step) => isPair(step) && isScalar(step.key) && /^(?:status|annotations)$/.test(`${step.key.value}`),
        );
        if (/[cC]ontainers$/.test(`${listPair.key.value}`) && pair.value.value !== '' && !inStatus) count += 1;
      },
    });
  }
  return count;
}
