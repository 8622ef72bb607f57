import type { Desk } from '../core/desk.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Logger } from '../ports/logger.ts';
import type { PendingPanic } from '../ports/panicJournals.ts';
import type { Appender } from './appender.ts';
import { within } from './deadline.ts';
import type { DeskRecord } from './deskRecord.ts';
import { loadDesk } from './loadDesk.ts';
import { awayReply, type StoreHealth } from './storeHealth.ts';

/** Between attempts to read a desk back, wall ms. */
const RELOAD_RETRY_MS = 500;
/** How long reading a desk back may take, ms of elapsed time; then it is tried anew. */
export const LOAD_MS = 30_000;
/** Between attempts to write to a store that is away, wall ms: the first pause, doubled up to the last. */
const FIRST_PROBE_MS = 250;
const LAST_PROBE_MS = 2_000;

export interface DeskRestorerOptions {
  log: DeskLog;
  epoch: string;
  clock: Clock;
  logger: Logger;
  health: StoreHealth;
  appender: Appender;
  records: ReadonlyMap<string, DeskRecord>;
  /** Rejects while the store cannot be written to. */
  probeStore(): Promise<unknown>;
  pendingPanics(desk: Desk): Promise<PendingPanic[]>;
  /** The desk is what is durable again; nobody could act on it for `downMs`. */
  onRestored(record: DeskRecord, downMs: number, panics: PendingPanic[]): void;
}

/** Brings desks back to what is durable: one whose batch or decision failed, or all of them after the store was away. */
export class DeskRestorer {
  readonly #options: DeskRestorerOptions;
  readonly #reloading = new Set<string>();
  /** Pauses before recoveries that were asked for, ms; and what ends those that run. */
  readonly #pauses = new Map<string, number>();
  readonly #cancels = new Map<string, () => void>();
  #isProbing = false;
  #probeDelayMs = FIRST_PROBE_MS;
  #stopped = false;

  constructor(options: DeskRestorerOptions) {
    this.#options = options;
    options.health.onChange((degradation) => {
      if (degradation !== null) this.freeze();
      else this.#probeDelayMs = FIRST_PROBE_MS;
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  /** `pauseMs`: it is durable at once, and recovers only after this; until then it is stuck. */
  reload(record: DeskRecord, pauseMs = 0): void {
    record.state = 'reloading';
    this.#cancels.get(record.deskId)?.();
    this.#pauses.set(record.deskId, pauseMs);
    if (this.#reloading.has(record.deskId)) return;
    this.#reloading.add(record.deskId);
    void this.#attempt(record);
  }

  /**
   * The store is away: nothing is decided, so that nothing piles up that could not be stored. What venues tell
   * meanwhile is dropped and asked for afterwards. Every desk is read back once the store can be written to.
   */
  freeze(): void {
    const { records, appender, health } = this.#options;
    for (const record of records.values()) {
      if (record.state === 'ready' || record.state === 'stuck') record.state = 'reloading';
    }
    const { degradation } = health;
    appender.giveUp(awayReply(degradation), awayReply(degradation, { isStored: 'unknown' }));
    if (this.#isProbing) return;
    this.#isProbing = true;
    this.#probeLater();
  }

  async #attempt(record: DeskRecord): Promise<void> {
    const { log, epoch, appender, health, logger, clock, pendingPanics, onRestored } = this.#options;
    const { deskId } = record;
    try {
      await appender.released(deskId);
      const loading = loadDesk(log, deskId, epoch);
      const { desk, view, snapshotSeq } = await within(clock, LOAD_MS, 'the log', loading);
      const panics = await pendingPanics(desk);
      // Nobody would ask its venues any more.
      if (this.#stopped) return;
      this.#reloading.delete(deskId);
      record.given.rewind(desk.seq);
      const pauseMs = this.#pauses.get(deskId) ?? 0;
      const state = pauseMs === 0 ? 'ready' : 'stuck';
      Object.assign(record, { desk, view, snapshotSeq, committedSeq: desk.seq, loadedSeq: desk.seq, state });
      record.storedAccounts = null;
      // As long as the store was away nobody could act: to the bots it is as if the server had been down.
      const downMs = health.awayMs();
      if (pauseMs === 0) onRestored(record, downMs, panics);
      else
        this.#cancels.set(
          deskId,
          clock.after(pauseMs, () => {
            if (record.state !== 'stuck' || this.#stopped) return;
            record.state = 'ready';
            onRestored(record, downMs, panics);
          }),
        );
    } catch (error) {
      if (this.#stopped) return;
      if (health.degradation !== null) {
        this.#reloading.delete(deskId);
        this.freeze();
        return;
      }
      logger.warn({ deskId, error: String(error) }, 'a desk cannot be reloaded yet');
      clock.after(RELOAD_RETRY_MS, () => void this.#attempt(record));
    }
  }

  #probeLater(): void {
    const delayMs = this.#probeDelayMs;
    this.#probeDelayMs = Math.min(delayMs * 2, LAST_PROBE_MS);
    this.#options.clock.after(delayMs, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    const { appender, health, records, probeStore } = this.#options;
    try {
      await probeStore();
    } catch {
      if (!this.#stopped) this.#probeLater();
      return;
    }
    // What was in flight may have been stored: it is read back with the rest.
    await appender.free();
    this.#isProbing = false;
    if (this.#stopped) return;
    // Desks with an account say that they are recovered, and storing that is the proof; without any, this was it.
    if ([...records.values()].every(({ desk }) => desk.accounts.size === 0)) health.worked();
    for (const record of records.values()) if (record.state === 'reloading') this.reload(record);
  }
}
