import { describe, expect, it, vi } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Candle, Interval, Quote } from '../../../shared/domain/market.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { FakeMarketFeed } from '../../testing/market/fakeMarketFeed.ts';
import { BarHub, type CandleUpdate, type HubBar } from './barHub.ts';
import { HISTORY_CONCURRENCY } from './limits.ts';
import { HistoryTooShort } from './seriesEntry.ts';

const MINUTE_MS = 60_000;

/** Timers run when a test says so. */
class HandClock implements Clock {
  time = 0;
  readonly timers = new Set<() => void>();
  now = (): number => this.time;
  after(_delayMs: number, run: () => void): () => void {
    this.timers.add(run);
    return () => this.timers.delete(run);
  }
  fire(): void {
    for (const run of [...this.timers]) {
      this.timers.delete(run);
      run();
    }
  }
}

const logger: Logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

interface Setup {
  hub: BarHub;
  feed: FakeMarketFeed;
  clock: HandClock;
  bars: HubBar[];
  /** `1m@500`: interval and minute of what was delivered. */
  delivered: () => string[];
}

async function setUp(feed = new FakeMarketFeed({ minute: 600 })): Promise<Setup> {
  const clock = new HandClock();
  const hub = new BarHub({ feeds: [feed], logger, clock });
  const bars: HubBar[] = [];
  hub.onBarClosed((bar) => bars.push(bar));
  await hub.start();
  const minuteOf = (candle: Candle): number => (candle.openTime - feed.startTime) / MINUTE_MS;
  return {
    hub,
    feed,
    clock,
    bars,
    delivered: () => bars.map((bar) => `${bar.interval}@${minuteOf(bar.candle)}`),
  };
}

const watch = (setup: Setup, interval: Interval, bars: number): Promise<void> =>
  setup.hub.watch('sim', 'BTCUSDT', interval, bars);
const series = (setup: Setup, interval: Interval, bars: number, at?: number) =>
  setup.hub.series('sim', 'BTCUSDT', interval, bars, at);

