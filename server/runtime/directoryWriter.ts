import type { AccountDirectory, DirectoryEntry } from '../ports/accountDirectory.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Logger } from '../ports/logger.ts';
import { within } from './deadline.ts';
import { accountsOf } from './deskRecord.ts';
import type { Engine } from './engine.ts';
import { ONLY_SHARD } from './leaseKeeper.ts';

/** How long the directory may take to be written, ms of elapsed time: a disk that hangs is said to. */
const DIRECTORY_SAVE_MS = 30_000;
/** Accounts read from the log at a time. */
const PAGE = 2_000;
/** Of the time, at most this part is spent on writing it: with many accounts it waits longer for the next change. */
const SHARE = 50;
/** After one that failed, ms of elapsed time. */
const RETRY_MS = 60_000;

export interface DirectoryWriterOptions {
  engine: Engine;
  log: DeskLog;
  /** Where the accounts are written down for who must act without the database. */
  directory: AccountDirectory;
  clock: Clock;
  logger: Logger;
}

/** Writes down which account is where, whenever that has changed: of the desks in memory, and of those that sleep. */
export class DirectoryWriter {
  readonly #options: DirectoryWriterOptions;
  /** The state of the accounts that is written down. */
  #savedAccounts = -1;
  #isSaving = false;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor(options: DirectoryWriterOptions) {
    this.#options = options;
  }

  async save(): Promise<void> {
    const { engine, directory, logger, clock } = this.#options;
    const { accountsVersion } = engine;
    const startedAt = clock.elapsed();
    if (this.#isSaving || accountsVersion === this.#savedAccounts || startedAt < this.#notBefore) return;
    this.#isSaving = true;
    try {
      const saving = directory.save(this.#entries());
      await within(clock, DIRECTORY_SAVE_MS, 'the directory of accounts', saving);
      this.#savedAccounts = accountsVersion;
      const now = clock.elapsed();
      this.#notBefore = now + (now - startedAt) * SHARE;
    } catch (error) {
      this.#notBefore = clock.elapsed() + RETRY_MS;
      logger.error({ error: String(error) }, 'the accounts could not be written down for npm run panic');
    } finally {
      this.#isSaving = false;
    }
  }

  async *#entries(): AsyncGenerator<DirectoryEntry[]> {
    const { engine, log } = this.#options;
    const inMemory = [...engine.records()];
    const written = new Set(inMemory.map(({ deskId }) => deskId));
    yield inMemory.flatMap(({ desk }) => accountsOf(desk));
    for (let after = ''; ; ) {
      const page = await log.accounts(ONLY_SHARD, { after, limit: PAGE, asleepAt: null });
      yield page.filter(({ deskId }) => !written.has(deskId));
      if (page.length < PAGE) return;
      after = page.at(-1)?.accountId ?? '';
    }
  }
}
