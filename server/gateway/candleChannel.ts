import type { Interval, OpenCandle } from '../../shared/domain/market.ts';
import type { Clock } from '../ports/clock.ts';
import type { MarketData } from '../ports/deskGateway.ts';
import type { Channel, Publish } from './channel.ts';
import type { TurnQueue, TurnTask } from './turnQueue.ts';

/** Bars a new subscriber gets first. */
const HISTORY_BARS = 300;

export interface CandleMarket {
  venue: string;
  symbol: string;
  interval: Interval;
}

export interface CandleContext {
  market: MarketData;
  clock: Clock;
  publish: Publish;
  turns: TurnQueue;
  /** Updates kept beside the cached history; one more and it is read anew. */
  recentLimit: number;
}

/**
 * The bars of one market and interval: history, then updates. Of a bar still open only the newest update of a turn
 * (or interval) goes out; a closed bar always does.
 */
export class CandleChannel implements Channel, TurnTask {
  readonly name: string;
  readonly topic: string;
  readonly latestWins = true;
  members = 0;
  queued = false;
  readonly #place: CandleMarket;
  readonly #intervalMs: number;
  readonly #context: CandleContext;
  readonly #onUnused: () => void;
  #history: Buffer | null = null;
  #reading: Promise<void> | null = null;
  /** The newest update per open time since the history was read. */
  #recent = new Map<number, Buffer>();
  #pending = new Map<number, Buffer>();
  #sentAt = 0;

  constructor(
    name: string,
    place: CandleMarket,
    intervalMs: number,
    context: CandleContext,
    onUnused: () => void,
  ) {
    this.name = name;
    this.topic = `${name}@${intervalMs}`;
    this.#place = place;
    this.#intervalMs = intervalMs;
    this.#context = context;
    this.#onUnused = onUnused;
  }

  prepare(): Promise<void> | null {
    if (this.#reading !== null) return this.#reading;
    if (this.#history !== null && this.#recent.size <= this.#context.recentLimit) return null;
    this.#reading = this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  latest(): readonly Buffer[] {
    return this.#history === null ? [] : [this.#history, ...this.#recent.values()];
  }

  onEmpty(): void {
    this.#onUnused();
  }

  /** `message`: the push that carries this update, made once for all intervals. */
  update(candle: OpenCandle, closed: boolean, message: Buffer): void {
    this.#recent.set(candle.openTime, message);
    // Without readers of the history nothing else would bound it.
    if (this.#recent.size > this.#context.recentLimit * 2) {
      this.#history = null;
      this.#recent.clear();
    }
    if (this.members === 0) return;
    this.#pending.set(candle.openTime, message);
    if (closed || this.#isDue()) this.#context.turns.add(this);
  }

  sweep(): void {
    if (this.#pending.size > 0 && this.#isDue()) this.flush();
  }

  flush(): void {
    const pending = this.#pending;
    if (pending.size === 0) return;
    this.#pending = new Map();
    this.#sentAt = this.#context.clock.elapsed();
    for (const message of pending.values()) this.#context.publish(this.topic, message);
  }

  #isDue(): boolean {
    return this.#intervalMs === 0 || this.#context.clock.elapsed() - this.#sentAt >= this.#intervalMs;
  }

  async #read(): Promise<void> {
    this.#history = null;
    // Updates that come while the history is read may or may not be in it: they go out after it either way.
    this.#recent = new Map();
    const data = await this.#context.market.candles({ ...this.#place, limit: HISTORY_BARS }, null);
    const push = { ch: this.name, kind: 'history', ts: this.#context.clock.now(), data };
    this.#history = Buffer.from(JSON.stringify(push));
  }
}
