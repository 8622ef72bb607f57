import { describe, expect, it } from 'vitest';
import { ENGINE } from '../../../shared/domain/actor.ts';
import type { VenueRefusal } from '../../../shared/domain/cause.ts';
import { dec } from '../../../shared/domain/decimal.ts';

import { exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { DESK_LIMITS } from '../desk.ts';
import { apply } from '../fold/apply.ts';

const WHOLE = [exit('long')];
const HALF = [exit('long', '0.5', 'half')];

describe('an exit that was decided once', () => {
  it.each<VenueRefusal>(['rate_limited', 'maintenance', 'not_trading', 'other'])(
    '[FOUND-14] refused with %s, it is asked for again after a pause, though no bar asks for it any more',
    (code) => {
      const s = new Scenario();
      s.tradingBot();
      s.bar(WHOLE);
      s.reject(s.order('exit'), code);
      expect(s.sending('exit')).toEqual([]);
      s.bar([]);
      expect(s.sending('exit')).toMatchObject([{ slot: 'signal_exit', size: s.position().size }]);
      s.fillNow(s.order('exit'));
      s.deliver();
      expect(s.isFlat).toBe(true);
    },
  );

  it('[FOUND-14] lost on its way, it is asked for again once it can no longer arrive', () => {
    const s = new Scenario();
    s.tradingBot();
    s.bar(WHOLE);
    s.loseOrder(s.order('exit'));
    s.findAll();
    s.tick(5_000);
    s.findAll();
    expect(s.sending('exit')).toEqual([]);
    s.tick(6_000);
    s.findAll();
    s.tick(1_000);
    expect(s.sending('exit')).toHaveLength(1);
  });

  it('[FOUND-14] [PROT-30] a share of which nothing is known is not taken twice: its look-up must be from after its window', () => {
    const s = new Scenario();
    s.tradingBot();
    s.bar(HALF);
    s.loseOrder(s.order('exit'));
    const [asked] = s.takeAll('FindOrder');
    if (asked === undefined) throw new Error('it is not looked for');
    s.advance(11_000);
    s.give({ type: 'OrderFound', orderId: asked.order.orderId, order: null, askedAt: asked.askedAt });
    expect(s.sending('exit')).toEqual([]);
    s.tick(1_000);
    s.findAll();
    s.tick(1_000);
    expect(s.sending('exit')).toHaveLength(1);
  });

  it('[FOUND-14] taken and given up unfilled it pauses, is told after a few times, and goes on over a restart', () => {
    const s = new Scenario();
    s.tradingBot();
    s.bar(WHOLE);
    let sent = 0;
    for (let half = 0; half < 60; half += 1) {
      for (const order of s.sending('exit')) {
        const id = s.accept(order);
        s.venue.end(id, 'cancelled', 'ioc');
        sent += 1;
      }
      s.deliver();
      s.tick(500);
    }
    expect(sent).toBeGreaterThan(10);
    expect(sent).toBeLessThan(32);
    expect(s.alert('exit_refused')).toBe(true);
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.readLater();
    s.tick(20_000);
    s.findAll();
    s.tick(20_000);
    expect(s.sending('exit')).toHaveLength(1);
    s.fillNow(s.order('exit'));
    s.deliver();
    expect(s.alert('exit_refused')).toBe(false);
  });

  it('[FOUND-14] [PROT-30] its share once: what it took before a refusal is not taken again', () => {
    const s = new Scenario();
    s.tradingBot();
    const opened = s.position().openedSize;
    s.bar(HALF);
    const id = s.accept(s.order('exit'));
    s.venue.trade(id, dec('0.05'), dec('20000'));
    s.venue.end(id, 'cancelled', 'ioc');
    s.deliver();
    s.findAll();
    s.reject(s.order('exit'), 'maintenance');
    s.tick();
    s.fillNow(s.order('exit'));
    s.deliver();
    for (let bar = 0; bar < 3; bar += 1) s.bar(HALF);
    expect(s.sending('exit')).toEqual([]);
    expect(Number(s.position().size)).toBeCloseTo(Number(opened) / 2, 2);
    expect(s.position().protection).toMatchObject({ exits: [], partialsTaken: ['half'] });
  });

  it('[FOUND-14] a close by hand takes it over', () => {
    const s = new Scenario();
    s.tradingBot();
    s.bar(WHOLE);
    s.reject(s.order('exit'), 'maintenance');
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    s.tick(1_000);
    expect(s.sending('exit')).toEqual([]);
    expect(s.sending('close')).toHaveLength(1);
  });
});

describe('ids of exits', () => {
  it('[FOUND-21] [INV-4] no id is sent twice, also after hundreds of other orders have closed', () => {
    const s = new Scenario();
    s.tradingBot('long', { takeProfits: [{ slot: 'all', atPct: dec('4'), share: dec('1') }] });
    const first = s.order('take_profit');
    s.reject(first, 'maintenance');
    forgetClosedOrders(s);
    expect(s.desk.orders.has(first.orderId)).toBe(false);
    s.tick(60_000);
    expect(s.sending('take_profit')).toHaveLength(1);
    expect(s.order('take_profit').orderId).not.toBe(first.orderId);
  });
});

/** So many other orders close that none of those before is remembered. */
function forgetClosedOrders(s: Scenario): void {
  const sample = s.order('take_profit');
  for (let index = 0; index < DESK_LIMITS.closedOrders; index += 1) {
    const order = { ...sample, orderId: `other${index}`, purpose: 'manual', status: 'cancelled' } as const;
    const seq = s.desk.seq + 1;
    apply(s.desk, { seq, kind: 'OrderCancelled', by: ENGINE, cause: 'test', data: { order } });
  }
}
