import { type Log, visibleLines } from '@waybill/core';
import type { Annotations } from './annotations.js';
import type { Commands } from './commands.js';

/**
 * Core's Log for a runner. Warnings stand in the log where they happen and become annotations at the end. Groups can't
 * be nested in GitHub's log: one inside another is a plain line. Invisible characters are shown, secrets are not.
 */
export function createLog(commands: Commands, annotations: Annotations, redact: (text: string) => string): Log {
  let depth = 0;
  const shown = (message: string) => visibleLines(redact(message));
  return {
    debug: (message) => commands.debug(shown(message)),
    info: (message) => commands.print(shown(message)),
    warning: (message) => {
      commands.print(`Warning: ${shown(message)}`);
      annotations.add('warning', message);
    },
    group: async (title, work) => {
      const outermost = depth === 0;
      depth += 1;
      if (outermost) {
        commands.startGroup(shown(title));
      } else {
        commands.print(shown(title));
      }
      try {
        return await work();
      } finally {
        depth -= 1;
        if (outermost) {
          commands.endGroup();
        }
      }
    },
  };
}
