import { fitSections, type Markdown, render, type Section } from '@waybill/core';

/** What the person who opens the run's page reads. Written once, at the end, whether the run succeeds or not. */
export interface Summary {
  /** Adds a section at the end. `title` names it if it has to be left out; the content brings its own heading. */
  add(title: string, content: Markdown): void;
  /** Adds a section before all others: a verdict, a failure. */
  lead(title: string, content: Markdown): void;
}

/** The runner refuses a summary above 1 MiB whole; masking and what others append need room. */
export const SUMMARY_LIMIT = 900 * 1024;

/** Collects the sections; `render` gives at most `SUMMARY_LIMIT` bytes, and a sentence names what is missing. Empty text when there are none. */
export function createSummary(): Summary & { render(): string } {
  const leading: Section[] = [];
  const sections: Section[] = [];
  return {
    add: (title, content) => {
      sections.push({ title, content });
    },
    lead: (title, content) => {
      leading.unshift({ title, content });
    },
    render: () =>
      render(
        fitSections(
          [...leading, ...sections],
          SUMMARY_LIMIT,
          (source) => Buffer.byteLength(source),
          "The run's log has everything.",
        ),
      ),
  };
}
