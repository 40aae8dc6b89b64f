import { describe, expect, it } from '@jest/globals';
import {
  aliasPath,
  EMPTY_LEDGER,
  type Forge,
  type FreightContent,
  type FreightRecord,
  freightId,
  freightPath,
  printFreight,
  type Snapshot,
  type TreeFile,
} from '@waybill/core';
import { recallAsked, recallDiscovered } from './recall.js';

const CONTENT: FreightContent = {
  origin: { kind: 'Warehouse', name: 'app' },
  images: [{ repoURL: 'ghcr.io/o/api', tag: 'main', digest: `sha256:${'a'.repeat(64)}` }],
};
const ID = freightId(CONTENT);
const RECORD: FreightRecord = {
  freight: { ...CONTENT, id: ID, alias: 'brave-otter', discoveredAt: '2026-01-01T00:00:00Z' },
  verifiedIn: { dev: { at: '2026-01-01T00:00:00Z', longestSoak: 0 } },
  approvedFor: {},
};
const SNAPSHOT = { ledger: { commits: [{ oid: 'h' }] } } as unknown as Snapshot;

/** A forge whose ledger holds these files. */
function ledgerWith(files: Readonly<Record<string, string>>): Forge {
  const paths = Object.keys(files);
  return {
    folder: async (_: string, folder: string): Promise<readonly TreeFile[]> =>
      paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => ({ path, oid: path, mode: '100644' })),
    blobs: async (oids: readonly string[]) =>
      new Map(oids.map((oid) => [oid, new TextEncoder().encode(files[oid] ?? '')])),
  } as unknown as Forge;
}

const WHOLE = { [freightPath(ID)]: printFreight(RECORD), [aliasPath('brave-otter', ID)]: '' };

describe('recallAsked', () => {
  it.each([ID, ID.slice(0, 7), ID.slice(0, 7).toUpperCase(), 'brave-otter'])('finds %s', async (asked) => {
    const state = await recallAsked(ledgerWith(WHOLE), SNAPSHOT, EMPTY_LEDGER, asked);
    expect(state.freight).toEqual({ [ID]: RECORD });
  });

  it.each(['', undefined, 'abc', 'quiet-mouse', '../../etc', '0000000'])('finds nothing for %s', async (asked) => {
    expect(await recallAsked(ledgerWith(WHOLE), SNAPSHOT, EMPTY_LEDGER, asked)).toBe(EMPTY_LEDGER);
  });

  it('leaves an ambiguous prefix to be refused', async () => {
    const other = `${ID.slice(0, 8)}${'0'.repeat(32)}`;
    const files = { ...WHOLE, [freightPath(other)]: '{}' };
    expect(await recallAsked(ledgerWith(files), SNAPSHOT, EMPTY_LEDGER, ID.slice(0, 8))).toBe(EMPTY_LEDGER);
  });

  it('takes an alias that two bear for neither', async () => {
    const files = { ...WHOLE, [aliasPath('brave-otter', '0'.repeat(40))]: '' };
    expect(await recallAsked(ledgerWith(files), SNAPSHOT, EMPTY_LEDGER, 'brave-otter')).toBe(EMPTY_LEDGER);
  });

  it('refuses a file whose Freight is not what its name says', async () => {
    const forged = { ...RECORD, freight: { ...RECORD.freight, images: [] } };
    const files = { ...WHOLE, [freightPath(ID)]: printFreight(forged) };
    await expect(recallAsked(ledgerWith(files), SNAPSHOT, EMPTY_LEDGER, ID)).rejects.toMatchObject({
      code: 'ledger-invalid',
    });
  });

  it('does not ask for what the state holds', async () => {
    const state = { ...EMPTY_LEDGER, freight: { [ID]: RECORD } };
    expect(await recallAsked({} as Forge, SNAPSHOT, state, 'brave-otter')).toBe(state);
  });
});

describe('recallDiscovered', () => {
  const discoveries = new Map([['app', { kind: 'freight', id: ID, content: CONTENT } as const]]);

  it('brings back what a tag points at again, with what it has been through', async () => {
    const state = await recallDiscovered(ledgerWith(WHOLE), SNAPSHOT, EMPTY_LEDGER, discoveries);
    expect(state.freight[ID]?.verifiedIn).toEqual(RECORD.verifiedIn);
  });

  it('leaves new Freight new', async () => {
    expect(await recallDiscovered(ledgerWith({}), SNAPSHOT, EMPTY_LEDGER, discoveries)).toBe(EMPTY_LEDGER);
  });
});
