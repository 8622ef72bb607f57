import { describe, expect, test } from 'vitest';
import { dec } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Quote } from '../../../../shared/domain/market.ts';
import { describeMarketFeed } from '../../../ports/marketFeed.contract.ts';
import type { ClosedBar } from '../../../ports/marketFeed.ts';
import { LIKELY, UNLIKELY } from '../../../standIn/bitget/switches.ts';
import { bitgetFeedWorld } from '../../../testing/bitget/feedWorld.ts';
import { InstrumentList } from './instrumentList.ts';
import { Quotes } from './quotes.ts';

for (const family of ['v3', 'v2'] as const)
  describeMarketFeed(`Bitget’s market by ${family}`, async () => {
    const { feed, pass } = await bitgetFeedWorld(family);
    return { feed, pass, stop: () => feed.stop() };
  });

const MINUTE_MS = 60_000;

async function started(family: 'v3' | 'v2', switches = LIKELY) {
  const world = await bitgetFeedWorld(family, switches);
  const told = {
    quotes: [] as Quote[],
    bars: [] as ClosedBar[],
    gaps: [] as string[],
    lists: [] as Instrument[][],
  };
  await world.feed.start({
    onQuote: (quote) => told.quotes.push(quote),
    onBar: (bar) => told.bars.push(bar),
    onGap: (symbol) => told.gaps.push(symbol),
    onInstruments: (list) => told.lists.push(list),
  });
  return { ...world, ...told };
}

describe.each([
  ['v3', LIKELY],
  ['v2', LIKELY],
  ['v3', UNLIKELY],
] as const)('Bitget’s market by %s', (family, switches) => {
  test('[BIT-46] prices follow the market with mark, index and funding, also where pushes leave them out (?)', async () => {
    const { feed, standIn, passMs, quotes } = await started(family, switches);
    expect(feed.latest('BTCUSDT')).toBeDefined();
    standIn.control.price('BTCUSDT', { last: '61234.5', mark: '61200.1' });
    await passMs(3_000);
    expect(feed.latest('BTCUSDT')).toMatchObject({ last: '61234.5', mark: '61200.1' });
    const { nextFundingTime = 0 } = feed.latest('BTCUSDT') ?? {};
    expect(nextFundingTime).toBeGreaterThan(feed.marketTime());
    expect(nextFundingTime % 3_600_000).toBe(0);
    expect(quotes.every(({ symbol }) => ['BTCUSDT', 'ETHUSDT'].includes(symbol))).toBe(true);
  });

  test('[BIT-47] bars that could not be had are told later, each once and in order; a gap is told', async () => {
    const { standIn, pass, passMs, bars, gaps } = await started(family, switches);
    await pass(2);
    const seen = bars.length;
    standIn.control.down();
    await expect.poll(() => new Set(gaps)).toEqual(new Set(['BTCUSDT', 'ETHUSDT']));
    await pass(3);
    expect(bars).toHaveLength(seen);
    standIn.control.up();
    await passMs(90_000);
    const times = bars.filter(({ symbol }) => symbol === 'BTCUSDT').map(({ candle }) => candle.openTime);
    expect(times.length).toBeGreaterThanOrEqual(5);
    expect(times).toEqual(times.map((_, index) => (times[0] ?? 0) + index * MINUTE_MS));
  });
});

describe('rules of Bitget’s contracts', () => {
  test('[BIT-48] are read again, at once when an order shows that they differ, and completed by the tiers', async () => {
    const { feed, standIn, passMs, lists } = await started('v3');
    await passMs(1_000);
    const rate = (await feed.instruments()).find(({ symbol }) => symbol === 'BTCUSDT')?.maintenanceMarginRate;
    expect(rate).toBe(standIn.exchange.prices.instrument('BTCUSDT')?.maintenanceMarginRate);
    standIn.control.instrument('BTCUSDT', { sizeStep: dec('0.01') });
    feed.rulesDiffer();
    await passMs(2_000);
    expect(lists.at(-1)?.find(({ symbol }) => symbol === 'BTCUSDT')).toMatchObject({ sizeStep: '0.01' });
    standIn.control.instrument('BTCUSDT', { status: 'close_only' });
    await passMs(601_000);
    expect(lists.at(-1)?.find(({ symbol }) => symbol === 'BTCUSDT')).toMatchObject({ status: 'close_only' });
  });

  test('[BIT-49] one that is missing once is still listed, one that is missing twice has ended', async () => {
    const { feed } = await started('v3');
    const [first, second] = (await feed.instruments()).map((instrument) => ({ instrument, fundingHours: 8 }));
    if (first === undefined || second === undefined) throw new Error('two contracts are served');
    const list = new InstrumentList(() => true);
    expect(list.take([first, second])).toBe(true);
    expect([list.take([first]), list.take([]), list.symbols.length]).toEqual([false, false, 2]);
    expect(list.take([first, second])).toBe(false);
    expect([list.take([first]), list.take([first])]).toEqual([false, true]);
    expect(list.symbols).toEqual([first.instrument.symbol]);
  });

  test('[BIT-46] a price is told once all of it is known, and never an older one', () => {
    const quotes = new Quotes('bitget');
    const nothing = {
      last: null,
      bid: null,
      ask: null,
      mark: null,
      index: null,
      fundingRate: null,
      nextFundingTime: null,
    };
    const part = { ...nothing, symbol: 'X', ts: 5, last: dec('1'), bid: dec('1'), ask: dec('2') };
    expect(quotes.take(part, 8)).toBeUndefined();
    const marks = { ...nothing, symbol: 'X', ts: 6, mark: dec('1'), index: dec('1'), fundingRate: dec('0') };
    expect(quotes.take(marks, 1)).toMatchObject({ last: '1', mark: '1', ts: 6, nextFundingTime: 3_600_000 });
    expect(quotes.take({ ...part, ts: 4 }, 8)).toBeUndefined();
    expect(quotes.latest('X')?.ts).toBe(6);
  });
});
