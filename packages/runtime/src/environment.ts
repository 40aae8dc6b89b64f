/** Environment variables as they were when the process started. Read at the edge only, and passed from there. */
export type Environment = Readonly<Record<string, string | undefined>>;
