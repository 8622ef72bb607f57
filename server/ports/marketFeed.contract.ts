import { describe, expect, onTestFinished, test } from 'vitest';
import { type Decimal, gt, isMultipleOf, lt, lte } from '../../shared/domain/decimal.ts';
import { INTERVAL_MS, type Quote } from '../../shared/domain/market.ts';
import type { ClosedBar, MarketFeed } from './marketFeed.ts';

const MINUTE_MS = INTERVAL_MS['1m'];

export interface FeedUnderTest {
  feed: MarketFeed;
  /** Lets at least `minutes` of market time pass and waits until they were shown. */
  pass(minutes: number): Promise<void>;
  stop(): Promise<void>;
}

/** What every market feed promises. */
export function describeMarketFeed(name: string, create: () => Promise<FeedUnderTest>): void {
  describe(`${name} as a market feed`, () => {
    async function started() {
      const world = await create();
      onTestFinished(() => world.stop());
      const bars: ClosedBar[] = [];
      const quotes: Quote[] = [];
      const volumes = new Map<Quote, Decimal | null>();
      await world.feed.start({
        onQuote: (quote, minuteVolume) => {
          quotes.push(quote);
          volumes.set(quote, minuteVolume);
        },
        onBar: (bar) => bars.push(bar),
        onGap: () => {},
      });
      const instruments = await world.feed.instruments();
      const barsOf = (symbol: string) => bars.filter((bar) => bar.symbol === symbol);
      return { ...world, bars, quotes, volumes, instruments, barsOf };
    }

    test('[FEED-1] shows each minute of each symbol exactly once, in order, after it ended', async () => {
      const { feed, pass, instruments, barsOf } = await started();
      const from = Math.ceil((feed.marketTime() + 1) / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
      await pass(4);
      for (const { symbol } of instruments) {
        const times = barsOf(symbol).map((bar) => bar.candle.openTime);
        expect(times.length).toBeGreaterThanOrEqual(3);
        expect(times).toEqual(times.map((_time, index) => from + index * MINUTE_MS));
        expect(Math.max(...times) + MINUTE_MS).toBeLessThanOrEqual(feed.marketTime());
      }
    });

    test('[FEED-2] history ends before the present and agrees with the bars that were shown', async () => {
      const { feed, pass, instruments, barsOf } = await started();
      await pass(3);
      for (const { symbol } of instruments) {
        const shown = barsOf(symbol).map((bar) => bar.candle);
        const history = await feed.history(symbol, feed.marketTime() + 10 * MINUTE_MS, 50);
        expect(history.length).toBeLessThanOrEqual(50);
        const times = history.map((candle) => candle.openTime);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect((times.at(-1) ?? 0) + MINUTE_MS).toBeLessThanOrEqual(feed.marketTime());
        const first = shown[0]?.openTime ?? 0;
        expect(history.filter((candle) => candle.openTime >= first).slice(0, shown.length)).toEqual(shown);
        const before = await feed.history(symbol, first, 2);
        expect(before.every((candle) => candle.openTime < first)).toBe(true);
      }
      expect(await feed.history('NOSUCH', feed.marketTime(), 5)).toEqual([]);
    });

    test('[FEED-3] quotes are on the grid, ordered bid to ask, and never go back in time', async () => {
      const { feed, pass, instruments, quotes } = await started();
      await pass(3);
      for (const { symbol, tickSize } of instruments) {
        const own = quotes.filter((quote) => quote.symbol === symbol);
        expect(own.length).toBeGreaterThan(0);
        for (const { last, bid, ask, mark } of own) {
          expect(lt(bid, ask) && lte(bid, last) && lte(last, ask)).toBe(true);
          for (const price of [last, bid, ask, mark]) expect(isMultipleOf(price, tickSize)).toBe(true);
        }
        const times = own.map((quote) => quote.ts);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(feed.latest(symbol)?.ts).toBeGreaterThanOrEqual(times.at(-1) ?? 0);
      }
    });

    test('[FEED-13] what a minute traded so far comes with its prices, only grows, and ends as what its bar says; or never comes', async () => {
      const { pass, instruments, volumes, barsOf } = await started();
      await pass(4);
      const isTold = [...volumes.values()].every((volume) => volume !== null);
      expect(isTold || [...volumes.values()].every((volume) => volume === null)).toBe(true);
      for (const { symbol } of instruments) {
        for (const { candle } of barsOf(symbol)) {
          const own = [...volumes].flatMap(([quote, volume]) => {
            const isOfIt = quote.symbol === symbol && quote.ts - (quote.ts % MINUTE_MS) === candle.openTime;
            return isOfIt && volume !== null ? [{ ts: quote.ts, volume }] : [];
          });
          for (const [index, { ts, volume }] of own.entries()) {
            expect(lte(own[index - 1]?.volume ?? volume, volume) && lte(volume, candle.volume)).toBe(true);
            if (ts === candle.openTime) expect(volume).toBe('0');
          }
          const last = own.at(-1);
          if (last !== undefined && last.ts > candle.openTime)
            expect(gt(last.volume, '0' as Decimal)).toBe(true);
        }
      }
    });

    test('[FEED-4] bars hold together', async () => {
      const { pass, bars } = await started();
      await pass(3);
      for (const { candle, interval } of bars) {
        const { open, high, low, close } = candle;
        expect(interval).toBe('1m');
        expect([open, close].some((price) => gt(price, high) || lt(price, low))).toBe(false);
      }
    });
  });
}
