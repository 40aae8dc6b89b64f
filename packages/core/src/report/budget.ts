import { blocks, table } from './blocks.js';
import { escaped, type Interpolation, joined, type Markdown, markdown, raw, render } from './markdown.js';

/** A part of a page that can be left out without harm to the others. */
export interface Section {
  /** How the sentence about what was left out calls it. */
  readonly title: string;
  readonly content: Markdown;
}

/**
 * The sections that fit into `limit` as `measure` counts (bytes or characters), in order, below each other. What
 * doesn't fit is left out whole, and a last sentence names it; `elsewhere` says where the rest can be found.
 */
export function fitSections(
  sections: readonly Section[],
  limit: number,
  measure: (source: string) => number,
  elsewhere: string,
): Markdown {
  const whole = blocks(sections.map((section) => section.content));
  if (measure(render(whole)) <= limit) {
    return whole;
  }
  // Room for the sentence itself at its longest: when it names the longest titles.
  const longest = [...sections].sort((a, b) => measure(render(sectionName(b))) - measure(render(sectionName(a))));
  const budget = limit - measure(render(leftOut(longest, elsewhere))) - 2;
  const kept: Section[] = [];
  const missing: Section[] = [];
  let used = 0;
  for (const section of sections) {
    const size = measure(render(section.content)) + 2;
    if (used + size <= budget) {
      kept.push(section);
      used += size;
    } else {
      missing.push(section);
    }
  }
  return blocks([...kept.map((section) => section.content), leftOut(missing, elsewhere)]);
}

/** A table of at most `limit` rows, and a sentence on how many more there are. */
export function longTable(
  head: readonly Interpolation[],
  rows: readonly (readonly Interpolation[])[],
  limit: number,
): Markdown {
  const shown = table(head, rows.slice(0, limit));
  return rows.length <= limit
    ? shown
    : blocks([shown, markdown`${rows.length - limit} more of ${rows.length} rows are not shown.`]);
}

function leftOut(sections: readonly Section[], elsewhere: string): Markdown {
  const named = sections.slice(0, 5).map(sectionName);
  const more = sections.length - named.length;
  const rest = more > 0 ? markdown` and ${more} more` : raw('');
  return markdown`Left out for length: ${joined(named)}${rest}. ${elsewhere}`;
}

function sectionName(section: Section): Markdown {
  return escaped(section.title.slice(0, 80));
}
