import { describe, expect, it } from 'vitest';
import type { LimitValues } from '../../../shared/domain/account.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';
import { Scenario } from '../../testing/core/scenario.ts';

function amending(): { s: Scenario; orderId: string; venueOrderId: string } {
  const s = new Scenario();
  s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
  const { orderId } = s.order('manual');
  const venueOrderId = s.accept(s.order('manual'));
  s.deliver();
  s.command({ type: 'AmendOrder', orderId, price: dec('19850'), size: dec('0.08') });
  return { s, orderId, venueOrderId };
}

/** The venue takes the change, or never sees it; its answer is lost. */
function lose(s: Scenario, isMade: boolean): void {
  for (const { order, change } of s.takeAll('AmendOrder')) {
    if (isMade) s.venue.amend(String(order.venueOrderId), change);
    s.venue.pushes = [];
    const answer = { outcome: 'unknown', message: 'timed out' } as const;
    s.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'amend', answer });
  }
}

function lookOn(s: Scenario, seconds: number): void {
  for (let second = 0; second < seconds; second += 1) {
    s.tick(1_000);
    s.findAll();
  }
}

const said = (s: Scenario, orderId: string) => s.desk.alerts.get(`amend:${orderId}`);

describe('an amendment by hand whose answer is lost', () => {
  it('[ORD-19] it was made: said as soon as the venue shows it', () => {
    const { s, orderId } = amending();
    lose(s, true);
    s.findAll();
    expect(s.desk.orders.get(orderId)).toMatchObject({ price: '19850', size: '0.08' });
    expect(s.desk.orders.get(orderId)).not.toHaveProperty('amending');
    expect(said(s, orderId)).toMatchObject({ code: 'amend_made', severity: 'info' });
  });

  it('[ORD-19] it never arrived: said once it can no longer come, not before', () => {
    const { s, orderId } = amending();
    lose(s, false);
    s.findAll();
    expect(said(s, orderId)).toBeUndefined();
    lookOn(s, 60);
    expect(said(s, orderId)).toMatchObject({ code: 'amend_lost', severity: 'warning' });
    expect(said(s, orderId)?.figures).toMatchObject({ status: 'open', nowSize: '0.1', nowPrice: '19800' });
    expect(s.desk.orders.get(orderId)).toMatchObject({ price: '19800', size: '0.1' });
    expect(s.desk.orders.get(orderId)).not.toHaveProperty('amending');
    lookOn(s, 5);
    expect(s.waiting('FindOrder')).toEqual([]);
    expect(s.waiting('AmendOrder')).toEqual([]);
  });

  it('[ORD-19] it comes late: said as made', () => {
    const { s, orderId, venueOrderId } = amending();
    lose(s, false);
    s.findAll();
    s.venue.amend(venueOrderId, { price: dec('19850'), size: dec('0.08') });
    s.venue.pushes = [];
    lookOn(s, 4);
    expect(said(s, orderId)?.code).toBe('amend_made');
  });

  it('[ORD-19] the order has ended by then: said with how', () => {
    const { s, orderId, venueOrderId } = amending();
    lose(s, false);
    s.venue.end(venueOrderId, 'cancelled');
    s.venue.pushes = [];
    s.findAll();
    expect(said(s, orderId)?.figures).toMatchObject({ answer: 'lost', status: 'cancelled' });
  });

  it('[ORD-19] [ORD-13] the process ended before the answer: asked after the restart, and said', () => {
    const { s, orderId } = amending();
    for (const { order, change } of s.takeAll('AmendOrder'))
      s.venue.amend(String(order.venueOrderId), change);
    s.venue.pushes = [];
    s.give({ type: 'Recovered', downMs: 3_000, latch: null });
    s.readLater();
    s.findAll();
    expect(said(s, orderId)?.code).toBe('amend_made');
  });

  it('[ORD-19] an answer that comes says nothing more, and the next change takes back what was said', () => {
    const { s, orderId } = amending();
    s.amendAll();
    expect(said(s, orderId)).toBeUndefined();
    expect(s.desk.orders.get(orderId)?.amending).toBeUndefined();
    s.command({ type: 'AmendOrder', orderId, price: dec('19860'), size: undefined });
    lose(s, true);
    s.findAll();
    expect(said(s, orderId)?.code).toBe('amend_made');
    s.command({ type: 'AmendOrder', orderId, price: dec('19870'), size: undefined });
    expect(said(s, orderId)).toBeUndefined();
    s.reject(s.desk.orders.get(orderId) ?? s.order('manual'), 'other', 'amend');
    expect(said(s, orderId)?.code).toBe('amend_refused');
    expect(s.desk.orders.get(orderId)?.amending).toBeUndefined();
  });
});

