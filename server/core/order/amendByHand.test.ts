import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
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
    expect(said(s, orderId)?.message).toContain('it works as 0.1 at 19800');
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
    expect(said(s, orderId)?.message).toContain('it has ended: cancelled');
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
