/** Where a run says what it does. The runtime maps it to grouped logs and annotations; tests collect it. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  /** Everything logged while `work` runs stands in one foldable group. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>;
}
