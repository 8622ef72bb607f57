import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Candle, Quote } from '../../../../shared/domain/market.ts';
import type { MarketFeed, MarketListener } from '../../../ports/marketFeed.ts';
import type { BitgetAccess } from '../access.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { type MarketPush, PublicStream } from '../sockets/publicStream.ts';
import type { Family } from '../told/accountFacts.ts';
import type { QuotePart } from '../told/quotePart.ts';
import { v2MarketApi } from '../v2/marketApi.ts';
import { v3MarketApi } from '../v3/marketApi.ts';
import { unavailableOf } from '../venue/answers.ts';
import { CandleHistory } from './candleHistory.ts';
import { InstrumentList } from './instrumentList.ts';
import type { MarketApi } from './marketApi.ts';
import { MinuteCloser } from './minuteCloser.ts';
import { Quotes } from './quotes.ts';

export interface BitgetFeedOptions {
  venue: string;
  name: string;
  access: BitgetAccess;
  family: Family;
  /** Which contracts are served: of hundreds, each costs a subscription and a call a minute. */
  isServed(symbol: string): boolean;
}

/** Topics that one connection carries well. */
const TOPICS_PER_CONNECTION = 50;
/** Pushed tickers may leave out mark, index and funding (?): all symbols are read at once, so often. */
const TICKERS_EVERY_MS = 2_000;
const INSTRUMENTS_EVERY_MS = 600_000;
/** After an order was refused for a rule that ours do not have. */
const INSTRUMENTS_SOON_MS = 1_000;

const APIS: Record<Family, (calls: BitgetAccess['calls'], now: () => number) => MarketApi> = {
  v3: v3MarketApi,
  v2: v2MarketApi,
};

/** Bitget's USDT-margined perpetuals: prices by socket and call, bars by call, rules read again and again. */
export class BitgetFeed implements MarketFeed {
  readonly venue: string;
  readonly name: string;
  readonly simulated = false;
  readonly speed = 1;
  readonly #options: BitgetFeedOptions;
  readonly #api: MarketApi;
  readonly #list: InstrumentList;
  readonly #quotes: Quotes;
  readonly #history: CandleHistory;
  readonly #closer: MinuteCloser;
  #listener: MarketListener | undefined;
  #streams: PublicStream[] = [];
  #subscribed = new Set<string>();
  #cancelTickers = (): void => {};
  #cancelInstruments = (): void => {};

