import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** Every look-up that waits gets no answer. */
function failLookUps(s: Scenario): string[] {
  return s.takeAll('FindOrder').map(({ order }) => {
    s.give({ type: 'LookUpFailed', orderId: order.orderId, reason: 'no answer' });
    return order.orderId;
  });
}

const asked = (s: Scenario): string[] => s.waiting('FindOrder').map(({ order }) => order.orderId);

/** A venue takes a stop off in silence: neither pushed, listed nor remembered. */
function vanish(s: Scenario, order: Order): void {
  const venueOrderId = s.desk.orders.get(order.orderId)?.venueOrderId ?? '';
  if (!s.venue.orders.delete(venueOrderId)) throw new Error('the venue had no such stop');
}

/** A stop at 0.249 and one for the half that a bot kept of it: the new one rests, the old one is still there. */
function replacing(): { s: Scenario; former: Order; next: Order } {
  const s = new Scenario({ amendStop: false });
  s.tradingBot();
  const former = s.order('stop');
  s.bar([exit('long', '0.5', 'half')]);
  s.fillNow(s.order('exit'));
  s.deliver();
  s.takeAll('FindOrder');
  const next = s.order('stop');
  s.accept(next);
  s.deliver();
  expect(s.position().stop).toMatchObject({ state: 'resting', orderId: next.orderId });
  return { s, former, next };
}

describe('a stop that replaces another', () => {
  it('[FOUND-2] [PROT-8] [INV-6] is asked for once more before the old one goes, as often as no answer comes', () => {
    const { s, former, next } = replacing();
    expect(asked(s)).toEqual([next.orderId]);
    expect(failLookUps(s)).toEqual([next.orderId]);
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.tick();
    expect(asked(s)).toContain(next.orderId);
    s.findAll();
    expect(s.waiting('CancelOrder').map(({ order }) => order.orderId)).toEqual([former.orderId]);
  });

  it('[FOUND-2] [PROT-8] [INV-6] is not there any more: the old one stays', () => {
    const { s, former, next } = replacing();
    vanish(s, next);
    s.findAll();
    for (let look = 0; look < 6; look += 1) {
      s.tick(2_000);
      s.findAll();
      s.readLater();
      expect(s.waiting('CancelOrder').filter(({ order }) => order.orderId === former.orderId)).toEqual([]);
    }
    expect(s.desk.orders.get(former.orderId)?.status).toBe('open');
  });

  it('[FOUND-2] [INV-5] vanished before the old one went, and its look-up failed: asked for until answered, then placed again', () => {
    const { s, former, next } = replacing();
    s.findAll();
    vanish(s, next);
    s.tick(12_000);
    s.takeAll('FindOrder');
    s.cancelAll();
    expect(s.desk.orders.get(former.orderId)?.status).toBe('cancelled');
    // Right after the old one went.
    expect(failLookUps(s)).toContain(next.orderId);
    for (let look = 0; look < 3; look += 1) {
      s.tick();
      expect(failLookUps(s)).toContain(next.orderId);
    }
    s.tick();
    s.findAll();
    expect(s.position().unprotectedSince).not.toBeNull();
    s.tick();
    const [third] = s.sending('stop');
    expect(third).toMatchObject({ size: s.position().size, triggerPrice: '19600' });
  });

  it('[FOUND-2] [INV-6] the cancel of the old one is repeated only once the new one was seen again', () => {
    const { s, former, next } = replacing();
    s.findAll();
    s.reject(former, 'rate_limited', 'cancel');
    s.takeAll('FindOrder');
    s.tick(2_500);
    expect(s.waiting('CancelOrder')).toEqual([]);
    expect(asked(s)).toContain(next.orderId);
    s.findAll();
    const cancelled = new Set(s.waiting('CancelOrder').map(({ order }) => order.orderId));
    expect([...cancelled]).toEqual([former.orderId]);
  });

  it('[FOUND-34] [INV-6] gone while the cancel of the old one is refused: the old one is kept, and asked for', () => {
    const { s, former, next } = replacing();
    s.findAll();
    s.reject(former, 'rate_limited', 'cancel');
    s.takeAll('FindOrder');
    s.venue.end(s.desk.orders.get(next.orderId)?.venueOrderId ?? '', 'cancelled', 'other');
    s.deliver();
    s.takeAll('FindOrder');
    s.tick(2_500);
    expect(s.desk.orders.get(former.orderId)).toMatchObject({ status: 'open', cancelRequested: false });
    expect(s.position().stop).toMatchObject({ orderId: former.orderId });
    expect(s.waiting('CancelOrder')).toEqual([]);
    expect(asked(s)).toContain(former.orderId);
  });

  it('[FOUND-34] [INV-6] a stop of somebody else does not stand in for the one that is gone', () => {
    const { s, former, next } = replacing();
    s.findAll();
    s.reject(former, 'rate_limited', 'cancel');
    s.takeAll('FindOrder');
    s.venue.rest({
      symbol: 'BTCUSDT',
      side: 'sell',
      type: 'stop_market',
      size: dec('0.001'),
      triggerPrice: dec('15000'),
      triggerBy: 'mark',
      reduceOnly: true,
      clientOrderId: 'theirs',
    });
    s.venue.end(s.desk.orders.get(next.orderId)?.venueOrderId ?? '', 'cancelled', 'other');
    s.deliver();
    s.tick(2_500);
    expect(s.desk.orders.get(former.orderId)).toMatchObject({ status: 'open', cancelRequested: false });
  });
});

