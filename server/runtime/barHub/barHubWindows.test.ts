import { describe, expect, it } from 'vitest';
import { add, type Decimal, dec, sum } from '../../../shared/domain/decimal.ts';
import type { Interval, Quote } from '../../../shared/domain/market.ts';
import { FakeMarketFeed, fakeInstrument } from '../../testing/market/fakeMarketFeed.ts';
import {
  HandClock,
  logger,
  MINUTE_MS,
  newWatcher,
  series,
  setUp,
  watch,
} from '../../testing/market/hubSetup.ts';
import { waitUntil } from '../../testing/patience.ts';
import { BarHub, type CandleUpdate } from './barHub.ts';
import { HISTORY_ANSWER_MS, HISTORY_CONCURRENCY, IDLE_SERIES_LIMIT } from './limits.ts';
import { HistoryTooShort } from './seriesEntry.ts';

describe('bar hub: windows', () => {
  it('[BAR-14] series nobody watches are kept up to a limit, the longest unused go first', async () => {
    const symbols = Array.from({ length: IDLE_SERIES_LIMIT + 2 }, (_, n) => `COIN${n}USDT`);
    const setup = await setUp(new FakeMarketFeed({ minute: 600, symbols }));
    for (const symbol of symbols) {
      await setup.hub.watch(symbol, { venue: 'sim', symbol: symbol, interval: '1m' }, 5);
      setup.hub.unwatch(symbol);
    }
    const heldNow = symbols.filter((symbol) => setup.hub.series('sim', symbol, '1m', 5) !== undefined);
    expect(heldNow).toEqual(symbols.slice(2));
    setup.hub.unwatch(symbols[0] ?? '');
  });

  it('[BAR-14] [RUN-38] whoever watches again, or watches something else, holds one series', async () => {
    const symbols = Array.from({ length: IDLE_SERIES_LIMIT }, (_, n) => `COIN${n}USDT`);
    const setup = await setUp(new FakeMarketFeed({ minute: 600, symbols: ['BTCUSDT', ...symbols] }));
    for (let second = 0; second < 10; second += 1) await watch(setup, '1m', 5, 'bot');
    await watch(setup, '3m', 5, 'bot');
    await watch(setup, '3m', 5, 'other');
    setup.hub.unwatch('bot');
    for (const symbol of symbols)
      await setup.hub.watch('third', { venue: 'sim', symbol: symbol, interval: '1m' }, 5);
    setup.hub.unwatch('third');
    expect(series(setup, '1m', 5)).toBeUndefined();
    expect(series(setup, '3m', 5)).toBeDefined();
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
    await Promise.all([watch(setup, '4h', 200, 'a'), watch(setup, '4h', 200, 'b'), watch(setup, '1h', 200)]);
    expect(setup.feed.historyCalls).toBe(48 + 12);
    expect(setup.feed.mostConcurrentCalls).toBeLessThanOrEqual(HISTORY_CONCURRENCY);
    setup.hub.unwatch('a');
    setup.hub.unwatch('b');
    await watch(setup, '4h', 200);
    expect(setup.feed.historyCalls).toBe(60);
    expect(series(setup, '4h', 200)?.close).toHaveLength(200);
  });

  it('[FOUND-13] a history that never answers is told, and asked anew by who watches next', async () => {
    const setup = await setUp();
    setup.feed.gate = new Promise(() => {});
    const refused = watch(setup, '1m', 20).catch((error: unknown) => error);
    await waitUntil(() => setup.clock.timers.size > 0);
    setup.clock.fire();
    expect(String(await refused)).toContain(`no answer in ${HISTORY_ANSWER_MS} ms`);
    setup.feed.gate = Promise.resolve();
    await watch(setup, '1m', 20);
    expect(series(setup, '1m', 20)).toBeDefined();
  });

  it('[BAR-15] a history that is too short is told with figures, and the series goes on growing', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 90 }));
    const refused = await watch(setup, '15m', 7).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HistoryTooShort);
    expect(refused).toMatchObject({ have: 6, need: 7 });
    for (let n = 0; n < 15; n += 1) setup.feed.closeMinute();
    await watch(setup, '15m', 7);
    expect(series(setup, '15m', 7)).toBeDefined();
    await expect(
      setup.hub.watch(newWatcher(), { venue: 'sim', symbol: 'NOPEUSDT', interval: '1m' }, 5),
    ).rejects.toThrow('unknown market sim.NOPEUSDT');
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

  it('[BAR-18] charts see the bar under construction, which never enters a series', async () => {
    const setup = await setUp();
    const updates: CandleUpdate[] = [];
    setup.hub.onCandle((update) => updates.push(update));
    setup.hub.watchCandles('sim', 'BTCUSDT', '3m');
    setup.hub.watchCandles('sim', 'BTCUSDT', '3m');
    await setup.hub.settled();
    setup.feed.closeMinute();
    setup.feed.quote('BTCUSDT', setup.feed.marketTime() + 5_000, '9999', dec('0'));
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
    // A price of the next minute before this one closed says nothing about either bar yet.
    setup.clock.time += 1_000;
    setup.feed.quote('BTCUSDT', setup.feed.marketTime() + 60_000, '9997');
    expect(updates).toHaveLength(2);
    setup.feed.closeMinute();
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(updates.filter((update) => update.closed).map((update) => update.candle.volume)).toHaveLength(1);
    expect(series(setup, '3m', 1)?.high[0]).toBeLessThan(9_000);
  });

  it('[BAR-24] [MET-14] the open bar has what its closed minutes and the open one traded, for who watches and who asks, of any interval', async () => {
    // 18:07: seven minutes into a bar of 15m and of 1h, hours into one of 4h and of a day.
    const setup = await setUp(new FakeMarketFeed({ minute: 18 * 60 + 7 }));
    const updates: CandleUpdate[] = [];
    setup.hub.onCandle((update) => updates.push(update));
    setup.hub.watchCandles('sim', 'BTCUSDT', '15m');
    await setup.hub.settled();
    const now = setup.feed.marketTime();
    const closed = (from: number): Decimal =>
      sum(Array.from({ length: 1_087 - from }, (_, n) => setup.feed.candle('BTCUSDT', from + n).volume));
    const ask = async (interval: Interval) => {
      const open = await setup.hub.openCandle('sim', 'BTCUSDT', interval, null);
      return open && [(open.openTime - setup.feed.startTime) / MINUTE_MS, open.volume, open.close];
    };
    expect(await ask('15m')).toBeNull();
    setup.feed.quote('BTCUSDT', now + 5_000, '1003', dec('0.25'));
    setup.clock.time += 1_000;
    setup.feed.quote('BTCUSDT', now + 9_000, '1004', dec('0.75'));
    const of15m = add(closed(1_080), dec('0.75'));
    expect(updates.map(({ candle }) => candle.volume)).toEqual([add(closed(1_080), dec('0.25')), of15m]);
    expect(await ask('1m')).toEqual([1_087, '0.75', '1004']);
    expect(await ask('15m')).toEqual([1_080, of15m, '1004']);
    expect(await ask('1h')).toEqual([1_080, of15m, '1004']);
    expect(await ask('4h')).toEqual([960, add(closed(960), dec('0.75')), '1004']);
    expect(await ask('1d')).toEqual([0, add(closed(0), dec('0.75')), '1004']);
    const { historyCalls } = setup.feed;
    expect(await ask('1d')).toEqual([0, add(closed(0), dec('0.75')), '1004']);
    expect(setup.feed.historyCalls, 'read once').toBe(historyCalls);

    // A feed that tells none before a minute is over: nobody knows what the bar has.
    setup.clock.time += 1_000;
    setup.feed.quote('BTCUSDT', now + 12_000, '1005');
    expect(updates.at(-1)?.candle).toMatchObject({ volume: null, close: '1005' });
    expect(await ask('1d')).toEqual([0, null, '1005']);
    setup.feed.closeMinute();
    await setup.hub.settled();
    expect(await ask('15m'), 'no price of the new minute').toBeNull();
    // A history that lags behind says nothing of a bar in which it has holes.
    setup.feed.historyUntil = 1_070;
    setup.feed.quote('BTCUSDT', setup.feed.marketTime() + 1_000, '1006', dec('0.1'));
    expect(await ask('30m')).toBeNull();
  });

  it('[BAR-19] past candles are read from what is held or from history, aligned and complete', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 607 }));
    const read = await setup.hub.candles({ venue: 'sim', symbol: 'BTCUSDT', interval: '5m', limit: 10 });
    expect(read.map((candle) => (candle.openTime - setup.feed.startTime) / MINUTE_MS)).toEqual(
      Array.from({ length: 10 }, (_, n) => 555 + 5 * n),
    );
    await watch(setup, '5m', 50);
    const calls = setup.feed.historyCalls;
    expect(await setup.hub.candles({ venue: 'sim', symbol: 'BTCUSDT', interval: '5m', limit: 10 })).toEqual(
      read,
    );
    expect(setup.feed.historyCalls).toBe(calls);
    const older = await setup.hub.candles({
      venue: 'sim',
      symbol: 'BTCUSDT',
      interval: '5m',
      before: read[0]?.openTime,
      limit: 10,
    });
    expect(older[older.length - 1]?.openTime).toBe((read[0]?.openTime ?? 0) - 5 * MINUTE_MS);
    expect(
      await setup.hub.candles({
        venue: 'sim',
        symbol: 'BTCUSDT',
        interval: '1h',
        before: setup.feed.startTime,
        limit: 10,
      }),
    ).toEqual([]);
  });

  it('[BAR-22] past bars are built once, also for those who ask at the same time; later only what is new is read', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 60_000 }));
    setup.feed.emptyMinutes.add(60_000);
    const past = (hub: BarHub, before?: number, limit = 100) =>
      hub.candles({ venue: 'sim', symbol: 'BTCUSDT', interval: '4h', before: before, limit: limit });
    const [first, second] = await Promise.all([past(setup.hub), past(setup.hub)]);
    expect(setup.feed.historyCalls).toBe(24);
    expect(second).toEqual(first);
    expect(await past(setup.hub, undefined, 10)).toEqual(first.slice(-10));
    expect(setup.feed.historyCalls).toBe(24);
    for (let n = 0; n < 480; n += 1) setup.feed.closeMinute();
    const fresh = async () => past((await setUp(setup.feed)).hub);
    let calls = setup.feed.historyCalls;
    const later = await past(setup.hub);
    expect(setup.feed.historyCalls - calls).toBe(1);
    expect(later).toEqual(await fresh());
    // Paging back, from what is held on.
    const older = await past(setup.hub, first[0]?.openTime, 50);
    expect(older.map(({ openTime }) => openTime)).toEqual(
      Array.from({ length: 50 }, (_, n) => (first[0]?.openTime ?? 0) + (n - 50) * 240 * MINUTE_MS),
    );
    calls = setup.feed.historyCalls;
    expect((await past(setup.hub, undefined, 150)).slice(0, 48)).toEqual(older.slice(2));
    expect(setup.feed.historyCalls).toBe(calls);
  });

  it('[BAR-22] a chart is filled once, and a corrected minute builds its bar anew', async () => {
    const setup = await setUp(new FakeMarketFeed({ minute: 250_000 }));
    const days = () => setup.hub.candles({ venue: 'sim', symbol: 'BTCUSDT', interval: '1d', limit: 300 });
    setup.hub.watchCandles('sim', 'BTCUSDT', '1d');
    const shown = await days();
    expect(shown).toHaveLength(69);
    expect(setup.feed.historyCalls).toBeLessThanOrEqual(101);

    const hours = () => setup.hub.candles({ venue: 'sim', symbol: 'BTCUSDT', interval: '4h', limit: 10 });
    setup.feed.closeMinute();
    await setup.hub.settled();
    const before = await hours();
    const minute = Math.floor(setup.feed.minute / 240) * 240 - 1;
    const corrected = { ...setup.feed.candle('BTCUSDT', minute), close: dec('1234') };
    const { candle } = setup.feed;
    setup.feed.candle = (symbol, at) => (at === minute ? corrected : candle.call(setup.feed, symbol, at));
    setup.feed.emit('BTCUSDT', minute, 1, corrected);
    const after = await hours();
    expect(after.at(-1)?.close).toBe('1234');
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
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

  it('[BAR-21] new facts of an instrument are read at once; one that ended is unknown with its past still there, and bars stay as they were', async () => {
    const setup = await setUp();
    await watch(setup, '1m', 5);
    const before = series(setup, '1m', 5);
    const changed = { ...fakeInstrument('sim', 'BTCUSDT'), tickSize: dec('5') };
    setup.feed.list([changed]);
    expect(setup.hub.instrument('sim', 'BTCUSDT')).toEqual(changed);
    expect(await setup.hub.instruments('sim')).toEqual({ instruments: [changed] });
    expect(series(setup, '1m', 5)).toEqual(before);
    setup.feed.closeMinute();
    setup.hub.flush();
    expect(setup.delivered()).toEqual(['1m@600']);

    const listed = fakeInstrument('sim', 'ETHUSDT');
    setup.feed.list([listed]);
    expect(setup.hub.instrument('sim', 'BTCUSDT')).toBeUndefined();
    expect(
      (await setup.hub.candles({ venue: 'sim', symbol: 'BTCUSDT', interval: '1m', limit: 3 })).length,
    ).toBe(3);
    // A symbol that is new has its market at once.
    expect(setup.hub.instrument('sim', 'ETHUSDT')).toEqual(listed);
    await setup.hub.watch(newWatcher(), { venue: 'sim', symbol: 'ETHUSDT', interval: '1m' }, 5);
    expect(setup.hub.series('sim', 'ETHUSDT', '1m', 5)).toBeDefined();
    await setup.hub.stop();
  });
});
