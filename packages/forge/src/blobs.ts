import { gitBlobOid, WaybillError } from '@waybill/core';
import type { Client } from './client.js';
import { toWaybillError } from './errors.js';

const BLOBS_PER_QUERY = 100;

interface BlobNode {
  readonly text?: string | null;
}

/**
 * Contents by oid. GraphQL gives text in batches; what comes back is hashed and, where it is not the blob to the byte
 * (binary, truncated, a byte order mark lost on the way), fetched one by one from the Git database instead.
 */
export async function readBlobs(client: Client, oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
  const wanted = [...new Set(oids)];
  const contents = new Map<string, Uint8Array>();
  for (let start = 0; start < wanted.length; start += BLOBS_PER_QUERY) {
    const batch = wanted.slice(start, start + BLOBS_PER_QUERY);
    const answer = await queryTexts(client, batch);
    for (const [index, oid] of batch.entries()) {
      const text = answer[`blob${index}`]?.text;
      const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : undefined;
      contents.set(oid, bytes !== undefined && gitBlobOid(bytes) === oid ? bytes : await readBlob(client, oid));
    }
  }
  return contents;
}

async function queryTexts(
  client: Client,
  batch: readonly string[],
): Promise<Readonly<Record<string, BlobNode | null>>> {
  const aliases = batch.map((_, index) => `blob${index}: object(oid: $blob${index}) { ... on Blob { text } }`);
  const variables = Object.fromEntries(batch.map((oid, index) => [`blob${index}`, oid]));
  const names = Object.keys(variables).map((name) => `$${name}: GitObjectID!`);
  const answer = await client.query<{ readonly repository: Readonly<Record<string, BlobNode | null>> }>(
    `read files of ${client.owner}/${client.name}`,
    `query Blobs($owner: String!, $name: String!, ${names.join(', ')}) {
  repository(owner: $owner, name: $name) {
    ${aliases.join('\n    ')}
  }
}`,
    variables,
  );
  return answer.repository;
}

async function readBlob(client: Client, oid: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    const blob = await client.get<{ readonly content: string }>('/git/blobs/{file_sha}', { file_sha: oid });
    bytes = new Uint8Array(Buffer.from(blob.content, 'base64'));
  } catch (error) {
    throw toWaybillError(error, `read blob ${oid}`);
  }
  if (gitBlobOid(bytes) !== oid) {
    throw new WaybillError('forge-protocol', {
      what: `GitHub answered blob ${oid} with other bytes`,
      remedy: 'Run again; if it stays, report it with the blob id.',
    });
  }
  return bytes;
}
