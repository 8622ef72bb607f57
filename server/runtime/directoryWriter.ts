import type { AccountDirectory } from '../ports/accountDirectory.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { within } from './deadline.ts';
import type { Engine } from './engine.ts';

/** How long the directory may take to be written, ms of elapsed time: a disk that hangs is said to. */
const DIRECTORY_SAVE_MS = 10_000;

export interface DirectoryWriterOptions {
  engine: Engine;
  /** Where the accounts are written down for who must act without the database. */
  directory: AccountDirectory;
  clock: Clock;
  logger: Logger;
}

/** Writes down which account is where, whenever that has changed. */
export class DirectoryWriter {
  readonly #options: DirectoryWriterOptions;
  /** The state of the accounts that is written down. */
  #savedAccounts = -1;

  constructor(options: DirectoryWriterOptions) {
    this.#options = options;
  }

  async save(): Promise<void> {
    const { engine, directory, logger, clock } = this.#options;
    const { accountsVersion } = engine.index;
    if (accountsVersion === this.#savedAccounts) return;
    const entries = [...engine.records()].flatMap(({ deskId, desk }) =>
      [...desk.accounts.values()].map(({ account: { accountId, name, venue, book } }) => {
        return { accountId, name, deskId, venue, book };
      }),
    );
    try {
      // Tried again with the next change only: a full disk must not fill the log as well.
      this.#savedAccounts = accountsVersion;
      await within(clock, DIRECTORY_SAVE_MS, 'the directory of accounts', directory.save(entries));
    } catch (error) {
      logger.error({ error: String(error) }, 'the accounts could not be written down for npm run panic');
    }
  }
}
