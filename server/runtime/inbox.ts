import { unavailable } from '../../shared/protocol/errors.ts';
import { type BarArrived, seriesKey } from '../core/bot/barsDue.ts';
import type { Input } from '../core/inputs.ts';
import type { Clock } from '../ports/clock.ts';
import type { PendingCommand, Queued } from './deskRecord.ts';
import { WaitingInputs } from './waitingInputs.ts';

/** Longest the engine decides before it lets sockets and timers have a turn, ms. */
const TURN_MS = 5;
/** Inputs waiting for all desks; beyond it commands but exits are refused and market data is dropped (bars and fills are not). */
export const INBOX_LIMIT = 100_000;

/** What waits to be decided, for all desks of this process: in the order it came, for a bounded time per turn of the loop. */
export class Inbox {
  /** A replay's stands still while it decides, so that it always decides alike. */
  readonly #clock: Pick<Clock, 'elapsed' | 'soon'>;
  readonly #take: (queued: Queued) => void;
  readonly #onTurnEnded: () => void;
  readonly #priceQueued = new Set<string>();
  /** Per desk and series. */
  readonly #barsQueued = new Map<string, BarArrived>();
  readonly #waiting = new WaitingInputs();
  #scheduled = false;
  #closed = false;

  constructor(options: {
    clock: Pick<Clock, 'elapsed' | 'soon'>;
    take(queued: Queued): void;
    onTurnEnded(): void;
  }) {
    this.#clock = options.clock;
    this.#take = options.take;
    this.#onTurnEnded = options.onTurnEnded;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** The desks of all that waits. */
  waiting(): Set<string> {
    return this.#waiting.desks();
  }

  /** Takes nothing more; what waits is still decided. */
  close(): void {
    this.#closed = true;
  }

  submit(deskId: string, input: Input | BarArrived, command: PendingCommand | null): void {
    if (this.#closed) {
      command?.answer({ ok: false, error: unavailable('the server is stopping') });
      return;
    }
    const isFull = this.#waiting.size >= INBOX_LIMIT;
    if (isFull && command !== null && !command.isExit) {
      command.answer({ ok: false, error: unavailable('the engine is overloaded; try again') });
      return;
    }
    if (input.type === 'PriceMoved') {
      // The context has the latest price: one waiting input per market says it all.
      const key = `${deskId}|${input.venue}|${input.symbol}`;
      if (isFull || this.#priceQueued.has(key)) return;
      this.#priceQueued.add(key);
    }
    if (input.type === 'BarArrived') {
      // As much as is due is given to each: one that waits says it all.
      const key = `${deskId}|${seriesKey(input)}`;
      const waiting = this.#barsQueued.get(key);
      if (waiting !== undefined) {
        waiting.openTime = Math.max(waiting.openTime, input.openTime);
        return;
      }
      this.#barsQueued.set(key, input);
    }
    if (isFull && input.type === 'Tick') return;
    this.#waiting.push({ deskId, input, command });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const endsAt = this.#clock.elapsed() + TURN_MS;
    for (;;) {
      const queued = this.#waiting.take();
      if (queued === undefined) break;
      this.#hand(queued);
      // Some take long: each is looked at.
      if (this.#clock.elapsed() >= endsAt) break;
    }
    if (!this.isEmpty) this.#schedule();
    this.#onTurnEnded();
  }

  #hand(queued: Queued): void {
    const { deskId, input } = queued;
    if (input.type === 'PriceMoved') this.#priceQueued.delete(`${deskId}|${input.venue}|${input.symbol}`);
    if (input.type === 'BarArrived') this.#barsQueued.delete(`${deskId}|${seriesKey(input)}`);
    this.#take(queued);
  }
}
