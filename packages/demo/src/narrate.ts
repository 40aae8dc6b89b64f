/** Tells the story on standard output. */
export interface Narrator {
  /** A step of the story, numbered. */
  step(title: string): void;
  say(text: string): void;
  /** Text as it is, indented: a diff, a pull request's body, the board. */
  show(title: string, text: string): void;
}

const WIDTH = 100;

export function createNarrator(write: (text: string) => void): Narrator {
  let steps = 0;
  const started = performance.now();
  return {
    step(title) {
      steps += 1;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const head = `── ${steps}. ${title} `;
      write(`\n${head}${'─'.repeat(Math.max(2, WIDTH - head.length - seconds.length - 3))} ${seconds}s\n`);
    },
    say: (text) => write(`${text}\n`),
    show(title, text) {
      write(`\n  ${title}\n`);
      for (const line of readable(text).split('\n')) write(`  │ ${line}\n`);
    },
  };
}

/** Markdown as a terminal shows it: what GitHub hides is hidden here, too. */
function readable(text: string): string {
  return text
    .trim()
    .replace(/<!--.*?-->\n*/gs, '')
    .replaceAll('&#x200B;', '')
    .replace(/\\([\\*_~[\](){}])/g, '$1');
}
