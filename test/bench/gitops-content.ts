import { createHash } from 'node:crypto';
import type { FreightContent, Registry, Resolution } from '@waybill/core';

export const WAREHOUSE = 'platform';
const STAGES = ['local', 'dev', 'staging', 'production'] as const;
const SERVICES = ['api', 'web', 'worker', 'graph', 'agents', 'gateway'].map((name) => `ghcr.io/acme/${name}`);

/** What a build's Freight is made of. */
export function buildContent(build: number): FreightContent {
  const images = SERVICES.map((repoURL) => ({ repoURL, tag: 'main', digest: digestOf(repoURL, build) }));
  return { origin: { kind: 'Warehouse', name: WAREHOUSE }, images };
}

function digestOf(repository: string, build: number): string {
  return `sha256:${createHash('sha256').update(`${repository} ${build}`).digest('hex')}`;
}

/** A registry in memory: this bench counts the forge's requests and bytes. */
export function registryOf(build: () => number): Registry {
  return {
    resolve: async (references) =>
      references.map(
        (reference): Resolution => ({
          kind: 'resolved',
          image: {
            reference,
            digest: digestOf(reference.repository, build()),
            mediaType: 'application/vnd.oci.image.index.v1+json',
            platforms: ['linux/amd64'],
            annotations: {},
          },
        }),
      ),
    tags: async () => [],
  };
}

export function stageFiles(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    'waybill.yaml': configText(),
    'waybill.policies.yaml':
      'apiVersion: waybill/v1\nstages:\n  dev: {autoPromotion: NewestFreight, autoMerge: true}\n',
  };
  for (const stage of STAGES) {
    for (const service of SERVICES) {
      const name = service.slice(service.lastIndexOf('/') + 1);
      files[`sources/values/env/${stage}/apps/${name}.yaml`] =
        `# ${name} in ${stage}\nimage:\n  ref: ${service}@${digestOf(service, 0)}\nreplicaCount: 2\n`;
    }
  }
  return files;
}

/** The same Stages in a larger repository: charts, other teams' values beside the Stages' folders, documents. */
export function withOthers(
  files: Readonly<Record<string, string>>,
  fileCount: number,
): Readonly<Record<string, string>> {
  const others: [string, string][] = [];
  const folders = ['charts', 'docs', 'sources/values/teams', 'sources/values/env/preview'];
  for (let index = 0; index < fileCount - Object.keys(files).length; index++) {
    const folder = folders[index % folders.length];
    others.push([
      `${folder}/${Math.floor(index / 400)}/${index}.yaml`,
      `# ${index}\nimage: ghcr.io/acme/other:${index}\n`,
    ]);
  }
  return { ...files, ...Object.fromEntries(others) };
}

function configText(): string {
  const from = { local: 'platform', dev: 'platform', staging: '[dev]', production: '[staging]' };
  const stages = STAGES.map(
    (stage) =>
      `  ${stage}: {from: ${from[stage]}, promotion: {via: pull-request}, updates: [{images: "sources/values/env/${stage}/**"}]}`,
  );
  return `apiVersion: waybill/v1
firstParty: [ghcr.io/acme/*]
warehouses:
  platform:
    images: {strategy: Digest, constraint: main, repos: [${SERVICES.join(', ')}]}
stages:
${stages.join('\n')}
`;
}
