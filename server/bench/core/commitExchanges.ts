export interface CommitResult {
  /** Events durable, orders asked for, and transactions, within the time. */
  events: number;
  orders: number;
  appends: number;
  /** Time of all transactions together. */
  appendMs: number;
  elapsedMs: number;
}

/** What can be asked of processes/commitServer.ts. */
export type CommitExchanges = {
  run: {
    request: { dataDir: string; migrations: string; desks: number; durationMs: number };
    answer: CommitResult;
  };
};
