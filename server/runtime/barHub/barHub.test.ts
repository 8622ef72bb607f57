import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { FakeMarketFeed } from '../../testing/market/fakeMarketFeed.ts';
import {
  HandClock,
  logger,
  MINUTE_MS,
  newWatcher,
  series,
  setUp,
  watch,
} from '../../testing/market/hubSetup.ts';
import { BarHub } from './barHub.ts';
import type { HubBar } from './hubBar.ts';

describe('bar hub: delivery', () => {
  it('[BAR-7] [D9] every listener gets every bar of every watched interval exactly once, in order', async () => {
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
      for (const interval of ['3m', '1m'] as const)
        await setup.hub.watch(newWatcher(), { venue: 'sim', symbol: symbol, interval: interval }, 5);
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

  it('[BAR-6] a correction of a long closed bar reads the window again', async () => {
    const setup = await setUp();
    await watch(setup, '3m', 20);
    setup.feed.emptyMinutes.add(571);
    setup.feed.emit('BTCUSDT', 571, 1);
    await setup.hub.settled();
    // The corrected history has no trades in that minute: its flat bar has no volume.
    const at = series(setup, '3m', 20)?.openTime.indexOf(setup.feed.startTime + 570 * MINUTE_MS) ?? -1;
    const [first, third] = [setup.feed.candle('BTCUSDT', 570), setup.feed.candle('BTCUSDT', 572)];
    expect(series(setup, '3m', 20)?.volume[at]).toBeCloseTo(Number(first.volume) + Number(third.volume), 9);
  });

  it('[BAR-7] [D9] whatever a feed loses, repeats or delays: every bar once, in order, as history has it', async () => {
    const minute = fc.record({
      lost: fc.boolean(),
      repeated: fc.boolean(),
      late: fc.boolean(),
      settle: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(minute, { minLength: 5, maxLength: 60 }), async (minutes) => {
        const setup = await setUp();
        await Promise.all([watch(setup, '1m', 10), watch(setup, '5m', 10)]);
        let late: number | undefined;
        for (const { lost, repeated, late: delayed, settle } of minutes) {
          const present = setup.feed.minute;
          setup.feed.closeMinute({ lost: lost || delayed });
          if (repeated && !lost) setup.feed.emit('BTCUSDT', present);
          if (late !== undefined) setup.feed.emit('BTCUSDT', late);
          late = delayed ? present : undefined;
          if (settle) await setup.hub.settled();
        }
        setup.feed.closeMinute();
        await setup.hub.settled();
        for (const [interval, length] of [
          ['1m', 1],
          ['5m', 5],
        ] as const) {
          const bars = setup.bars.filter((bar) => bar.interval === interval);
          const count = Math.floor((minutes.length + 1) / length);
          expect(bars.map((bar) => (bar.candle.openTime - setup.feed.startTime) / MINUTE_MS)).toEqual(
            Array.from({ length: count }, (_, n) => 600 + n * length),
          );
        }
        const fresh = await setUp(new FakeMarketFeed({ minute: setup.feed.minute }));
        await watch(fresh, '5m', 10);
        expect(series(setup, '5m', 10)).toEqual(series(fresh, '5m', 10));
      }),
      { numRuns: 60 },
    );
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

  it('[FOUND-29] [RISK-5] a price is not fresh for ever because market time stands still with it', async () => {
    const { hub, feed, clock } = await setUp();
    feed.quote('BTCUSDT', feed.marketTime());
    expect(hub.isFresh('sim', 'BTCUSDT')).toBe(true);
    clock.time += 90_001;
    expect(hub.isFresh('sim', 'BTCUSDT')).toBe(false);
    feed.quote('BTCUSDT', feed.marketTime());
    expect(hub.isFresh('sim', 'BTCUSDT')).toBe(true);
  });

  it('[FOUND-29] a market without a price for long stands still, since its last one, until the next; a venue of such markets does not go on', async () => {
    const { hub, feed, clock } = await setUp(
      new FakeMarketFeed({ minute: 600, symbols: ['BTCUSDT', 'ETHUSDT'] }),
    );
    clock.time = 1_000;
    feed.quote('BTCUSDT', feed.marketTime());
    clock.time = 91_000;
    expect(hub.marketsNow('sim')?.standstills).toEqual([{ symbol: 'ETHUSDT', since: 0 }]);
    expect(hub.goesOn).toBe(true);
    clock.time = 91_001;
    expect(hub.marketsNow('sim')?.standstills).toEqual([
      { symbol: 'BTCUSDT', since: 1_000 },
      { symbol: 'ETHUSDT', since: 0 },
    ]);
    expect(hub.goesOn).toBe(false);
    feed.quote('BTCUSDT', feed.marketTime());
    expect(hub.marketsNow('sim')?.standstills).toEqual([{ symbol: 'ETHUSDT', since: 0 }]);
    expect(hub.goesOn).toBe(true);
    feed.list((await feed.instruments()).map((instrument) => ({ ...instrument, status: 'ended' })));
    expect(hub.marketsNow('sim')?.standstills).toEqual([]);
  });

  it('[FOUND-29] a venue all of whose markets have ended does not go on', async () => {
    const { hub, feed } = await setUp();
    expect(hub.goesOn).toBe(true);
    feed.list((await feed.instruments()).map((instrument) => ({ ...instrument, status: 'ended' })));
    expect(hub.goesOn).toBe(false);
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

describe('bar hub: start', () => {
  it.each(['instruments', 'start'] as const)(
    '[FOUND-13] a feed whose %s is never answered ends the start and is named',
    async (call) => {
      const feed = new FakeMarketFeed({ minute: 600 });
      vi.spyOn(feed, call).mockReturnValue(new Promise<never>(() => {}));
      const clock = new HandClock();
      const hub = new BarHub({ feeds: [feed], logger, clock });
      const failed = expect(hub.start()).rejects.toThrow(/sim: no answer/);
      // What is answered has been answered by then.
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      clock.fire();
      await failed;
    },
  );
});
