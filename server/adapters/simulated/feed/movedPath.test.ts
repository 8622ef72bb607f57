import { describe, expect, onTestFinished, test } from 'vitest';
import { dec, gte, lte, toFloat } from '../../../../shared/domain/decimal.ts';
import type { Quote } from '../../../../shared/domain/market.ts';
import { VenueUnavailable } from '../../../ports/venue.ts';
import { silentLogger } from '../../../testing/silentLogger.ts';
import { ManualClock } from '../../../testing/venue/manualClock.ts';
import { accepted, d, order } from '../../../testing/venue/venueWorld.ts';
import { createSimulatedVenue } from '../createSimulatedVenue.ts';
import { SyntheticPath } from '../prices/syntheticPath.ts';
import { MemoryVenueStore } from '../store/memoryVenueStore.ts';
import { MovedPath } from './movedPath.ts';

const MINUTE_MS = 60_000;
const SYMBOL = 'BTCUSDT';
const START = Date.UTC(2026, 0, 5);
const FIVE_PERCENT_DOWN = dec('0.95');

/** Moved in the middle of a minute, and once more two minutes later. */
function moved() {
  const plain = new SyntheticPath('moved');
  const path = new MovedPath(plain);
  const at = START + 5 * MINUTE_MS + 6 * path.stepMs;
  path.move(SYMBOL, at, FIVE_PERCENT_DOWN);
  path.move(SYMBOL, at + 2 * MINUTE_MS, dec('1.1'));
  return { plain, path, at };
}

describe('a path that was moved', () => {
  test('[SIM-77] has the prices it had until then, and a multiple of them from then on; other symbols have theirs', () => {
    const { plain, path, at } = moved();
    expect(path.quote(SYMBOL, at - 1)).toEqual(plain.quote(SYMBOL, at - 1));
    expect(path.quote('ETHUSDT', at)).toEqual(plain.quote('ETHUSDT', at));
    for (const [ts, factor] of [
      [at, 0.95],
      [at + 2 * MINUTE_MS, 1.045],
    ] as const) {
      const [was, is] = [plain.quote(SYMBOL, ts), path.quote(SYMBOL, ts)];
      for (const price of ['last', 'bid', 'mark', 'index'] as const)
        expect(toFloat(is[price])).toBeCloseTo(factor * toFloat(was[price]), 0);
      expect(gte(is.ask, is.bid) && is.ask !== is.bid).toBe(true);
    }
  });

  test('[SIM-77] makes its bars of these prices, each opening where the one before closed, and leaves no price out of its bounds', () => {
    const { plain, path } = moved();
    expect(path.candle(SYMBOL, START)).toEqual(plain.candle(SYMBOL, START));
    for (let openTime = START; openTime < START + 10 * MINUTE_MS; openTime += MINUTE_MS) {
      const candle = path.candle(SYMBOL, openTime);
      const bounds = path.bounds(SYMBOL, openTime);
      expect(path.candle(SYMBOL, openTime + MINUTE_MS).open).toBe(candle.close);
      for (let ts = openTime; ts <= openTime + MINUTE_MS; ts += path.stepMs) {
        const { last, mark } = path.quote(SYMBOL, ts);
        expect(gte(last, candle.low) && lte(last, candle.high), `${ts}`).toBe(true);
        expect(gte(last, bounds.low) && lte(last, bounds.high), `${ts}`).toBe(true);
        expect(gte(mark, bounds.low) && lte(mark, bounds.high), `${ts}`).toBe(true);
      }
    }
  });
});

test('[SIM-77] the exchange moves the market: what rests is met, and listeners are told the price it was met at', async () => {
  const clock = new ManualClock(START);
  const { venue, feed, control, start, stop } = createSimulatedVenue({
    seed: 'moved',
    speed: 60,
    profile: 'ideal',
    store: new MemoryVenueStore(),
    clock,
    logger: silentLogger,
  });
  onTestFinished(stop);
  await start();
  const quotes: Quote[] = [];
  await feed.start({ onQuote: (quote) => quotes.push(quote), onBar: () => {}, onGap: () => {} });
  const account = { accountId: 'a' };
  await venue.openAccount(account, d('100000'));
  const before = feed.latest(SYMBOL)?.mark ?? d('0');
  accepted(await venue.placeOrder(order('a', { side: 'buy', size: d('0.1') })));
  const triggerPrice = d(Math.round(toFloat(before) * 0.97));
  const stopOrder = { side: 'sell', size: d('0.1'), triggerPrice, reduceOnly: true } as const;
  accepted(await venue.placeOrder(order('a', stopOrder)));
  await control.movePrice(SYMBOL, FIVE_PERCENT_DOWN);
  await expect(control.movePrice('NOSUCH', FIVE_PERCENT_DOWN)).rejects.toThrow(VenueUnavailable);
  await expect(control.movePrice(SYMBOL, d('0'))).rejects.toThrow(VenueUnavailable);
  clock.advance(1_000);
  await expect.poll(async () => (await venue.readAccount(account)).positions).toEqual([]);
  const [, exit] = await venue.fillsSince(account, 0);
  expect(exit).toMatchObject({ side: 'sell', source: 'stop' });
  expect(toFloat(exit?.price ?? d('0'))).toBeLessThan(0.96 * toFloat(before));
  await expect
    .poll(() => toFloat(quotes.findLast(({ symbol }) => symbol === SYMBOL)?.mark ?? before))
    .toBeLessThan(0.96 * toFloat(before));
});
