import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../../shared/domain/market.ts';
import { INTERVAL_MS } from '../../../../shared/domain/market.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { MarketListener } from '../../../ports/marketFeed.ts';
import type { MarketAnchor, PricePath, SavedMarketTime, TradableFeed } from '../../../ports/tradableFeed.ts';
import { type MarketTimeOptions, marketTimeAt, nominalSpeed, resumeAnchor } from './marketTime.ts';
import { MovedPath } from './movedPath.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
/** Bars one `history` call may ask for. */
const MAX_HISTORY_BARS = 1_000;
/** Bars computed before other work gets a turn. */
const HISTORY_BARS_PER_TURN = 100;
/** Quotes of a symbol go out at most this often, wall milliseconds; a newer one replaces what was held back. */
const MIN_QUOTE_GAP_MS = 25;
/** Falling this far behind, wall milliseconds, is reported as a gap. */
const STALL_MS = 5_000;
/** Lock-step market steps before sockets get a turn. */
const STEPS_PER_TURN = 64;
/** Pause after a step that failed, wall milliseconds. */
const RETRY_MS = 500;

export interface PathFeedOptions extends MarketTimeOptions {
  venue: string;
  name: string;
  path: PricePath;
  logger: Logger;
}

/** Plays a price path as a live feed: paced by the clock, or in lock-step with whoever consumes it. */
export class PathFeed implements TradableFeed {
  readonly #options: PathFeedOptions;
  readonly venue: string;
  readonly name: string;
  readonly simulated = true;
  readonly speed: number;
  readonly path: MovedPath;
  #anchor: MarketAnchor | undefined;
  /** The last step that was shown. */
  #played = 0;
  #quotedAt = 0;
  #listener: MarketListener | undefined;
  #listed: readonly Instrument[];
  #matcher: (marketTime: number) => Promise<void> = async () => {};
  #barrier: (() => Promise<void>) | undefined;
  #stopped = true;
  #cancelTimer: () => void = () => {};
  #wake: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #finish: () => void = () => {};
  readonly #end: Promise<void>;

  constructor(options: PathFeedOptions) {
    this.#options = options;

    this.venue = options.venue;
    this.name = options.name;
    this.path = new MovedPath(options.path);
    this.#listed = options.path.instruments;
    this.speed = nominalSpeed(options.pace);
    this.#end = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  resume(saved: SavedMarketTime | undefined): MarketAnchor {
    this.#anchor = resumeAnchor(this.#options, saved);
    this.#played = this.#floor(this.#anchor.marketTime);
    return this.#anchor;
  }

  setMatcher(playTo: (marketTime: number) => Promise<void>): void {
    this.#matcher = playTo;
  }

  setBarrier(settled: () => Promise<void>): void {
    this.#barrier = settled;
  }