describe('bar hub', () => {
  it('[BAR-7] every listener gets every bar of every watched interval exactly once, in order', async () => {
    const setup = await setUp();
    const second: HubBar[] = [];
    setup.hub.onBarClosed((bar) => second.push(bar));
    await Promise.all([watch(setup, '5m', 20), watch(setup, '1m', 20), watch(setup, '5m', 20)]);
    for (let n = 0; n < 10; n += 1) setup.feed.closeMinute();
    await setup.hub.settled();
    expect(setup.delivered()).toEqual([
      ...[600, 601, 602, 603, 604].map((minute) => `1m@${minute}`),
      '5m@600',
      ...[605, 606, 607, 608, 609].map((minute) => `1m@${minute}`),
      '5m@605',
    ]);
    expect(second).toEqual(setup.bars);
    expect(series(setup, '5m', 20)?.close).toHaveLength(20);
    expect(series(setup, '1m', 1)?.close[0]).toBe(Number(setup.feed.candle('BTCUSDT', 609).close));
  });

  it('[BAR-8] bars that close together are delivered by symbol, then by interval, whatever the feed sends first', async () => {
    const setup = await setUp(
      new FakeMarketFeed({ minute: 600, symbols: ['SOLUSDT', 'BTCUSDT', 'ETHUSDT'] }),
    );
    for (const symbol of setup.feed.symbols) {
      for (const interval of ['3m', '1m'] as const) await setup.hub.watch('sim', symbol, interval, 5);
    }
    for (let n = 0; n < 3; n += 1) setup.feed.closeMinute();
    await setup.hub.settled();
    expect(setup.bars.slice(-6).map((bar) => `${bar.symbol} ${bar.interval}`)).toEqual([
      'BTCUSDT 1m',
      'BTCUSDT 3m',
      'ETHUSDT 1m',
      'ETHUSDT 3m',
      'SOLUSDT 1m',
      'SOLUSDT 3m',
    ]);
  });

  it('[BAR-8] a price of the next minute never overtakes the bar before it', async () => {
    const setup = await setUp();
    await watch(setup, '1m', 5);
    const seen: string[] = [];
    setup.hub.onBarClosed(() => seen.push('bar'));
    setup.hub.onQuote(() => seen.push('quote'));
    setup.feed.closeMinute();
    setup.feed.quote('BTCUSDT', setup.feed.marketTime());
    expect(seen).toEqual(['bar', 'quote']);
  });

  it('[BAR-9] a repeated bar is not delivered again; a correction is, with a higher revision', async () => {
    const setup = await setUp();
    await Promise.all([watch(setup, '1m', 10), watch(setup, '3m', 10)]);
    for (let n = 0; n < 3; n += 1) setup.feed.closeMinute();
    setup.feed.emit('BTCUSDT', 602);
    setup.feed.emit('BTCUSDT', 590);
    setup.hub.flush();
    expect(setup.bars).toHaveLength(4);
    const corrected = { ...setup.feed.candle('BTCUSDT', 601), high: dec('5000') };
    setup.feed.emit('BTCUSDT', 601, 1, corrected);
    setup.hub.flush();
    expect(setup.bars.slice(4).map((bar) => [bar.interval, bar.candle.high, bar.revision])).toEqual([
      ['1m', '5000', 1],
      ['3m', '5000', 1],
    ]);
    expect(series(setup, '1m', 2)?.high[0]).toBe(5000);
    expect(series(setup, '3m', 1)?.high[0]).toBe(5000);
    setup.feed.emit('BTCUSDT', 601, 1, corrected);
    setup.hub.flush();
    expect(setup.bars).toHaveLength(6);
  });

  it('[BAR-10] missed minutes are filled from history before the bar after them is delivered', async () => {
    const setup = await setUp();
    await Promise.all([watch(setup, '1m', 10), watch(setup, '3m', 10)]);
    setup.feed.closeMinute();
    for (let n = 0; n < 3; n += 1) setup.feed.closeMinute({ lost: true });
    setup.feed.closeMinute();
    setup.feed.closeMinute();
    expect(series(setup, '1m', 5)).toBeUndefined();
    setup.hub.flush();
    expect(setup.delivered()).toEqual(['1m@600']);
    await setup.hub.settled();
    expect(setup.delivered()).toEqual([
      '1m@600',
      '1m@601',
      '1m@602',
      '3m@600',
      '1m@603',
      '1m@604',
      '1m@605',
      '3m@603',
    ]);
    expect(setup.bars.map((bar) => bar.candle)).toContainEqual(setup.feed.candle('BTCUSDT', 602));
    expect(series(setup, '1m', 5)).toBeDefined();
  });

  it('[BAR-10] each bar of a filled gap sees the window that ends with it', async () => {
    const setup = await setUp();
    await watch(setup, '1m', 10);
    const ends: (number | undefined)[] = [];
    setup.hub.onBarClosed((bar) => ends.push(series(setup, '1m', 3, bar.candle.openTime)?.openTime[2]));
    for (let n = 0; n < 4; n += 1) setup.feed.closeMinute({ lost: true });
    setup.feed.closeMinute();
    await setup.hub.settled();
    const expected = setup.bars.map((bar) => bar.candle.openTime);
    expect(setup.bars.map((bar) => series(setup, '1m', 3, bar.candle.openTime)?.openTime[2])).toEqual(
      expected,
    );
    // While the gap was being filled nothing could be decided on.
    expect(ends.every((end, index) => end === undefined || end === expected[index])).toBe(true);
  });

  it('[BAR-11] while history lacks the missed minutes there is no series; it is asked for again until it has them', async () => {
    const setup = await setUp();
    await watch(setup, '1m', 10);
    setup.feed.historyUntil = 600;
    setup.feed.closeMinute({ lost: true });
    setup.feed.closeMinute({ lost: true });
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(setup.bars).toEqual([]);
    expect(series(setup, '1m', 3)).toBeUndefined();
    setup.feed.historyFailure = new Error('venue is away');
    setup.clock.fire();
    await setup.hub.settled();
    setup.feed.historyFailure = undefined;
    setup.feed.historyUntil = Number.POSITIVE_INFINITY;
    setup.clock.fire();
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(setup.delivered()).toEqual(['1m@600', '1m@601', '1m@602', '1m@603']);
    expect(series(setup, '1m', 3)).toBeDefined();
  });

  it('[BAR-11] an interrupted feed has no fresh price and no series until it goes on', async () => {
    const setup = await setUp();
    await watch(setup, '1m', 10);
    setup.feed.quote('BTCUSDT', setup.feed.marketTime());
    expect(setup.hub.isFresh('sim', 'BTCUSDT')).toBe(true);
    setup.feed.gap('BTCUSDT', 'socket closed');
    expect(setup.hub.isFresh('sim', 'BTCUSDT')).toBe(false);
    expect(series(setup, '1m', 5)).toBeUndefined();
    setup.feed.quote('BTCUSDT', setup.feed.marketTime());
    expect(setup.hub.isFresh('sim', 'BTCUSDT')).toBe(true);
    setup.feed.closeMinute();
    expect(series(setup, '1m', 5)).toBeDefined();
    setup.feed.minute += 2;
    expect(setup.hub.isFresh('sim', 'BTCUSDT')).toBe(false);
  });

  it('[BAR-12] a minute without trades, left out by history, is a flat bar at the last price', async () => {
    const setup = await setUp();
    setup.feed.emptyMinutes.add(590);
    await watch(setup, '1m', 30);
    const at = series(setup, '1m', 30);
    expect(at?.openTime).toEqual(
      Array.from({ length: 30 }, (_, n) => setup.feed.startTime + (570 + n) * MINUTE_MS),
    );
    expect([at?.open[20], at?.high[20], at?.low[20], at?.close[20]]).toEqual(Array(4).fill(at?.close[19]));
    expect(at?.volume[20]).toBe(0);
  });

  it('[BAR-13] after a restart the window is the same, to the last figure', async () => {
    const first = await setUp();
    await Promise.all([watch(first, '15m', 20), watch(first, '1m', 100)]);
    for (let n = 0; n < 137; n += 1) first.feed.closeMinute();
    await first.hub.settled();
    const second = await setUp(new FakeMarketFeed({ minute: 737 }));
    await Promise.all([watch(second, '15m', 20), watch(second, '1m', 100)]);
    expect(series(second, '15m', 20)).toEqual(series(first, '15m', 20));
    expect(series(second, '1m', 100)).toEqual(series(first, '1m', 100));
  });

  it('[BAR-13] what arrives while a window is being read is in it, once', async () => {
    const setup = await setUp();
    let open = (): void => undefined;
    setup.feed.gate = new Promise((resolve) => {
      open = resolve;
    });
    const ready = watch(setup, '3m', 20);
    for (let n = 0; n < 7; n += 1) setup.feed.closeMinute();
    open();
    await ready;
    const reference = await setUp(new FakeMarketFeed({ minute: 607 }));
    await watch(reference, '3m', 20);
    expect(series(setup, '3m', 20)).toEqual(series(reference, '3m', 20));
  });

  it('[BAR-14] long windows are read in pages, a bounded number at a time, once for all who watch', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 60_000 }));
    await Promise.all([watch(setup, '4h', 200), watch(setup, '4h', 200), watch(setup, '1h', 200)]);
    expect(setup.feed.historyCalls).toBe(48 + 12);
    expect(setup.feed.mostConcurrentCalls).toBeLessThanOrEqual(HISTORY_CONCURRENCY);
    setup.hub.unwatch('sim', 'BTCUSDT', '4h');
    setup.hub.unwatch('sim', 'BTCUSDT', '4h');
    await watch(setup, '4h', 200);
    expect(setup.feed.historyCalls).toBe(60);
    expect(series(setup, '4h', 200)?.close).toHaveLength(200);
  });

  it('[BAR-15] a history that is too short is told with figures, and the series goes on growing', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 90 }));
    const refused = await watch(setup, '15m', 7).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HistoryTooShort);
    expect(refused).toMatchObject({ have: 6, need: 7 });
    for (let n = 0; n < 15; n += 1) setup.feed.closeMinute();
    await watch(setup, '15m', 7);
    expect(series(setup, '15m', 7)).toBeDefined();
    await expect(setup.hub.watch('sim', 'NOPEUSDT', '1m', 5)).rejects.toThrow('unknown market sim.NOPEUSDT');
    await expect(watch(setup, '1m', 5_000)).rejects.toThrow('allowed are 1 to 1200');
  });

  it('[BAR-15] an error of the feed rejects the watch; the next one works', async () => {
    const setup = await setUp();
    setup.feed.historyFailure = new Error('rate limited');
    await expect(watch(setup, '1m', 5)).rejects.toThrow('rate limited');
    setup.feed.historyFailure = undefined;
    await watch(setup, '1m', 5);
    expect(series(setup, '1m', 5)).toBeDefined();
  });

  it('[BAR-16] at most a bounded number of bars is held, and a window is always the newest ones', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 1_300 }));
    await watch(setup, '1m', 1_200);
    for (let n = 0; n < 2_000; n += 1) setup.feed.closeMinute();
    await setup.hub.settled();
    expect(series(setup, '1m', 1_201)).toBeUndefined();
    expect(series(setup, '1m', 1_200)?.openTime[1_199]).toBe(setup.feed.marketTime() - MINUTE_MS);
    expect(series(setup, '1m', 1_200)?.openTime[0]).toBe(setup.feed.marketTime() - 1_200 * MINUTE_MS);
  });

  it('[BAR-17] after a very long gap series are filled anew instead of delivering every missed minute', async () => {
    const setup = await setUp();
    await watch(setup, '1m', 50);
    for (let n = 0; n < 5_000; n += 1) setup.feed.closeMinute({ lost: true });
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(setup.bars).toEqual([]);
    expect(series(setup, '1m', 50)?.openTime[49]).toBe(setup.feed.marketTime() - MINUTE_MS);
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(setup.delivered()).toEqual(['1m@5601']);
  });

  it('[BAR-18] charts see the bar under construction, which never enters a series', async () => {
    const setup = await setUp();
    const updates: CandleUpdate[] = [];
    setup.hub.onCandle((update) => updates.push(update));
    setup.hub.watchCandles('sim', 'BTCUSDT', '3m');
    setup.hub.watchCandles('sim', 'BTCUSDT', '3m');
    await setup.hub.settled();
    setup.feed.closeMinute();
    setup.feed.quote('BTCUSDT', setup.feed.marketTime() + 5_000, '9999');
    const minute = setup.feed.candle('BTCUSDT', 600);
    expect(updates).toEqual([
      {
        venue: 'sim',
        symbol: 'BTCUSDT',
        interval: '3m',
        closed: false,
        candle: { ...minute, high: dec('9999'), close: dec('9999') },
      },
    ]);
    setup.feed.quote('BTCUSDT', setup.feed.marketTime() + 6_000, '9998');
    expect(updates).toHaveLength(1);
    setup.clock.time += 1_000;
    setup.feed.quote('BTCUSDT', setup.feed.marketTime() + 7_000, '9998');
    expect(updates[1]?.candle.close).toBe('9998');
    setup.feed.closeMinute();
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(updates.filter((update) => update.closed).map((update) => update.candle.volume)).toHaveLength(1);
    expect(series(setup, '3m', 1)?.high[0]).toBeLessThan(9_000);
  });

  it('[BAR-19] past candles are read from what is held or from history, aligned and complete', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 607 }));
    const read = await setup.hub.candles('sim', 'BTCUSDT', '5m', undefined, 10);
    expect(read.map((candle) => (candle.openTime - setup.feed.startTime) / MINUTE_MS)).toEqual(
      Array.from({ length: 10 }, (_, n) => 555 + 5 * n),
    );
    await watch(setup, '5m', 50);
    const calls = setup.feed.historyCalls;
    expect(await setup.hub.candles('sim', 'BTCUSDT', '5m', undefined, 10)).toEqual(read);
    expect(setup.feed.historyCalls).toBe(calls);
    const older = await setup.hub.candles('sim', 'BTCUSDT', '5m', read[0]?.openTime, 10);
    expect(older[older.length - 1]?.openTime).toBe((read[0]?.openTime ?? 0) - 5 * MINUTE_MS);
    expect(await setup.hub.candles('sim', 'BTCUSDT', '1h', setup.feed.startTime, 10)).toEqual([]);
  });

  it('[BAR-20] instruments, prices and market time are at hand after the start', async () => {
    const setup = await setUp();
    const quotes: Quote[] = [];
    setup.hub.onQuote((quote) => quotes.push(quote));
    setup.feed.quote('BTCUSDT', setup.feed.marketTime(), '1234.5');
    expect(quotes).toEqual([setup.hub.latestQuote('sim', 'BTCUSDT')]);
    expect(setup.hub.instrument('sim', 'BTCUSDT')?.tickSize).toBe('0.1');
    expect(setup.hub.marketTime('sim')).toBe(setup.feed.marketTime());
    expect(setup.hub.hasMarket('sim', 'ETHUSDT')).toBe(false);
    expect((await setup.hub.instruments('sim'))?.instruments).toHaveLength(1);
    expect(await setup.hub.instruments('nowhere')).toBeUndefined();
    const twice = new BarHub({ feeds: [setup.feed, setup.feed], logger, clock: new HandClock() });
    await expect(twice.start()).rejects.toThrow('two feeds for venue sim');
    await setup.hub.stop();
  });

  it('[BAR-7] a listener that fails does not keep bars from the others', async () => {
    const setup = await setUp();
    const later: HubBar[] = [];
    setup.hub.onBarClosed(() => {
      throw new Error('broken');
    });
    setup.hub.onBarClosed((bar) => later.push(bar));
    await watch(setup, '1m', 5);
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(later).toHaveLength(1);
  });
});
