import { describe, expect, test } from 'vitest';
import type { Quote } from '../../../../shared/domain/market.ts';
import type { ClosedBar } from '../../../ports/marketFeed.ts';
import { silentLogger } from '../../../testing/silentLogger.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';
import { MAX_CATCH_UP_MARKET_MS } from './marketTime.ts';
import type { PathFeed } from './pathFeed.ts';
import { SimulatedFeed } from './simulatedFeed.ts';

const MINUTE_MS = 60_000;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const feedAt = (clock: ManualClock, speed: number | 'max' = 60): PathFeed =>
  new SimulatedFeed({ seed: 'feed', speed, clock, logger: silentLogger });

async function listen(feed: PathFeed) {
  const seen = { quotes: [] as Quote[], bars: [] as ClosedBar[], gaps: [] as string[] };
  await feed.start({
    onQuote: (quote) => seen.quotes.push(quote),
    onBar: (bar) => seen.bars.push(bar),
    onGap: (_symbol, reason) => seen.gaps.push(reason),
  });
  return seen;
}

describe('the simulated feed by the clock', () => {
  test('[FEED-5] at speed 60 a minute bar closes each second, with a quote every 5 market seconds', async () => {
    const clock = new ManualClock();
    const feed = feedAt(clock);
    const start = feed.marketTime();
    const seen = await listen(feed);
    for (let ms = 0; ms < 2_000; ms += 10) {
      clock.advance(10);
      await settle();
    }
    expect(feed.marketTime()).toBe(start + 2 * MINUTE_MS);
    const btc = seen.quotes.filter((quote) => quote.symbol === 'BTCUSDT').map((quote) => quote.ts);
    expect(btc).toEqual(Array.from({ length: 24 }, (_ts, i) => start + (i + 1) * 5_000));
    expect(seen.bars.filter((bar) => bar.symbol === 'BTCUSDT').map((bar) => bar.candle.openTime)).toEqual([
      start,
      start + MINUTE_MS,
    ]);
    await feed.stop();
  });

  test('[FEED-6] after a stall no bar is missing, the stall is announced, and only the newest quotes are shown', async () => {
    const clock = new ManualClock();
    const feed = feedAt(clock);
    const start = feed.marketTime();
    const seen = await listen(feed);
    clock.advance(60_000);
    await settle();
    await expect.poll(() => seen.bars.length).toBe(300);
    expect(seen.bars.filter((bar) => bar.symbol === 'XRPUSDT').map((bar) => bar.candle.openTime)).toEqual(
      Array.from({ length: 60 }, (_time, i) => start + i * MINUTE_MS),
    );
    expect(seen.gaps.length).toBeGreaterThan(0);
    expect(seen.quotes.at(-1)?.ts).toBe(feed.marketTime());
    await feed.stop();
  });

  test('[FEED-7] market time goes on over a restart, also at another speed', () => {
    const clock = new ManualClock();
    const first = feedAt(clock);
    const anchor = first.resume(undefined);
    clock.advance(10_000);
    const playedTo = first.marketTime();
    expect(playedTo).toBe(anchor.marketTime + 10 * MINUTE_MS);
    clock.advance(5_000);
    const same = feedAt(clock);
    expect(same.resume({ anchor, playedTo })).toEqual(anchor);
    expect(same.marketTime()).toBe(anchor.marketTime + 15 * MINUTE_MS);
    const slower = feedAt(clock, 1);
    slower.resume({ anchor, playedTo });
    expect(slower.marketTime()).toBe(anchor.marketTime + 15 * MINUTE_MS);
    clock.advance(1_000);
    expect(slower.marketTime()).toBe(anchor.marketTime + 15 * MINUTE_MS + 1_000);
  });

  test('[FEED-8] never goes back, and an absence counts for 30 market days at most', () => {
    const clock = new ManualClock();
    const anchor = feedAt(clock).resume(undefined);
    const ahead = feedAt(clock);
    ahead.resume({ anchor, playedTo: anchor.marketTime + MINUTE_MS });
    expect(ahead.marketTime()).toBe(anchor.marketTime + MINUTE_MS);
    clock.advance(30 * 24 * 3_600_000);
    const late = feedAt(clock);
    late.resume({ anchor, playedTo: anchor.marketTime });
    expect(late.marketTime()).toBe(anchor.marketTime + MAX_CATCH_UP_MARKET_MS);
  });

  test('[FEED-9] a step that its venue could not play is not shown, and is tried again', async () => {
    const clock = new ManualClock();
    const feed = feedAt(clock);
    let broken = true;
    feed.setMatcher(async () => {
      if (broken) throw new Error('no store');
    });
    const seen = await listen(feed);
    clock.advance(1_000);
    await settle();
    expect(seen.quotes).toEqual([]);
    broken = false;
    clock.advance(1_000);
    await expect
      .poll(() => {
        clock.advance(10);
        return seen.bars.length;
      })
      .toBeGreaterThanOrEqual(10);
    await feed.stop();
  });
});

test('[FEED-12] a listener that throws stops neither the market nor later bars', async () => {
  const clock = new ManualClock();
  const feed = feedAt(clock);
  let bars = 0;
  await feed.start({
    onQuote: () => {},
    onGap: () => {},
    onBar: () => {
      bars++;
      if (bars === 1) throw new Error('a bug elsewhere');
    },
  });
  for (let ms = 0; ms < 3_000; ms += 50) {
    clock.advance(50);
    await settle();
  }
  expect(bars).toBeGreaterThan(5);
  await feed.stop();
});

describe('the simulated feed in lock-step', () => {
  test('[FEED-10] goes on only when the barrier lets it, after the venue and after listeners', async () => {
    const feed = feedAt(new ManualClock(), 'max');
    const order: string[] = [];
    let steps = 0;
    feed.setMatcher(async (marketTime) => {
      order.push(`match ${marketTime}`);
    });
    const start = feed.marketTime();
    const done = new Promise<void>((resolve) => {
      feed.setBarrier(async () => {
        order.push(`barrier ${feed.marketTime()}`);
        if (++steps === 3) {
          void feed.stop();
          resolve();
        }
      });
    });
    await feed.start({
      onQuote: (q) => q.symbol === 'BTCUSDT' && order.push(`quote ${q.ts}`),
      onBar: () => {},
      onGap: () => {},
    });
    await done;
    expect(order).toEqual(
      [1, 2, 3].flatMap((i) => ['match', 'quote', 'barrier'].map((what) => `${what} ${start + i * 5_000}`)),
    );
  });
});
