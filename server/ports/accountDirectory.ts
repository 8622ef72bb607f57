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

/** Read one after the other, some of them only when it is their turn. */
type Parts<T> = AsyncIterable<T> | Iterable<T>;

/** The accounts of this deployment in a place that outlives the database. */
export interface AccountDirectory {
  /** Replaces all that was there, at once or not at all: where `entries` cannot be had to their end, nothing. */
  save(entries: Parts<readonly DirectoryEntry[]>): Promise<void>;
}
