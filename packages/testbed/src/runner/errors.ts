/** Something real Actions can do and this runner cannot: the run fails and says so, it is never ignored. */
export class NotInTestBed extends Error {
  constructor(what: string) {
    super(`not in the test bed: ${what}`);
    this.name = 'NotInTestBed';
  }
}

/** What a user's workflow, action or command file got wrong, in the words GitHub has for it where they are known. */
export class RunnerError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RunnerError';
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
