import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** A resting order by hand at a venue that gives an order another id with each change. */
function resting(): { s: Scenario; orderId: string; first: string } {
  const s = new Scenario();
  s.venue.renames = true;
  s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
  const { orderId } = s.order('manual');
  const first = s.accept(s.order('manual'));
  s.deliver();
  return { s, orderId, first };
}

const amend = (s: Scenario, orderId: string, price: string) =>
  s.command({ type: 'AmendOrder', orderId, price: dec(price), size: undefined });

describe('an order that an amendment gives another id', () => {
  it('[ORD-22] is followed by the answer: ours stays, the former id is remembered, and the cancel names the new one', () => {
    const { s, orderId, first } = resting();
    amend(s, orderId, '19850');
    s.amendAll();
    const { venueOrderId } = s.order('manual');
    expect(venueOrderId).not.toBe(first);
    expect(s.order('manual')).toMatchObject({ orderId, price: '19850', formerVenueOrderIds: [first] });
    s.command({ type: 'CancelOrder', orderId });
    expect(s.waiting('CancelOrder')[0]?.order.venueOrderId).toBe(venueOrderId);
    s.cancelAll();
    s.findAll();
    expect(s.order('manual').status).toBe('cancelled');
    expect(s.state().account.foreign).toBeNull();
  });

  it('[ORD-22] is followed by what the venue shows when the answer was lost', () => {
    const { s, orderId, first } = resting();
    amend(s, orderId, '19850');
    for (const { order, change } of s.takeAll('AmendOrder')) {
      s.venue.amend(String(order.venueOrderId), change);
      s.venue.pushes = [];
      const answer = { outcome: 'unknown', message: 'timed out' } as const;
      s.give({ type: 'OrderAnswered', orderId, action: 'amend', answer });
    }
    s.readLater();
    expect(s.order('manual')).toMatchObject({ orderId, price: '19850', formerVenueOrderIds: [first] });
    expect(s.desk.orders.size).toBe(1);
  });

  it('[ORD-22] what shows it as it was before takes nothing back, in whatever order it comes', () => {
    const { s, orderId, first } = resting();
    const former = s.venue.get(first);
    amend(s, orderId, '19850');
    s.amendAll();
    const between = s.venue.pushes.at(-1);
    s.venue.pushes = [];
    amend(s, orderId, '19870');
    s.amendAll();
    s.deliver();
    const last = s.order('manual').venueOrderId;
    s.push({ type: 'order', accountId: s.accountId, order: former });
    if (between !== undefined) s.push(between);
    expect(s.order('manual')).toMatchObject({ venueOrderId: last, price: '19870' });
    expect(s.order('manual').formerVenueOrderIds).toHaveLength(2);
  });

  it('[ORD-22] an answer that comes after the next one takes the name back only until the venue shows it', () => {
    const { s, orderId, first } = resting();
    const second = s.venue.amend(first, { price: dec('19850') });
    const third = s.venue.amend(second.venueOrderId, { price: dec('19870') });
    s.venue.pushes = [];
    const answered = (venueOrderId: string) =>
      s.give({
        ...{ type: 'OrderAnswered', orderId, action: 'amend' },
        answer: { outcome: 'accepted', venueOrderId },
      });
    answered(third.venueOrderId);
    answered(second.venueOrderId);
    expect(s.order('manual').venueOrderId).toBe(second.venueOrderId);
    s.push({ type: 'order', accountId: s.accountId, order: third });
    expect(s.order('manual')).toMatchObject({ venueOrderId: third.venueOrderId, price: '19870' });
  });

  it('[ORD-22] [INV-9] fills under a former id, without ours, are its own', () => {
    const { s, orderId, first } = resting();
    amend(s, orderId, '19850');
    s.amendAll();
    const id = String(s.order('manual').venueOrderId);
    s.venue.trade(id, dec('0.04'), dec('19800'), { venueOrderId: first, clientOrderId: null });
    s.deliver();
    expect(s.order('manual')).toMatchObject({ filledSize: '0.04', venueOrderId: id });
    expect(s.state().account.foreign).toBeNull();
  });

  it('[ORD-22] [REC-13] a fill under its new id that is faster than the answer waits for it', () => {
    const { s, orderId, first } = resting();
    amend(s, orderId, '19850');
    s.takeAll('AmendOrder');
    const made = s.venue.amend(first, { price: dec('19850') });
    s.venue.pushes = [];
    s.venue.trade(made.venueOrderId, dec('0.1'), dec('19850'), { clientOrderId: null });
    s.deliver((push) => push.type === 'fill');
    expect(s.isFlat).toBe(true);
    const answer = { outcome: 'accepted', venueOrderId: made.venueOrderId } as const;
    s.give({ type: 'OrderAnswered', orderId, action: 'amend', answer });
    expect(s.position().size).toBe('0.1');
    expect(s.order('manual')).toMatchObject({ status: 'filled', orderId });
    expect(s.state().account.foreign).toBeNull();
  });

  it('[ORD-22] [PROT-7] [INV-6] so is a stop that the venue made: moved again and again it stays the only one', () => {
    const s = new Scenario();
    s.venue.renames = true;
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    for (const price of ['20400', '20600', '20800']) {
      s.price(price);
      s.amendAll();
      s.deliver();
      s.readLater();
    }
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20592' });
    expect(s.openOrders('stop')).toHaveLength(1);
    expect(s.order('stop').formerVenueOrderIds).toHaveLength(3);
    expect(s.state().account.foreign).toBeNull();
  });

  it('[ORD-22] [PROT-10] and one whose move was made and not answered is known again by what it took the place of', () => {
    const s = new Scenario();
    s.venue.renames = true;
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    for (const { order, change } of s.takeAll('AmendOrder')) {
      s.venue.amend(String(order.venueOrderId), change);
      s.venue.pushes = [];
      const answer = { outcome: 'unknown', message: 'timed out' } as const;
      s.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'amend', answer });
    }
    s.readLater();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20196' });
    expect(s.openOrders('stop')).toHaveLength(1);
    expect(s.state().account.foreign).toBeNull();
  });
});

