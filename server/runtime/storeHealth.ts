import { unavailable } from '../../shared/protocol/errors.ts';
import type { Degradation, DegradationReason } from '../../shared/protocol/serverMessage.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { Logger } from '../ports/logger.ts';
import type { ServerHealth } from '../ports/serverHealth.ts';

/** A store that has not answered for this long counts as away, wall ms. */
export const STORE_PATIENCE_MS = 5_000;
/** Between lines in the log while it stays away, wall ms. */
const REMIND_EVERY_MS = 60_000;

/** The store is away, or went away while it was being asked. */
export class StoreAway extends Error {
  override name = 'StoreAway';
}

/** Whether the store can be written to. Away, nothing is decided and nothing leaves; everyone is told. */
export class StoreHealth implements ServerHealth {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners: ((degradation: Degradation | null) => void)[] = [];
  readonly #waiting = new Set<() => void>();
  #degradation: Degradation | null = null;
  /** When that began, by the clock that only counts. */
  #awaySince = 0;
  #cancelReminder: () => void = () => {};

  constructor(options: { clock: Clock; logger: Logger }) {
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  get degradation(): Degradation | null {
    return this.#degradation;
  }

  onChange(listener: (degradation: Degradation | null) => void): void {
    this.#listeners.push(listener);
  }

  /** Ms for which it has been away; 0 when it is not. */
  awayMs(): number {
    return this.#degradation === null ? 0 : this.#clock.elapsed() - this.#awaySince;
  }

  /** It did not take what it was given. `detail` is logged and shown to nobody: it may name hosts. */
  failed(reason: DegradationReason, detail: string): void {
    if (this.#degradation !== null) return;
    this.#degradation = { since: this.#clock.now(), reason };
    this.#awaySince = this.#clock.elapsed();
    this.#logger.error({ reason, detail }, 'the database is away: entries are latched until it is back');
    this.#remind();
    this.#tell();
    for (const giveUp of this.#waiting) giveUp();
    this.#waiting.clear();
  }

  /** It stored something. */
  worked(): void {
    if (this.#degradation === null) return;
    const awayMs = this.awayMs();
    this.#degradation = null;
    this.#cancelReminder();
    this.#logger.warn({ awayMs }, 'the database is back');
    this.#tell();
  }

  /**
   * What `work` gives. Rejects with StoreAway as soon as the store counts as away, which work that takes too long
   * brings about.
   */
  unlessAway<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(new StoreAway('the database is away'));
      const cancel = this.#clock.after(STORE_PATIENCE_MS, () =>
        this.failed('store_silent', `no answer in ${STORE_PATIENCE_MS} ms`),
      );
      const done = (): void => {
        cancel();
        this.#waiting.delete(giveUp);
      };
      this.#waiting.add(giveUp);
      work.then(
        (result) => {
          done();
          resolve(result);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
      if (this.#degradation !== null) giveUp();
    });
  }

  #remind(): void {
    this.#cancelReminder = this.#clock.after(REMIND_EVERY_MS, () => {
      this.#logger.error({ awayMs: this.awayMs() }, 'the database is still away');
      this.#remind();
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener(this.#degradation);
  }
}

/** What `work` gives; `onSilent` is called, once, when that takes longer than the store is given. */
export async function answered<T>(clock: Clock, work: Promise<T>, onSilent: () => void): Promise<T> {
  const cancel = clock.after(STORE_PATIENCE_MS, onSilent);
  return await work.finally(cancel);
}

/** How a person closes an account without the server and its database. */
const PANIC = 'npm run panic -- --account';
const STOPS_REST =
  'Stops rest at the venue. What cannot wait is closed straight at the venue, on the server: ';

/**
 * What a command is answered while the store is away. `isStored`: whether it took the command is not known; the same
 * commandId gets the answer once it is back.
 */
export function awayReply(
  degradation: Degradation | null,
  options: { accountId?: string; isStored?: 'no' | 'unknown' } = {},
): CommandReply {
  const { accountId = 'ACCOUNT', isStored = 'no' } = options;
  const panic = `${PANIC} ${accountId}`;
  const what =
    isStored === 'no'
      ? 'the database is away: nothing was committed and nothing was sent to the venue; try again.'
      : 'the database went away: whether this was committed is not known, and nothing was sent to the venue; ask again with the same commandId.';
  const committed = isStored === 'no' ? (false as const) : null;
  const details = { ...degradation, committed, panic };
  return { ok: false, error: unavailable(`${what} ${STOPS_REST}${panic}`, details) };
}
