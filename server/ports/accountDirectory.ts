import type { Book } from '../../shared/domain/account.ts';

/** Where an account is, for who must act without the database. No secrets. */
export interface DirectoryEntry {
  accountId: string;
  name: string;
  /** Whose it is. */
  deskId: string;
  venue: string;
  book: Book;
}

/** The accounts of this deployment in a place that outlives the database. */
export interface AccountDirectory {
  /** Replaces all that was there, at once or not at all. */
  save(entries: readonly DirectoryEntry[]): Promise<void>;
}