describe('a stop that fires and becomes another order', () => {
  function firing(): { s: Scenario; botId: string; stopId: string } {
    const s = new Scenario();
    s.venue.firesAnew = true;
    const botId = s.tradingBot();
    return { s, botId, stopId: String(s.order('stop').venueOrderId) };
  }

  it('[ORD-23] [PROT-13] its fills are the stop’s, and it ends the trade', () => {
    const { s, botId, stopId } = firing();
    const { orderId } = s.order('stop');
    s.venue.trigger(stopId, dec('19600'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.desk.orders.get(orderId)).toMatchObject({ status: 'filled', venueOrderId: stopId });
    expect(s.desk.orders.get(orderId)?.becameOrderId).toBeDefined();
    expect(s.told('FillRecorded').at(-1)?.fill).toMatchObject({ orderId, botId, source: 'stop' });
    expect(s.told('PositionChanged').at(-1)?.trade).toMatchObject({ exit: 'stop', botId });
    expect(s.state().account.foreign).toBeNull();
  });

  it('[ORD-23] seen at work before it is told what it was, it is asked for, and no stranger', () => {
    const { s, stopId } = firing();
    const { orderId } = s.order('stop');
    const became = s.venue.fire(stopId);
    s.venue.pushes = s.venue.pushes.filter(
      (push) => push.type === 'order' && push.order.venueOrderId === became.venueOrderId,
    );
    s.deliver();
    expect(s.state().account.foreign).toBeNull();
    expect(s.waiting('FindOrder').map(({ order }) => order.orderId)).toContain(orderId);
    s.findAll();
    expect(s.desk.orders.get(orderId)?.becameOrderId).toBe(became.venueOrderId);
    expect(s.position().stop?.state).toBe('triggered');
    s.readLater();
    s.readLater();
    expect(s.state().account.foreign).toBeNull();
    expect(s.openOrders()).toHaveLength(1);
  });

  it('[ORD-23] [PROT-12] when it ends short of the position, another stop is placed for what is left', () => {
    const { s, stopId } = firing();
    const { orderId } = s.order('stop');
    const became = s.venue.fire(stopId);
    s.venue.trade(became.venueOrderId, dec('0.01'), dec('19600'), { source: 'stop' });
    s.venue.end(became.venueOrderId, 'cancelled', 'ioc');
    s.deliver();
    s.findAll();
    expect(s.desk.orders.get(orderId)).toMatchObject({ status: 'cancelled', filledSize: '0.01' });
    s.advance(5_000);
    s.readLater();
    s.tick();
    expect(s.sending('stop')).toMatchObject([{ size: s.position().size }]);
  });
});

describe('an order of unknown outcome that is to go', () => {
  it('[ORD-24] is cancelled by our id at once, and is over when the venue says so', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
    const order = s.order('manual');
    s.loseAnswer(order);
    s.venue.pushes = [];
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    expect(s.waiting('CancelOrder')).toMatchObject([{ order: { venueOrderId: null } }]);
    s.cancelAll();
    s.findAll();
    expect(s.order('manual')).toMatchObject({ status: 'cancelled' });
    expect(s.venue.working()).toEqual([]);
  });

  it('[ORD-24] [EMER-4] also by an emergency stop, and when its answer is lost after the cancel was asked for', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.command({ type: 'EmergencyStop', scope: {} });
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.loseAnswer(entry);
    expect(s.waiting('CancelOrder').map(({ order }) => order.orderId)).toEqual([entry.orderId]);
  });

  it('[ORD-24] [ORD-9] a cancel that finds nothing proves nothing before its window is over', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
    const order = s.order('manual');
    s.loseOrder(order);
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    s.reject(order, 'no_such_order', 'cancel');
    s.findAll();
    expect(s.order('manual').status).toBe('unknown');
    // It comes after all: what was asked for is asked again.
    s.venue.place(order);
    s.deliver();
    s.cancelAll();
    s.findAll();
    expect(s.order('manual').status).toBe('cancelled');
    expect(s.venue.working()).toEqual([]);
  });
});