describe('an amendment on its way', () => {
  /** A working order of 0.1 at 20,000, asked to become 0.15. */
  function larger(limits: Partial<LimitValues> = {}) {
    const s = new RiskDesk();
    s.set(limits);
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('20000') }));
    const order = s.order('manual');
    const venueOrderId = s.accept(order);
    s.deliver();
    const { orderId } = order;
    const amend = (size: string) =>
      ({ type: 'AmendOrder', orderId, price: undefined, size: dec(size) }) as const;
    expect(s.command(amend('0.15')).ok).toBe(true);
    return { s, orderId, venueOrderId, amend };
  }
  const limits = { maxTotalNotional: dec('3000') };
  const more = (s: RiskDesk) => s.orderByHand({ size: dec('0.02') });
  const beyond = { limit: 'total_notional', actual: '3400', allowed: '3000' };

  it('[FOUND-8] [RISK-10] counts with the larger of what is and what is asked for, until the venue shows which', () => {
    const { s, orderId } = larger(limits);
    expect(s.denial(more(s))).toMatchObject(beyond);
    const [sent] = s.takeAll('AmendOrder');
    s.venue.amend(String(sent?.order.venueOrderId), { size: dec('0.15') });
    s.venue.pushes = [];
    s.give({
      type: 'OrderAnswered',
      orderId,
      action: 'amend',
      answer: { outcome: 'accepted', venueOrderId: '' },
    });
    // Taken, and not shown yet.
    expect(s.denial(more(s))).toMatchObject(beyond);
    s.findAll();
    expect(s.desk.orders.get(orderId)).toMatchObject({ size: '0.15' });
    expect(s.desk.orders.get(orderId)).not.toHaveProperty('amending');
    expect(said(s, orderId)).toBeUndefined();
    expect(s.denial(more(s))).toMatchObject(beyond);
  });

  it('[FOUND-8] [RISK-10] also when its answer is lost, until the change can no longer come', () => {
    const { s } = larger(limits);
    lose(s, false);
    s.findAll();
    expect(s.denial(more(s))).toMatchObject(beyond);
    lookOn(s, 60);
    expect(s.command(more(s)).ok).toBe(true);
  });

  it('[FOUND-8] [RISK-10] of margin likewise, and a smaller size frees nothing before it is made', () => {
    const { s } = larger();
    // 10,000 less 3,000.
    expect(s.denial(s.orderByHand({ size: dec('0.35') }))).toMatchObject({
      limit: 'balance',
      allowed: '7000',
    });
    const t = larger();
    t.s.amendAll();
    t.s.command(t.amend('0.05'));
    expect(t.s.denial(t.s.orderByHand({ size: dec('0.4') }))).toMatchObject({
      limit: 'balance',
      allowed: '7000',
    });
  });

  it('[FOUND-8] another change waits for it', () => {
    const { s, amend } = larger();
    expect(s.denial(amend('0.12'))).toMatchObject({ limit: 'amend_under_way', size: '0.15', price: '20000' });
    s.amendAll();
    expect(s.command(amend('0.12')).ok).toBe(true);
  });

  it('[FOUND-8] filled to its former size, it counts as working until the change is known', () => {
    const { s, orderId, venueOrderId } = larger(limits);
    s.venue.trade(venueOrderId, dec('0.1'), dec('20000'));
    for (const push of s.venue.pushes) if (push.type === 'fill') s.push(push);
    s.venue.pushes = [];
    expect(s.desk.orders.get(orderId)?.status).toBe('partially_filled');
    expect(s.denial(more(s))).toMatchObject(beyond);
    s.reject(s.desk.orders.get(orderId) ?? s.order('manual'), 'no_such_order', 'amend');
    s.findAll();
    expect(s.desk.orders.get(orderId)?.status).toBe('filled');
    expect(s.command(more(s)).ok).toBe(true);
  });

  it('[FOUND-8] [ORD-2] once made, what the venue showed before and is told late takes nothing back', () => {
    const { s, orderId, venueOrderId, amend } = larger(limits);
    // A first fill, of which only the fill itself was told.
    s.venue.trade(venueOrderId, dec('0.05'), dec('20000'));
    const late = s.venue.pushes.filter(({ type }) => type === 'order');
    s.deliver(({ type }) => type === 'fill');
    s.advance(1);
    s.amendAll();
    s.venue.pushes = [];
    for (const push of late) s.push(push);
    expect(s.desk.orders.get(orderId)).toMatchObject({ size: '0.15', status: 'partially_filled' });
    expect(s.denial(more(s))).toMatchObject({ limit: 'total_notional' });
    s.venue.trade(venueOrderId, dec('0.05'), dec('20000'));
    s.deliver(({ type }) => type === 'fill');
    expect(s.desk.orders.get(orderId)?.status).toBe('partially_filled');
    // A clock of the venue that is set back keeps no later change from being seen.
    s.marketTime -= 60_000;
    s.venue.marketTime = s.marketTime;
    expect(s.command(amend('0.12')).ok).toBe(true);
    s.amendAll();
    expect(s.desk.orders.get(orderId)?.size).toBe('0.12');
  });

  it('[FOUND-8] a stop that can neither be moved nor joined by another covers what it may fill yet', () => {
    const s = new RiskDesk({ attachedStop: false, positionStops: 'one', amendStop: false });
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
    const order = s.order('manual');
    s.accept(order);
    s.deliver();
    s.command({ type: 'AmendOrder', orderId: order.orderId, price: undefined, size: dec('0.3') });
    s.openByHand({ stopPrice: dec('19000') });
    expect(s.order('stop').size).toBe('0.4');
  });
});
