import { describe, expect, it } from 'vitest';
import { type Decimal, dec, gte, ZERO } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { Random } from '../../simulation/random.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { DesiredOrder } from '../strategy/strategy.ts';

const limit = (direction: 'long' | 'short', price: string, slot = 'entry', share = '0.3'): DesiredOrder =>
  enter(direction, { slot, type: 'limit', price: dec(price), share: dec(share) });

/** A running bot whose limit entry rests at 19,900. */
function withEntry(capabilities: ConstructorParameters<typeof Scenario>[0] = {}): {
  s: Scenario;
  botId: string;
} {
  const s = new Scenario(capabilities);
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

  it('[BOT-31] one whose stop would no longer be about where its plan has it is cancelled, and comes anew', () => {
    const unmovable = { amendStop: false, positionStops: 'one' } as const;
    // Nearer than half as far; farther than half as far again; farther at all, where a stop rests for good.
    const cases = [
      [{}, '19650', '19257'],
      [{}, '20150', '19747'],
      [unmovable, '19950', '19551'],
    ] as const;
    for (const [capabilities, price, stop] of cases) {
      const { s } = withEntry(capabilities);
      s.price('20300');
      s.bar([limit('long', price)]);
      expect(s.pending.map(({ type }) => type)).toEqual(['CancelOrder']);
      s.settle();
      s.bar([limit('long', price)]);
      s.settle();
      expect(working(s)).toEqual([`entry buy ${price}`]);
      expect(entries(s)[0]?.attachedStop?.triggerPrice).toBe(stop);
    }
  });

  it('[BOT-31] one whose move the venue refuses is cancelled, or moved with the next bar where it only said "not now"', () => {
    for (const [code, left] of [
      ['other', []],
      ['rate_limited', ['entry buy 19960']],
    ] as const) {
      const { s } = withEntry();
      const [order] = entries(s);
      if (order === undefined) throw new Error('it is gone');
      s.bar([limit('long', '19950')]);
      s.reject(order, code, 'amend');
      s.settle();
      s.bar([limit('long', '19960')].slice(0, left.length));
      s.settle();
      expect(working(s)).toEqual(left);
      // Its owner asked for nothing.
      expect([...s.desk.alerts.keys()]).toEqual([]);
    }
  });

  it('[BOT-31] [PROT-1] however several fill, what is held has one stop of its whole size', () => {
    const venues = [
      {},
      { amendStop: false },
      { sizedStop: false, positionStops: 'one' },
      { amendStop: false, positionStops: 'one' },
    ] as const;
    for (const capabilities of venues)
      for (let seed = 0; seed < 8; seed += 1) {
        const random = new Random(31, seed);
        const s = new Scenario(capabilities);
        s.runningBot({ leverage: random.pick([1, 3]) });
        const prices = ['19900', '19800', '19700'];
        const wanted = prices.map((price, index) => limit('long', price, `slot${index}`));
        s.bar(wanted);
        s.settle();
        const all = entries(s);
        // Some are being moved or cancelled as they fill.
        if (random.chance(0.5))
          s.bar(wanted.flatMap((one) => random.pick([[], [one], [{ ...one, price: dec('19850') }]])));
        for (const { venueOrderId, size, price } of random.chance(0.5) ? all : all.toReversed()) {
          if (venueOrderId === null || random.chance(0.2)) continue;
          s.venue.trade(venueOrderId, random.chance(0.5) ? size : dec('0.01'), price ?? dec('19900'));
          if (random.chance(0.5)) s.deliver(() => random.chance(0.7));
        }
        s.deliver(() => random.chance(0.7));
        s.settle();
        s.readLater();
        s.bar([]);
        s.settle();
        for (let n = 0; n < 3; n += 1) {
          s.tick(5_000);
          s.settle();
        }
        const stops = s.venue.working().filter(({ type }) => type === 'stop_market');
        const held = s.desk.positions.size === 0 ? [] : [s.position()];
        const what = `${JSON.stringify(capabilities)} ${seed}`;
        expect(stops.length, what).toBe(held.length);
        for (const { size, stop } of held) {
          expect(stop, what).toMatchObject({ state: 'resting' });
          // Where it cannot be resized it was sized for all that might have filled: it reduces only.
          if (capabilities !== venues[2]) expect(gte(stops[0]?.size ?? ZERO, size), what).toBe(true);
        }
        expect(working(s), what).toEqual([]);
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

  it('[BOT-32] what keeps an entry from coming is shown as long as it does, and is written down once', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    for (let bar = 0; bar < 4; bar += 1) {
      const { events } = s.bar([limit('long', '10000')]);
      expect(s.bot(botId).note).toMatchObject({ code: 'denied' });
      expect(events.map(({ kind }) => kind)).toEqual(bar === 0 ? ['BotNote'] : []);
    }
    s.bar([]);
    expect(s.bot(botId).note?.code).toBe('waits_for_extreme');
  });
});