  constructor(options: BitgetFeedOptions) {
    const { venue, name, access, family, isServed } = options;
    this.venue = venue;
    this.name = name;
    this.#options = options;
    const now = () => this.marketTime();
    this.#api = APIS[family](access.calls, now);
    this.#list = new InstrumentList(isServed);
    this.#quotes = new Quotes(venue);
    this.#history = new CandleHistory(access.calls, now);
    this.#closer = new MinuteCloser({
      clock: access.clock,
      now,
      history: this.#history,
      symbols: () => this.#list.symbols,
      closed: (symbol, candle) => this.#listener?.onBar({ symbol, interval: '1m', candle, revision: 0 }),
    });
  }

  marketTime(): number {
    return this.#options.access.serverClock.now();
  }

  async instruments(): Promise<Instrument[]> {
    if (this.#list.symbols.length === 0) await this.#told(() => this.#readInstruments());
    return this.#list.instruments;
  }

  async history(symbol: string, before: number, limit: number): Promise<Candle[]> {
    if (!this.#list.has(symbol)) return [];
    return this.#told(() => this.#history.before(symbol, before, limit));
  }

  latest(symbol: string): Quote | undefined {
    return this.#quotes.latest(symbol);
  }

  async start(listener: MarketListener): Promise<void> {
    await this.instruments();
    this.#listener = listener;
    await this.#tickers();
    this.#subscribe();
    this.#closer.start();
    this.#instrumentsIn(INSTRUMENTS_EVERY_MS);
    void this.#readMaintenanceRates();
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
    this.#closer.stop();
    this.#cancelTickers();
    this.#cancelInstruments();
    for (const stream of this.#streams) stream.close();
    this.#streams = [];
    this.#subscribed.clear();
  }

  /** An order was refused for its size or price: the rules may be others by now. */
  rulesDiffer(): void {
    if (this.#listener !== undefined) this.#instrumentsIn(INSTRUMENTS_SOON_MS);
  }

  /** Connections of what is new; those that there are stay as they are. */
  #subscribe(): void {
    const { access } = this.#options;
    const fresh = this.#list.symbols.filter((symbol) => !this.#subscribed.has(symbol));
    for (let from = 0; from < fresh.length; from += TOPICS_PER_CONNECTION) {
      const symbols = fresh.slice(from, from + TOPICS_PER_CONNECTION);
      const stream = new PublicStream({
        url: `${access.place.wsUrl}${this.#api.path}`,
        args: symbols.map((symbol) => this.#api.tickerArg(symbol)),
        clock: access.clock,
        random: access.random,
        limiter: access.limiter,
        events: {
          pushed: (push) => this.#onPush(push),
          interrupted: (reason) => {
            for (const symbol of symbols) this.#listener?.onGap(symbol, reason);
          },
          restored: () => {},
          maintenance: () => {},
        },
      });
      stream.open();
      this.#streams.push(stream);
      for (const symbol of symbols) this.#subscribed.add(symbol);
    }
  }

  #onPush(push: MarketPush): void {
    try {
      for (const part of this.#api.readPush(push, this.marketTime())) this.#take(part);
    } catch (error) {
      // Prices that cannot be read are none: the market grows stale, which lets nobody enter.
      if (!(error instanceof BitgetError)) throw error;
    }
  }

  #take(part: QuotePart): void {
    if (!this.#list.has(part.symbol)) return;
    const quote = this.#quotes.take(part, this.#list.fundingHours(part.symbol));
    if (quote !== undefined) this.#listener?.onQuote(quote, null);
  }

  async #tickers(): Promise<void> {
    try {
      for (const part of await this.#api.readTickers()) this.#take(part);
    } catch (error) {
      if (!(error instanceof BitgetError)) throw error;
    }
    if (this.#listener === undefined) return;
    this.#cancelTickers = this.#options.access.clock.after(TICKERS_EVERY_MS, () => void this.#tickers());
  }

  #instrumentsIn(delayMs: number): void {
    this.#cancelInstruments();
    this.#cancelInstruments = this.#options.access.clock.after(delayMs, () => void this.#refresh());
  }

  async #refresh(): Promise<void> {
    try {
      if (await this.#readInstruments()) this.#listed();
    } catch (error) {
      if (!(error instanceof BitgetError)) throw error;
    }
    if (this.#listener !== undefined) this.#instrumentsIn(INSTRUMENTS_EVERY_MS);
  }

  /** Whether anything is other than it was. */
  async #readInstruments(): Promise<boolean> {
    return this.#list.take(await this.#api.readInstruments(this.venue));
  }

  #listed(): void {
    for (const symbol of this.#subscribed) if (!this.#list.has(symbol)) this.#quotes.forget(symbol);
    if (this.#listener === undefined) return;
    this.#listener.onInstruments?.(this.#list.instruments);
    this.#subscribe();
  }

  /** By and by: one call for each symbol. */
  async #readMaintenanceRates(): Promise<void> {
    let isChanged = false;
    for (const symbol of this.#list.symbols) {
      if (this.#listener === undefined) return;
      try {
        const rate = await this.#api.readMaintenanceRate(symbol);
        if (rate !== null && this.#list.takeMaintenanceRate(symbol, rate)) isChanged = true;
      } catch (error) {
        if (!(error instanceof BitgetError)) throw error;
      }
    }
    if (isChanged) this.#listed();
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw unavailableOf(error);
    }
  }
}
