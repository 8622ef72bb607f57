import { type Decimal, ZERO } from '../../../../shared/domain/decimal.ts';
import { type Candle, INTERVAL_MS } from '../../../../shared/domain/market.ts';
import type { Clock } from '../../../ports/clock.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import type { CandleHistory } from './candleHistory.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
/** After a minute's end its last trades are in its bar. */
const GRACE_MS = 1_500;
/** Before a bar that could not be had is asked for again. */
const AGAIN_MS = 2_000;
/** After a long interruption no more is made up for: the rest is history. */
const MOST_MINUTES = 1_000;

export interface MinuteCloserOptions {
  clock: Clock;
  now: () => number;
  history: CandleHistory;
  symbols: () => readonly string[];
  closed(symbol: string, candle: Candle): void;
}

/** Tells each minute of each symbol once, in order, as the exchange has it once it is over. */
export class MinuteCloser {
  readonly #options: MinuteCloserOptions;
  /** The minute that is to be told next, by symbol. */
  readonly #next = new Map<string, number>();
  readonly #lastClose = new Map<string, Decimal>();
  #cancelTimer = (): void => {};
  #isRunning = false;

  constructor(options: MinuteCloserOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isRunning = true;
    this.#begin();
    this.#wait();
  }

  stop(): void {
    this.#isRunning = false;
    this.#cancelTimer();
  }

  /** What is open now is the first that is told of a symbol that is new. */
  #begin(): void {
    const { now, symbols } = this.#options;
    const current = now() - (now() % MINUTE_MS);
    for (const symbol of symbols()) if (!this.#next.has(symbol)) this.#next.set(symbol, current);
  }

  #wait(): void {
    const { clock, now } = this.#options;
    const sinceDue = (now() - GRACE_MS) % MINUTE_MS;
    this.#cancelTimer = clock.after(Math.max(1, MINUTE_MS - sinceDue), () => void this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    const over = this.#options.now() - GRACE_MS;
    const due = over - (over % MINUTE_MS);
    const served = new Set(this.#options.symbols());
    for (const symbol of [...this.#next.keys()]) if (!served.has(symbol)) this.#next.delete(symbol);
    // The limiter spreads them; one that fails holds up none of the others.
    const done = await Promise.all([...served].map((symbol) => this.#closeUpTo(symbol, due)));
    this.#begin();
    if (!this.#isRunning) return;
    if (done.every(Boolean)) this.#wait();
    else this.#cancelTimer = this.#options.clock.after(AGAIN_MS, () => void this.#closeAll());
  }

  /** Whether all is told that was over. */
  async #closeUpTo(symbol: string, due: number): Promise<boolean> {
    const from = this.#next.get(symbol);
    if (from === undefined || from >= due) return true;
    const { history, closed } = this.#options;
    const count = Math.min(MOST_MINUTES, (due - from) / MINUTE_MS);
    try {
      const bars = await history.before(symbol, due, count + 1);
      if (!this.#isRunning) return true;
      const first = due - count * MINUTE_MS;
      for (const bar of whole(bars, first, due, this.#lastClose.get(symbol))) {
        closed(symbol, bar);
        this.#lastClose.set(symbol, bar.close);
      }
      this.#next.set(symbol, due);
      return true;
    } catch (error) {
      if (error instanceof BitgetError) return false;
      throw error;
    }
  }
}

/** Every minute from `first` up to `due`: one that is missing had no trade, and stays at what was before. */
function whole(
  bars: readonly Candle[],
  first: number,
  due: number,
  lastClose: Decimal | undefined,
): Candle[] {
  const byTime = new Map(bars.map((bar) => [bar.openTime, bar]));
  let close = lastClose ?? bars.findLast(({ openTime }) => openTime < first)?.close ?? bars[0]?.open;
  const minutes: Candle[] = [];
  for (let openTime = first; openTime < due; openTime += MINUTE_MS) {
    const bar = byTime.get(openTime);
    if (bar !== undefined) minutes.push(bar);
    else if (close !== undefined)
      minutes.push({ openTime, open: close, high: close, low: close, close, volume: ZERO });
    close = bar?.close ?? close;
  }
  return minutes;
}
