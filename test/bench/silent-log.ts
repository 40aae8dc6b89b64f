import type { Log } from '@waybill/core';

/** Says nothing: the bench prints only what it measured. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warning: () => undefined,
  group: (_title, work) => work(),
};
