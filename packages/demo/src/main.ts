import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startBed } from '@waybill/testbed';
import { createNarrator } from './narrate.js';
import { liveTheStory } from './story.js';

const { values } = parseArgs({ options: { keep: { type: 'string' } }, allowPositionals: true });
const tell = createNarrator((text) => process.stdout.write(text));

tell.say(
  'Waybill: an image push, and how it gets to production. Everything runs here: a registry, a GitHub over real Git,',
);
tell.say('and a runner with the workflow files a user has, on the committed bundle.');
const bed = await startBed({ identity: 'app', requiredCheck: 'checks' });
try {
  const outcome = await liveTheStory(bed, tell);
  const complaints = [...bed.github.unhandled, ...bed.github.violations];
  if (complaints.length > 0) throw new Error(`The test bed objects:\n${complaints.join('\n')}`);
  if (values.keep !== undefined) {
    const folder = resolve(process.env.INIT_CWD ?? process.cwd(), values.keep);
    await mkdir(folder, { recursive: true });
    await cp(bed.github.gitDirectory(bed.repository), join(folder, 'gitops.git'), { recursive: true });
    const { id, alias, images } = outcome.freight;
    const kept = {
      freight: { id, alias, images: images.map(({ repoURL, tag, digest }) => ({ repoURL, tag, digest })) },
      promotions: outcome.promotions,
    };
    await writeFile(join(folder, 'demo.json'), `${JSON.stringify(kept, null, 2)}\n`);
    tell.say(`\nKept: ${join(folder, 'gitops.git')} and ${join(folder, 'demo.json')}`);
  }
  tell.say(`\n${outcome.proof}`);
} catch (error) {
  tell.say(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await bed.close();
}
