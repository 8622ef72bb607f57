import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { isClosedStatus, orderStatusSchema } from '../../../shared/domain/order.ts';
import { enter } from '../../testing/core/samples.ts';
import { APART_MS, Scenario } from '../../testing/core/scenario.ts';
import { mayBecome } from '../rules/transitions.ts';

const submissions = (s: Scenario, purpose: string) =>
  s.told('OrderSubmitted').filter(({ order }) => order.purpose === purpose);

function limit(s: Scenario, price = '19900') {
  s.command(s.orderByHand({ type: 'limit', price: dec(price), timeInForce: 'gtc' }));
  return s.order('manual');
}

describe('order transitions', () => {
  it('[ORD-1] filled is the end; what counts as lost or refused may still turn out to have worked', () => {
    const from = (status: (typeof orderStatusSchema.options)[number]) =>
      orderStatusSchema.options.filter((to) => mayBecome(status, to));
    expect(from('filled')).toEqual([]);
    expect(from('cancelled')).toEqual(['filled']);
    expect(from('rejected')).toEqual(['open', 'partially_filled', 'filled', 'cancelled']);
    expect(from('abandoned')).toEqual(['open', 'partially_filled', 'filled', 'cancelled']);
    for (const status of orderStatusSchema.options) {
      expect(from(status)).not.toContain('submitting');
      if (status !== 'submitting') expect(from(status)).not.toContain('unknown');
    }
  });

  it('[ORD-2] answers and pushes overtake each other: the later word never takes an order back', () => {
    const s = new Scenario();
    const order = limit(s);
    s.take({ effect: 'PlaceOrder' });
    const { venueOrderId } = s.venue.place(order);
    s.venue.trade(venueOrderId, order.size, dec('19900'));
    s.deliver();
    expect(s.order('manual').status).toBe('filled');
    s.give({
      type: 'OrderAnswered',
      orderId: order.orderId,
      action: 'place',
      answer: { outcome: 'accepted', venueOrderId },
    });
    expect(s.order('manual').status).toBe('filled');
  });

  it('[ORD-1] one that had ended as filled before its fills were told works no more, whichever of them comes', () => {
    const s = new Scenario();
    const order = limit(s);
    const id = s.accept(order);
    s.venue.trade(id, dec('0.04'), dec('19900'));
    s.venue.trade(id, dec('0.06'), dec('19900'));
    const pushes = s.venue.pushes.splice(0);
    s.advance(2 * s.facts.writeWindowMs);
    s.give({ type: 'VenueOrderSeen', accountId: s.accountId, order: s.venue.get(id) });
    expect(s.order('manual')).toMatchObject({ status: 'filled', filledSize: '0' });
    for (const filledSize of ['0.04', '0.1']) {
      const push = pushes.find(({ type }) => type === 'fill');
      if (push?.type !== 'fill') throw new Error('no fill was pushed');
      pushes.splice(pushes.indexOf(push), 1);
      s.give({ type: 'VenueFillSeen', accountId: s.accountId, fill: push.fill, ingestedAt: s.wallTime });
      expect(s.order('manual')).toMatchObject({ status: 'filled', filledSize });
      expect(s.openOrders('manual')).toEqual([]);
    }
  });

  it('[ORD-3] partial fills add up; the order ends with its last one or with its cancel', () => {
    const s = new Scenario();
    const order = limit(s);
    const id = s.accept(order);
    s.venue.trade(id, dec('0.04'), dec('19900'));
    s.deliver();
    expect(s.order('manual')).toMatchObject({
      status: 'partially_filled',
      filledSize: '0.04',
      filledNotional: '796',
    });
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    s.venue.trade(id, dec('0.01'), dec('19900'));
    s.cancelAll();
    s.findAll();
    expect(s.order('manual')).toMatchObject({ status: 'cancelled', filledSize: '0.05' });
    expect(s.position().size).toBe('0.05');
  });

  it('[ORD-4] a cancel whose last fill is still on its way does not look closed', () => {
    const s = new Scenario();
    const order = limit(s);
    const id = s.accept(order);
    s.venue.pushes = [];
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    s.venue.trade(id, dec('0.04'), dec('19900'));
    s.venue.end(id, 'cancelled');
    const fill = s.venue.pushes.find((push) => push.type === 'fill');
    s.deliver((push) => push.type === 'order');
    expect(isClosedStatus(s.order('manual').status)).toBe(false);
    if (fill !== undefined) s.push(fill);
    s.tick(2_000);
    s.findAll();
    expect(s.order('manual')).toMatchObject({ status: 'cancelled', filledSize: '0.04' });
  });

  it('[ORD-5] a fill after the cancel was confirmed is booked, and the order is filled', () => {
    const s = new Scenario();
    const order = limit(s);
    const id = s.accept(order);
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    s.cancelAll();
    s.findAll();
    expect(s.order('manual').status).toBe('cancelled');
    s.venue.trade(id, order.size, dec('19900'));
    s.deliver();
    expect(s.order('manual')).toMatchObject({ status: 'filled', filledSize: '0.1' });
    expect(s.position().size).toBe('0.1');
  });

  it('[ORD-6] a cancel before the venue has answered goes out as soon as the order has a name there', () => {
    const s = new Scenario();
    const order = limit(s);
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.accept(order);
    expect(s.waiting('CancelOrder')).toHaveLength(1);
  });

  it('[ORD-7] a refused or unanswered cancel is looked into and repeated by the tick, not at once', () => {
    const s = new Scenario();
    const order = limit(s);
    s.accept(order);
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    s.reject(order, 'rate_limited', 'cancel');
    expect(s.waiting('CancelOrder')).toEqual([]);
    expect(s.waiting('FindOrder')).toHaveLength(1);
    s.findAll();
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.tick(2_000);
    expect(s.waiting('CancelOrder')).toHaveLength(1);
    s.cancelAll();
    s.findAll();
    expect(s.order('manual').status).toBe('cancelled');
  });
});

