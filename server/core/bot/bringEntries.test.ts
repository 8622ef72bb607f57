import { describe, expect, it } from 'vitest';
import { type Decimal, dec } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { DesiredOrder } from '../strategy/strategy.ts';

const limit = (direction: 'long' | 'short', price: string, slot = 'entry', share = '0.3'): DesiredOrder =>
  enter(direction, { slot, type: 'limit', price: dec(price), share: dec(share) });

/** A running bot whose limit entry rests at 19,900. */
function withEntry(): { s: Scenario; botId: string } {
  const s = new Scenario();
  const botId = s.runningBot();
  s.bar([limit('long', '19900')]);
  s.settle();
  expect(working(s)).toEqual(['entry buy 19900']);
  return { s, botId };
}

const entries = (s: Scenario): Order[] => s.openOrders('entry');
const working = (s: Scenario): string[] =>
  entries(s)
    .map(({ slot, side, price }) => `${slot} ${side} ${price}`)
    .toSorted();
/** As the venue has them. */
const resting = (s: Scenario): (Decimal | null)[] =>
  s.venue.working().flatMap((order) => (order.type === 'limit' ? [order.price] : []));

describe('the entries of a bot', () => {
  it('[BOT-31] one that is wanted as it is, is left as it is', () => {
    const { s } = withEntry();
    const [before] = entries(s);
    s.bar([limit('long', '19900')]);
    s.settle();
    expect(entries(s)).toEqual([before]);
  });

  it('[BOT-31] one that is wanted no more is cancelled, also where there is no price', () => {
    for (const blind of [false, true]) {
      const { s } = withEntry();
      if (blind) s.price(null);
      s.bar([]);
      expect(entries(s).map((order) => order.cancelRequested)).toEqual([true]);
      s.settle();
      expect([working(s), resting(s), s.isFlat]).toEqual([[], [], true]);
    }
  });

  it('[BOT-31] one that is wanted at another price is moved, and keeps its stop', () => {
    const { s } = withEntry();
    const [before] = entries(s);
    s.bar([limit('long', '19950')]);
    s.settle();
    expect(working(s)).toEqual(['entry buy 19950']);
    expect(resting(s)).toEqual(['19950']);
    expect(entries(s)[0]).toMatchObject({ orderId: before?.orderId, attachedStop: before?.attachedStop });
  });

  it('[BOT-31] one that may not be where it is wanted is cancelled: its stop would be on the wrong side', () => {
    const { s } = withEntry();
    const stop = entries(s)[0]?.attachedStop?.triggerPrice;
    s.bar([limit('long', String(Number(stop) - 10))]);
    s.settle();
    expect([working(s), resting(s)]).toEqual([[], []]);
  });

  it('[BOT-31] one that is wanted on the other side, or at the market, is cancelled, and the next comes once it is gone', () => {
    for (const next of [limit('short', '20100'), enter('short'), enter('long')]) {
      const { s } = withEntry();
      s.bar([next]);
      expect(s.sending('entry')).toEqual([]);
      s.bar([next]);
      expect(s.sending('entry'), 'the venue has not said that the former is gone').toEqual([]);
      s.settle();
      s.bar([next]);
      expect(s.sending('entry')).toHaveLength(1);
    }
  });

  it('[BOT-31] a bar that was missed changes nothing about them', () => {
    const { s } = withEntry();
    s.bar([], {}, true);
    s.bar([limit('short', '20100')], {}, true);
    s.settle();
    expect(working(s)).toEqual(['entry buy 19900']);
  });

  it('[BOT-31] several work at once, each slot by itself', () => {
    const { s } = withEntry();
    s.bar([limit('long', '19900'), limit('long', '19800', 'second')]);
    s.settle();
    expect(working(s)).toEqual(['entry buy 19900', 'second buy 19800']);
    s.bar([limit('long', '19890'), limit('long', '19800', 'second'), limit('long', '19700', 'third')]);
    s.settle();
    expect(working(s)).toEqual(['entry buy 19890', 'second buy 19800', 'third buy 19700']);
    expect(new Set(entries(s).map(({ orderId }) => orderId)).size).toBe(3);
    s.bar([limit('long', '19700', 'third')]);
    s.settle();
    expect(working(s)).toEqual(['third buy 19700']);
  });

  it('[BOT-31] [PROT-1] filled in part, what is left goes with the next bar that does not want it; what is held keeps its stop', () => {
    const { s } = withEntry();
    const [order] = entries(s);
    if (order?.venueOrderId == null) throw new Error('it does not rest');
    s.venue.trade(order.venueOrderId, dec('0.01'), dec('19900'));
    s.deliver();
    s.settle();
    expect(s.position().size).toBe('0.01');
    s.bar([]);
    s.settle();
    expect(working(s)).toEqual([]);
    expect(s.position()).toMatchObject({ size: '0.01', stop: { state: 'resting' } });
  });
});