  marketTime(): number {
    const anchor = this.#anchor ?? this.resume(undefined);
    if (this.#options.pace === 'max') return this.#played;
    const now = Math.floor(marketTimeAt(anchor, this.#options.clock.now()));
    return Math.min(Math.max(now, this.#played), this.path.lastTime ?? Number.POSITIVE_INFINITY);
  }

  async instruments(): Promise<Instrument[]> {
    return [...this.#facts()];
  }

  list(instruments: readonly Instrument[]): void {
    this.#listed = instruments;
    this.#listener?.onInstruments?.([...this.#facts()]);
  }

  move(symbol: string, ratio: Decimal): void {
    // Beyond every step that the matcher may be playing just now.
    this.path.move(symbol, this.#floor(this.marketTime()) + this.path.stepMs, ratio);
  }

  async history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    const lastOpen = Math.floor(this.marketTime() / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    const newest = Math.min(lastOpen, (Math.ceil(before / MINUTE_MS) - 1) * MINUTE_MS);
    const wanted = Math.min(MAX_HISTORY_BARS, Math.max(0, Math.floor(limit)));
    const oldest = Math.max(this.path.firstTime, newest - (wanted - 1) * MINUTE_MS);
    const bars: Candle[] = [];
    if (wanted === 0 || !this.path.instruments.some((instrument) => instrument.symbol === symbol))
      return bars;
    for (let openTime = oldest; openTime <= newest; openTime += MINUTE_MS) {
      bars.push(this.path.candle(symbol, openTime));
      if (bars.length % HISTORY_BARS_PER_TURN === 0) await nextTurn();
    }
    return bars;
  }

  latest(symbol: string): Quote | undefined {
    if (this.#stopped || !this.#listed.some((instrument) => instrument.symbol === symbol)) return undefined;
    return this.path.quote(symbol, this.#played);
  }

  async start(listener: MarketListener): Promise<void> {
    if (!this.#stopped) throw new Error('the feed is started already');
    this.#listener = listener;
    this.#stopped = false;
    this.#played = this.#floor(this.marketTime());
    if (this.#options.pace === 'max') this.#running = this.#runLockStep();
    else this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    this.#wake();
    await this.#running;
  }

  finished(): Promise<void> {
    return this.#end;
  }

  async #runLockStep(): Promise<void> {
    // The first step belongs to whoever starts next in this turn.
    await nextTurn();
    for (let steps = 1; !this.#stopped && !this.#atEnd(); steps++) {
      if (!(await this.#playOne(this.#played + this.path.stepMs))) await this.#pause();
      if (steps % STEPS_PER_TURN === 0) await nextTurn();
    }
  }

  #schedule(): void {
    if (this.#stopped || this.#atEnd() || this.#anchor === undefined) return;
    const due =
      this.#anchor.wallTime + (this.#played + this.path.stepMs - this.#anchor.marketTime) / this.speed;
    const delayMs = Math.max(0, Math.ceil(due - this.#options.clock.now()));
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#running = this.#catchUp().then(() => this.#schedule());
    });
  }

  /** Plays what is due, a minute at a time at most, so that no bar is skipped however late this runs. */
  async #catchUp(): Promise<void> {
    let announced = false;
    while (!this.#stopped && !this.#atEnd()) {
      const target = this.#floor(this.marketTime());
      if (target <= this.#played) return;
      const behindMs = (target - this.#played) / this.speed;
      if (behindMs > STALL_MS && !announced) {
        announced = true;
        this.#announceGap(`the feed stalled for ${Math.round(behindMs)} ms`);
      }
      const minuteEnd = Math.floor(this.#played / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
      if (!(await this.#playOne(Math.min(target, minuteEnd)))) return await this.#pause();
    }
  }

  /** False: the matcher could not play it; nothing was shown. */
  async #playOne(target: number): Promise<boolean> {
    try {
      await this.#matcher(target);
    } catch (error) {
      this.#options.logger.error(
        { err: error, marketTime: target },
        'a step of the market could not be played',
      );
      return false;
    }
    if (this.#stopped) return true;
    this.#played = target;
    try {
      this.#show(target);
      if (this.#barrier !== undefined) await this.#barrier();
    } catch (error) {
      this.#options.logger.error({ err: error, marketTime: target }, 'a consumer of the market failed');
    }
    if (this.#atEnd()) {
      this.#listener?.onInstruments?.([...this.#facts()]);
      this.#finish();
    }
    return true;
  }

  #show(ts: number): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    const barClosed = ts % MINUTE_MS === 0;
    const now = this.#options.clock.now();
    if (barClosed || this.#options.pace === 'max' || now - this.#quotedAt >= MIN_QUOTE_GAP_MS) {
      this.#quotedAt = now;
      for (const { symbol } of this.#listed)
        listener.onQuote(this.path.quote(symbol, ts), this.path.volumeSoFar(symbol, ts));
    }
    if (!barClosed) return;
    for (const { symbol } of this.#listed) {
      listener.onBar({
        symbol,
        interval: '1m',
        candle: this.path.candle(symbol, ts - MINUTE_MS),
        revision: 0,
      });
    }
  }

  #announceGap(reason: string): void {
    for (const { symbol } of this.#listed) this.#listener?.onGap(symbol, reason);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#options.clock.after(RETRY_MS, resolve);
    });
  }

  /** A path that was played to its end has no other price to come. */
  #facts(): readonly Instrument[] {
    return this.#atEnd() ? this.#listed.map((one) => ({ ...one, status: 'ended' })) : this.#listed;
  }

  #atEnd(): boolean {
    return this.path.lastTime !== null && this.#played >= this.path.lastTime;
  }

  #floor(ts: number): number {
    return Math.floor(ts / this.path.stepMs) * this.path.stepMs;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** For those who are handed the feed's construction. */
export const createPathFeed = (options: PathFeedOptions): TradableFeed => new PathFeed(options);
