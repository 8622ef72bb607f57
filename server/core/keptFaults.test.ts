import { describe, expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { isOpen } from '../../shared/domain/order.ts';
import type { VenuePush } from '../ports/venue.ts';
import { enter, exit } from '../testing/core/samples.ts';
import { Scenario } from '../testing/core/scenario.ts';

const isFill = (push: VenuePush): boolean => push.type === 'fill';

/** Ticks for so long, everything answered but what `answer` leaves; how often each kind of question was asked. */
function watch(s: Scenario, ticks: number, answer: () => void): Map<string, number> {
  const asked = new Map<string, number>();
  for (let tick = 0; tick < ticks; tick += 1) {
    s.tick();
    for (let round = 0; round < 10 && s.pending.length > 0; round += 1) {
      for (const { type } of s.pending) asked.set(type, (asked.get(type) ?? 0) + 1);
      answer();
    }
  }
  return asked;
}

describe('what seeds of the simulation once found', () => {
  it('[SIMU-6] [INV-9] fills that are told out of the venue’s order are booked in its order', () => {
    const s = new Scenario();
    s.command(s.orderByHand());
    s.answerSettings();
    const first = s.accept(s.order('manual'));
    s.venue.trade(first, dec('0.1'), dec('20000'));
    s.deliver();
    s.command(s.orderByHand({ side: 'sell', size: dec('0.05'), reduceOnly: true }));
    const reduction = s.accept(s.order('manual'));
    s.venue.trade(reduction, dec('0.05'), dec('20500'));
    s.command(s.orderByHand());
    const second = s.accept(s.order('manual'));
    s.venue.trade(second, dec('0.1'), dec('21000'));
    s.venue.pushes = s.venue.pushes.filter(isFill).reverse();
    s.deliver();
    s.readLater();
    s.settle();
    expect(s.position().size).toBe('0.15');
    expect(s.position().cost).toBe(s.venue.positions.get('BTCUSDT')?.cost);
    expect(s.alert('ledger_mismatch')).toBe(false);
  });

  it('[SIMU-6] [ORD-3] an order whose fills were told before its answer does not stay open', () => {
    const s = new Scenario();
    s.command(s.orderByHand());
    s.answerSettings();
    const order = s.order('manual');
    const venueOrderId = s.loseAnswer(order);
    s.venue.trade(venueOrderId, dec('0.1'), dec('20000'));
    s.deliver(isFill);
    s.tick();
    s.findAll();
    s.readLater();
    expect(s.desk.orders.get(order.orderId)).toMatchObject({ status: 'filled', filledSize: '0.1' });
    expect([...s.desk.orders.values()].filter(isOpen).filter(({ purpose }) => purpose === 'manual')).toEqual(
      [],
    );
  });

  it('[SIMU-6] an emergency over two accounts, one of which nothing can close, reads neither in a loop', () => {
    const s = new Scenario();
    const second = s.openAccount('Second');
    s.openByHand();
    s.command({ type: 'EmergencyStop', scope: {} });
    const asked = watch(s, 60, () => {
      for (const order of s.sending()) s.reject(order, 'maintenance');
      s.cancelAll();
      s.findAll();
      for (const accountId of [s.accountId, second])
        if (s.waiting('ReadAccount').some((effect) => effect.accountId === accountId)) s.readLater(accountId);
    });
    expect(asked.get('ReadAccount') ?? 0).toBeLessThan(150);
  });

  it('[SIMU-6] [BOT-10] a bot stops beside a position by hand in another symbol, without reading in a loop', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.openByHand({ symbol: 'ETHUSDT', size: dec('1') });
    s.command({ type: 'StopBot', botId, positions: 'close' });
    const asked = watch(s, 30, () => s.settle());
    expect(s.bot(botId).state).toBe('stopped');
    expect(asked.get('ReadAccount') ?? 0).toBeLessThan(60);
  });

  it('[SIMU-6] [INV-6] of two stops that both rest, one stays', () => {
    const s = new Scenario({ amendStop: false, attachedStop: false });
    s.tradingBot();
    s.settle();
    s.bar([exit('long', '0.5', 'half')]);
    s.fillNow(s.order('exit'));
    s.deliver();
    s.loseAnswer(s.order('stop'));
    for (let look = 0; look < 10; look += 1) {
      s.tick(2_000);
      s.findAll();
      const cancelled = s.waiting('CancelOrder').map(({ order }) => order.orderId);
      const stops = s.openOrders('stop').filter(({ venueOrderId }) => venueOrderId !== null);
      expect(stops.some(({ orderId }) => !cancelled.includes(orderId))).toBe(true);
      s.settle();
      expect(s.venue.working().filter(({ type }) => type === 'stop_market').length).toBeGreaterThan(0);
    }
    expect(s.openOrders('stop')).toHaveLength(1);
  });

  it('[SIMU-6] [INV-6] a stop is not taken away while its entry may have filled more than is known', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    const venueOrderId = s.accept(entry);
    s.venue.trade(venueOrderId, dec('0.1'), dec('20000'));
    s.deliver();
    s.venue.trade(venueOrderId, dec('0.05'), dec('20000'));
    s.venue.pushes = [];
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.cancelAll();
    s.findAll();
    const close = s.sending('close')[0];
    if (close !== undefined) {
      s.fillNow(close);
      s.deliver();
    }
    const stop = s.venue.working().find(({ type }) => type === 'stop_market');
    expect(stop).toBeDefined();
    expect(s.waiting('CancelOrder').filter(({ order }) => order.purpose === 'stop')).toEqual([]);
    watch(s, 20, () => s.settle());
    expect(s.venue.positions.size).toBe(0);
    expect(s.venue.working()).toEqual([]);
    expect(s.bot(botId).state).toBe('stopped');
  });
});