describe('a stop that is to be read back', () => {
  it('[FOUND-2] [PROT-37] is looked for also where the watch could not look in time, until the venue has answered', () => {
    const s = new Scenario();
    s.tradingBot();
    const stop = s.order('stop');
    s.takeAll('FindOrder');
    s.tick(60_000);
    for (let look = 0; look < 3; look += 1) {
      expect(failLookUps(s)).toContain(stop.orderId);
      s.tick();
    }
    s.findAll();
    s.tick();
    expect(asked(s)).toEqual([]);
  });

  it('[FOUND-2] [PROT-37] is looked for twice, and not again while nothing changes', () => {
    const s = new Scenario();
    s.tradingBot();
    s.takeAll('FindOrder');
    let looks = 0;
    for (let second = 0; second < 20; second += 1) {
      s.tick();
      looks += asked(s).length;
      s.findAll();
    }
    expect(looks).toBe(2);
  });
});

describe('a stop that a reading does not show', () => {
  function unlisted(): { s: Scenario; stop: Order } {
    const s = new Scenario();
    s.tradingBot();
    for (let second = 0; second < 15; second += 1) {
      s.tick();
      s.findAll();
    }
    const stop = s.order('stop');
    vanish(s, stop);
    s.readLater();
    return { s, stop };
  }

  it('[FOUND-2] [PROT-12] [PROT-24] is not shown as resting while its look-up fails: measured, told, and read for', () => {
    const { s, stop } = unlisted();
    expect(failLookUps(s)).toEqual([stop.orderId]);
    expect(s.position().stop?.state).not.toBe('resting');
    expect(s.position().unprotectedSince).not.toBeNull();
    for (let second = 0; second < 6; second += 1) {
      s.tick();
      expect(failLookUps(s)).toContain(stop.orderId);
    }
    expect(s.alert('unprotected')).toBe(true);
    expect(s.waiting('ReadAccount')).not.toEqual([]);
    s.readLater();
    expect(s.sending('stop')).toMatchObject([{ triggerPrice: '19600', size: s.position().size }]);
  });

  it('[FOUND-2] [PROT-24] counts as resting again once it is shown, and the alert is over', () => {
    const { s, stop } = unlisted();
    s.venue.rewrite(s.venue.rest(shownAs(stop)).venueOrderId, {});
    failLookUps(s);
    for (let second = 0; second < 6; second += 1) s.tick();
    expect(s.alert('unprotected')).toBe(true);
    s.venue.pushes = [];
    s.readLater();
    expect(s.position()).toMatchObject({
      stop: { state: 'resting', orderId: stop.orderId },
      unprotectedSince: null,
    });
    expect(s.alert('unprotected')).toBe(false);
    expect(s.sending('stop')).toEqual([]);
  });
});

/** The stop as the venue lists it after all. */
function shownAs({ symbol, side, type, size, triggerPrice, triggerBy, venueOrderId }: Order) {
  const venue = { venueOrderId: venueOrderId ?? '' };
  return { ...venue, symbol, side, type, size, triggerPrice, triggerBy, reduceOnly: true };
}

describe('any order that a reading does not show', () => {
  it('[FOUND-2] [REC-6] is asked for until the venue has answered', () => {
    const s = new Scenario();
    s.tradingBot('long', { takeProfits: [{ slot: 'tp1', atPct: dec('4'), share: dec('1') }] });
    const rung = s.order('take_profit');
    s.accept(rung);
    s.deliver();
    s.tick(15_000);
    s.findAll();
    vanish(s, rung);
    s.readLater();
    for (let look = 0; look < 3; look += 1) {
      expect(failLookUps(s)).toContain(rung.orderId);
      s.tick();
    }
    s.findAll();
    expect(s.desk.orders.get(rung.orderId)?.status).toBe('abandoned');
  });
});
