import type { Candle } from '../../../shared/domain/market.ts';
import type { HistoryReader, Rank } from './pageSlots.ts';
import { barsBetween, type Stretch } from './stretch.ts';

/** Somebody who waits for what is read. */
interface Waiter {
  take(bars: Candle[]): void;
  fail(reason: unknown): void;
}

/** One read of the past, for all who wait for it: the last one that leaves ends it. */
export class PastRead implements HistoryReader {
  readonly stretch: Stretch;
  isAtWork = false;
  readonly #waiters = new Set<Waiter>();
  readonly #abort = new AbortController();
  #rank: Rank = 'past';

  constructor(stretch: Stretch) {
    this.stretch = stretch;
  }

  get rank(): Rank {
    return this.#rank;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Has all bars of `stretch` in the end. */
  brings({ symbol, interval, from, to }: Stretch): boolean {
    const own = this.stretch;
    const isSame = own.symbol === symbol && own.interval === interval;
    return isSame && own.from <= from && own.to >= to && !this.signal.aborted;
  }

  /** Its bars of [from, to). `leave`: rejects them, with its reason, and the read has one less that waits for it. */
  wait(from: number, to: number): { bars: Promise<Candle[]>; leave: (reason: Error) => void } {
    let leave = (_reason: Error): void => undefined;
    const bars = new Promise<Candle[]>((resolve, reject) => {
      const waiter: Waiter = {
        take: (all) => resolve(barsBetween(all, from, to)),
        fail: reject,
      };
      this.#waiters.add(waiter);
      leave = (reason) => {
        reject(reason);
        if (this.#waiters.delete(waiter) && this.#waiters.size === 0) this.#abort.abort(reason);
      };
    });
    return { bars, leave };
  }

  /** A chart of the present waits for it. */
  hurry(): void {
    this.#rank = 'live';
  }

  end(bars: Candle[]): void {
    for (const waiter of this.#waiters) waiter.take(bars);
    this.#waiters.clear();
  }

  fail(reason: unknown): void {
    for (const waiter of this.#waiters) waiter.fail(reason);
    this.#waiters.clear();
  }
}
