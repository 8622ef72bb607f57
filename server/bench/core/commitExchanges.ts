export interface CommitResult {
  /** Events durable, orders asked for, and transactions, within the time. */
  events: number;
  orders: number;
  appends: number;
  /** Time of all transactions together. */
  appendMs: number;
  elapsedMs: number;
}

export interface CommitRun {
  dataDir: string;
  migrations: string;
  desks: number;
  /** Ends at whichever comes first. */
  durationMs: number;
  events: number;
}

/** What can be asked of processes/commitServer.ts. */
export type CommitExchanges = { run: { request: CommitRun; answer: CommitResult } };
