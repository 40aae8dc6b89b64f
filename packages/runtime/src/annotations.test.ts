import { describe, expect, it } from '@jest/globals';
import { type Annotation, createAnnotations, selectAnnotations } from './annotations.js';
import { createCommands } from './commands.js';
import { createLog } from './log.js';

const annotation = (kind: Annotation['kind'], message: string, weight = 0): Annotation => ({
  kind,
  message,
  place: {},
  weight,
});

describe('selectAnnotations', () => {
  it('puts errors first, the heaviest of a kind first, and equal ones once', () => {
    const selected = selectAnnotations([
      annotation('notice', 'n'),
      annotation('warning', 'w'),
      annotation('error', 'light'),
      annotation('error', 'heavy', 2),
      annotation('error', 'light', 1),
    ]);
    expect(selected.map(({ message }) => message)).toEqual(['heavy', 'light', 'w', 'n']);
  });

  it('keeps ten of a kind, and the last says how many there are', () => {
    const selected = selectAnnotations([
      ...Array.from({ length: 37 }, (_, index) => annotation('warning', `w${index}`, index)),
      ...Array.from({ length: 10 }, (_, index) => annotation('error', `e${index}`)),
    ]);
    expect(selected).toHaveLength(20);
    expect(selected.slice(0, 10).map(({ message }) => message)).toEqual(
      Array.from({ length: 10 }, (_, index) => `e${index}`),
    );
    expect(selected[10]?.message).toBe('w36');
    expect(selected.at(-1)?.message).toBe(
      'w27\n(10 of 37 warnings are shown, 27 more are in the log and the job summary.)',
    );
  });
});

describe('the log', () => {
  function setUp() {
    let written = '';
    const commands = createCommands(
      {},
      (text) => {
        written += text;
      },
      () => '00',
    );
    const redact = (text: string) => text.replaceAll('secret', '***');
    const annotations = createAnnotations(commands, redact);
    return { log: createLog(commands, annotations, redact), annotations, written: () => written };
  }

  it('says warnings at once and annotates them at the end', () => {
    const { log, annotations, written } = setUp();
    log.warning('No secret\nhere');
    log.info('next');
    annotations.flush();
    annotations.flush();
    expect(written()).toBe('Warning: No ***\nhere\nnext\n::warning::No ***%0Ahere\n');
  });

  it('groups one level deep and closes a group whose work fails', async () => {
    const { log, written } = setUp();
    const failing = log.group('outer secret', () =>
      log.group('inner', async () => {
        log.debug('a secret');
        throw new Error('x');
      }),
    );
    await expect(failing).rejects.toThrow('x');
    expect(await log.group('again', async () => 7)).toBe(7);
    expect(written()).toBe('::group::outer ***\ninner\n::debug::a ***\n::endgroup::\n::group::again\n::endgroup::\n');
  });

  it('shows what is invisible and runs no command', () => {
    const { log, written } = setUp();
    log.info('\u001b[2K\u202ex\n::add-mask::y');
    expect(written()).toBe('⟨U+001B⟩[2K⟨U+202E⟩x\n: :add-mask::y\n');
  });
});
