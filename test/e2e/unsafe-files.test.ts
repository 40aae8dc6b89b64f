import { expect, it } from '@jest/globals';
import {
  errorsOf,
  failed,
  landedInDev,
  OLD,
  onBed,
  pinned,
  pullsInto,
  pushImages,
  smallRepository,
  stageOf,
  succeeded,
} from './support.js';

const TEMPLATE = `{{- if .Values.api }}\nimage: ghcr.io/ameideio/api:{{ .Values.tag }}\n{{- end }}\n`;
const SECRET = `image: ghcr.io/ameideio/worker:v1
database: ENC[AES256_GCM,data:abc=,iv:def=,tag:ghi=,type:str]
sops:
  kms: []
  lastmodified: "2026-11-01T00:00:00Z"
  mac: ENC[AES256_GCM,data:abc=,iv:def=,tag:ghi=,type:str]
  version: 3.9.0
`;

it('refuses a template that names an image of the Freight by name, and writes nothing of that Stage', async () => {
  await onBed({ files: smallRepository({ 'env/staging/job.yaml': TEMPLATE }) }, async (bed) => {
    await landedInDev(bed, 2);
    const refused = failed(await bed.act('promote', { stage: 'staging' }));
    expect(refused.outputs['reason-code']).toBe('edit-unsafe');
    expect(errorsOf(refused)).toContain('env/staging/job.yaml');
    expect(await pinned(bed, 'staging')).toEqual(OLD);
    expect(pullsInto(bed, 'staging')).toEqual([]);
    expect((await stageOf(bed, 'staging')).open).toBeUndefined();
    expect(await bed.github.readText(bed.repository, 'main', 'env/staging/job.yaml')).toBe(TEMPLATE);
  });
});

it('refuses it for the fast lane too, where other Stages go on', async () => {
  const config = smallRepository()['waybill.yaml']?.replace(
    '  staging:',
    '  local:      {from: platform,  promotion: {via: pull-request}, updates: [{images: "env/local/**"}]}\n  staging:',
  );
  const files = smallRepository({
    'waybill.yaml': config ?? '',
    'waybill.policies.yaml':
      'apiVersion: waybill/v1\nstages:\n  "{local,dev}": {autoPromotion: NewestFreight, autoMerge: true}\n',
    'env/dev/job.yaml': TEMPLATE,
    'env/local/api.yaml': `image: {ref: ghcr.io/ameideio/api@${OLD.api}}\n`,
  });
  await onBed({ files }, async (bed) => {
    const digests = await pushImages(bed, 2);
    const refused = failed(await bed.act('reconcile'));
    expect(errorsOf(refused)).toContain('env/dev/job.yaml');
    expect(await pinned(bed, 'dev')).toEqual(OLD);
    expect(pullsInto(bed, 'dev')).toEqual([]);
    expect(await bed.github.readText(bed.repository, 'main', 'env/local/api.yaml')).toContain(digests.api);
  });
});

it('lists an encrypted file that names no image of the Freight, and goes on', async () => {
  const files = smallRepository({
    'env/dev/secrets.yaml': SECRET,
    'env/dev/other.yaml': '{{- if .Values.x }}\nimage: busybox\n{{- end }}\n',
  });
  await onBed({ files }, async (bed) => {
    const digests = await pushImages(bed, 2);
    const run = succeeded(await bed.act('reconcile'));
    expect(await pinned(bed, 'dev')).toEqual(digests);
    const [pull] = pullsInto(bed, 'dev');
    for (const path of ['env/dev/secrets.yaml', 'env/dev/other.yaml']) {
      expect(pull?.body).toContain(path);
      expect(await bed.github.readText(bed.repository, 'main', path)).toBe(files[path]);
    }
    expect(run.summary).toContain('env/dev/secrets.yaml');
  });
});

it('refuses an encrypted file whose readable text names an image of the Freight', async () => {
  const named = SECRET.replace('worker:v1', 'api:v1');
  await onBed({ files: smallRepository({ 'env/dev/secrets.yaml': named }) }, async (bed) => {
    await pushImages(bed, 2);
    const refused = failed(await bed.act('reconcile'));
    expect(refused.outputs['reason-code']).toBe('edit-unsafe');
    expect(errorsOf(refused)).toContain('env/dev/secrets.yaml');
    expect(await pinned(bed, 'dev')).toEqual(OLD);
  });
});
