import { describe, expect, it } from 'vitest';
import { because } from '../../../shared/domain/cause.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** A second in which the venue answers everything but trades nothing. */
function second(s: Scenario): void {
  s.tick();
  s.findAll();
  s.cancelAll();
  if (s.waiting('ReadAccount').length > 0) s.readLater();
}

describe('a market order that the venue goes on showing as working', () => {
  it('[FOUND-16] [BOT-11] a close is taken back, said, and sent again until the position is gone', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    const first = s.order('close');
    s.accept(first);
    s.deliver();
    for (let n = 0; n < 9; n += 1) second(s);
    expect(s.desk.orders.get(first.orderId)?.status).toBe('open');
    for (let n = 0; n < 4; n += 1) second(s);
    expect(s.desk.orders.get(first.orderId)?.status).toBe('cancelled');
    expect(s.alert('close_refused')).toBe(true);
    const again = s.order('close');
    expect(again.orderId).not.toBe(first.orderId);
    s.settle();
    expect(s.isFlat).toBe(true);
    expect(s.alert('close_refused')).toBe(false);
  });

  it('[FOUND-16] one that filled in part, then nothing, goes on with the rest', () => {
    const s = new Scenario();
    s.openByHand({ stopPrice: dec('19000') });
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const close = s.order('close');
    s.venue.trade(s.accept(close), dec('0.04'), dec('20000'));
    s.deliver();
    for (let n = 0; n < 14; n += 1) second(s);
    expect(s.desk.orders.get(close.orderId)).toMatchObject({ status: 'cancelled', filledSize: '0.04' });
    expect(s.sending('close')).toHaveLength(1);
  });

  it('[FOUND-16] one at a limit that must fill at once or end is taken back as well', () => {
    const s = new Scenario();
    for (const timeInForce of ['ioc', 'fok'] as const) {
      s.command(s.orderByHand({ type: 'limit', price: dec('20000'), timeInForce }));
      s.accept(s.order('manual'));
    }
    s.command(s.orderByHand({ type: 'limit', price: dec('19900'), timeInForce: 'gtc' }));
    s.accept(s.order('manual'));
    s.deliver();
    for (let n = 0; n < 14; n += 1) second(s);
    expect(s.openOrders('manual').map(({ price }) => price)).toEqual(['19900']);
  });

  it('[FOUND-16] [BOT-16] an entry is taken back, and never fills at a price of later', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.accept(s.order('entry'));
    s.deliver();
    for (let n = 0; n < 14; n += 1) second(s);
    expect(s.order('entry').status).toBe('cancelled');
    expect(s.sending('entry')).toEqual([]);
  });
});

describe('an exit that waits for its turn until a reading counts it as lost', () => {
  const withdraw = (s: Scenario, orderId: string): void => {
    s.take({ effect: 'PlaceOrder' }, orderId);
    const reason = because('order_over', {});
    s.give({ type: 'OrderWithdrawn', orderId, action: 'place', why: 'unwanted', reason });
  };

  it('[FOUND-7] [PROT-3] withheld then, a stop is placed again at once: it is known that it never left', () => {
    const s = new Scenario({ attachedStop: false });
    s.facts.writeWindowMs = 60_000;
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    const { orderId } = s.order('stop');
    s.advance(11_000);
    s.read();
    expect(s.desk.orders.get(orderId)?.status).toBe('unknown');
    withdraw(s, orderId);
    expect(s.desk.orders.get(orderId)?.status).toBe('abandoned');
    s.tick();
    s.tick();
    expect(s.sending('stop')).toHaveLength(1);
  });

  it('[FOUND-7] and a close is', () => {
    const s = new Scenario();
    s.facts.writeWindowMs = 60_000;
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    const { orderId } = s.order('close');
    s.advance(11_000);
    s.read();
    withdraw(s, orderId);
    expect(s.sending('close')).toHaveLength(1);
    expect(s.order('close').orderId).not.toBe(orderId);
  });
});
