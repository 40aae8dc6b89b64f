/** The time, and waiting for it to pass. */
export interface Clock {
  now(): Date;
  sleep(milliseconds: number): Promise<void>;
}