describe('unknown outcomes', () => {
  it('[ORD-8] [INV-4] an entry of unknown outcome is looked for and never sent again', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.loseAnswer(entry);
    s.venue.trade(String(s.venue.find(entry)?.venueOrderId), entry.size, dec('20000'));
    s.venue.pushes = [];
    s.bar([enter('long')]);
    expect(s.sending('entry')).toEqual([]);
    s.findAll();
    s.readLater();
    expect(s.order('entry')).toMatchObject({ status: 'filled', orderId: entry.orderId });
    expect(submissions(s, 'entry')).toHaveLength(1);
  });

  it('[ORD-9] [INV-4] [D7] [R19] it is given up only by a look-up that began after its window, then the next bar may enter anew', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.loseOrder(entry);
    // Asked within the window and answered long after it: it may have arrived in between.
    s.advance(5 * s.facts.writeWindowMs);
    s.findAll();
    expect(s.order('entry').status).toBe('unknown');
    s.tick();
    s.findAll();
    expect(s.order('entry').status).toBe('abandoned');
    s.closeBar(s.barTime, [enter('long')]);
    expect(s.sending('entry')).toEqual([]);
    s.bar([enter('long')]);
    expect(s.sending('entry')).toHaveLength(1);
    expect(s.order('entry').orderId).not.toBe(entry.orderId);
  });

  it('[ORD-9] [INV-4] one window is enough: the first look-up after it decides', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.loseOrder(s.order('entry'));
    s.tick(s.facts.writeWindowMs);
    s.findAll();
    expect(s.order('entry').status).toBe('unknown');
    s.tick(1);
    s.findAll();
    expect(s.order('entry').status).toBe('abandoned');
  });

  it('[ORD-9] [INV-4] a look-up that was asked while the market clock was ahead decides nothing once that is mended', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.loseOrder(s.order('entry'));
    s.marketTime += 2 * s.facts.writeWindowMs;
    s.tick();
    s.marketTime -= 2 * s.facts.writeWindowMs;
    s.findAll();
    expect(s.order('entry').status).toBe('unknown');
    s.tick(s.facts.writeWindowMs + 1);
    s.findAll();
    expect(s.order('entry').status).toBe('abandoned');
  });

  it('[ORD-21] [ORD-9] [INV-4] at a venue that looks at no deadline it is looked for for a window longer', () => {
    const s = new Scenario({ expiringOrders: false });
    s.runningBot();
    s.bar([enter('long')]);
    s.loseOrder(s.order('entry'));
    for (const ms of [s.facts.writeWindowMs + 1, s.facts.writeWindowMs - 1]) {
      s.tick(ms);
      s.findAll();
      expect(s.order('entry').status).toBe('unknown');
    }
    s.tick(1);
    s.findAll();
    expect(s.order('entry').status).toBe('abandoned');
  });

  it('[ORD-9] of a look-up that does not say when it began, one more window must have passed', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const { orderId } = s.order('entry');
    s.loseOrder(s.order('entry'));
    s.advance(2 * s.facts.writeWindowMs);
    s.give({ type: 'OrderFound', orderId, order: null });
    expect(s.order('entry').status).toBe('unknown');
    s.advance(1);
    s.give({ type: 'OrderFound', orderId, order: null });
    expect(s.order('entry').status).toBe('unknown');
    s.advance(APART_MS);
    s.give({ type: 'OrderFound', orderId, order: null });
    expect(s.order('entry').status).toBe('abandoned');
  });

  it('[ORD-10] one that was given up and turns up after all is taken over, with an alert', () => {
    const s = new Scenario();
    const order = limit(s);
    s.loseOrder(order);
    s.tick(30_000);
    s.findAll();
    expect(s.order('manual').status).toBe('abandoned');
    s.venue.place(order);
    s.deliver();
    expect(s.order('manual')).toMatchObject({ status: 'open', orderId: order.orderId });
    expect(s.alert('late_order')).toBe(true);
    expect(s.desk.closedOrderIds).not.toContain(order.orderId);
  });

  it('[ORD-11] an id the venue knows already means that the first sending worked', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.venue.place(entry);
    s.reject(entry, 'duplicate_client_id');
    expect(s.order('entry').status).toBe('unknown');
    s.findAll();
    expect(s.order('entry').status).toBe('open');
  });

  it('[ORD-12] a full close of unknown outcome may be sent again once its window is over, reduce-only and for what is left', () => {
    const s = new Scenario();
    s.tradingBot();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const first = s.order('close');
    s.loseOrder(first);
    s.tick();
    expect(s.sending('close')).toEqual([]);
    s.tick(s.facts.writeWindowMs + 1);
    s.findAll();
    s.tick(1_000);
    expect(s.sending('close')).toMatchObject([{ reduceOnly: true, size: s.position().size }]);
    expect(s.order('close').orderId).not.toBe(first.orderId);
  });

  it('[ORD-13] what was being sent when the process ended is unknown, asked for, and not sent again', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    expect(s.order('entry').status).toBe('unknown');
    expect(s.waiting('FindOrder').map(({ order }) => order.orderId)).toEqual([entry.orderId]);
    expect(s.sending()).toEqual([]);
  });

  it('[ORD-14] a working order the venue neither lists nor remembers is given up after a while, and nothing loops', () => {
    const s = new Scenario();
    const order = limit(s);
    const id = s.accept(order);
    s.deliver();
    s.venue.orders.delete(id);
    s.readLater();
    s.findAll();
    expect(s.order('manual').status).toBe('open');
    expect(s.pending).toEqual([]);
    s.advance(10_000);
    s.read();
    s.findAll();
    expect(s.order('manual').status).toBe('abandoned');
  });

  it('[ORD-15] ids are of one order each: equal causes give equal ids, others never do', () => {
    const ids = (epochSeed: number) => {
      const s = new Scenario();
      s.runningBot();
      for (let bar = 0; bar < epochSeed; bar += 1) s.bar([]);
      s.bar([enter('long')]);
      return s.order('entry').orderId;
    };
    expect(ids(0)).toBe(ids(0));
    expect(ids(0)).not.toBe(ids(1));
    expect(ids(0)).toMatch(/^[a-z0-9]{1,32}$/);
  });

  it('[ORD-16] a bar that comes twice does not enter twice, whatever became of the first entry', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.reject(s.order('entry'), 'insufficient_balance');
    expect(s.order('entry').status).toBe('rejected');
    expect(s.alert('entry_rejected')).toBe(true);
    s.closeBar(s.barTime, [enter('long')]);
    expect(submissions(s, 'entry')).toHaveLength(1);
    s.bar([enter('long')]);
    expect(submissions(s, 'entry')).toHaveLength(2);
  });

  it('[ORD-17] an entry the venue refuses as expired is over; the next bar may try', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.reject(s.order('entry'), 'expired');
    expect(s.order('entry').status).toBe('rejected');
    expect(s.openOrders()).toEqual([]);
  });

  it('[ORD-10] also where its fill is told first', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.loseOrder(entry);
    for (let look = 0; look < 2; look += 1) {
      s.tick(60_000);
      s.findAll();
    }
    expect(s.desk.orders.get(entry.orderId)?.status).toBe('abandoned');
    s.venue.trade(s.venue.place(entry).venueOrderId, entry.size, dec('20000'));
    s.deliver(({ type }) => type === 'fill');
    expect(s.desk.orders.get(entry.orderId)?.status).toBe('filled');
    expect(s.alert('late_order')).toBe(true);
  });
});
