/** An instant of our own (RFC 3339) as people read it, to the minute: `2026-11-20 15:02 UTC`. Other text stays as it is. */
export function readableInstant(instant: string): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):\d{2}(?:\.\d+)?Z$/.exec(instant) ?? [];
  return day === undefined ? instant : `${day} ${time} UTC`;
}
