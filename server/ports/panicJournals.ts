import type { PanicRecord } from '../../shared/domain/panic.ts';

/** A record with news in it, and how to find it again. */
export interface PendingPanic {
  record: PanicRecord;
  /** Names what was read: more may have been added since. */
  mark: { file: string; lines: number };
}

/** What `npm run panic` did while the server, or its database, could not. */
export interface PanicJournals {
  /** Of these accounts, or of all, whatever no commit has taken in yet, oldest first. */
  pending(accountIds: ReadonlySet<string> | 'all'): Promise<PendingPanic[]>;
  /** The log has it now: not to be given again unless there is more of it. */
  consumed(panic: PendingPanic): Promise<void>;
}
