import { describe, expect, it } from 'vitest';
import type { Emergency } from '../../../shared/domain/alert.ts';
import type { VenueRefusal } from '../../../shared/domain/cause.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import type { VenueAnswer } from '../../ports/venue.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';

const ATTEMPTS = 3;

function emergency(s: Scenario): Emergency {
  const found = [...s.desk.emergencies.values()].at(-1);
  if (found === undefined) throw new Error('no emergency');
  return found;
}

/** An order by hand rests, with a position by hand where asked for, and the emergency stop was pressed. */
function pressed(hasPosition = false): Scenario {
  const s = new Scenario();
  s.settings.closeAttempts = ATTEMPTS;
  if (hasPosition) s.openByHand({ symbol: 'ETHUSDT', size: dec('0.5') });
  s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', size: dec('0.2'), price: dec('19500') }));
  s.accept(s.order('manual'));
  s.deliver();
  s.command({ type: 'EmergencyStop', scope: {} });
  return s;
}

/** Every cancel that waits is answered so, then time passes until the next one. */
function answerCancels(s: Scenario, answer: VenueAnswer): number {
  const waiting = s.takeAll('CancelOrder');
  for (const { order } of waiting)
    s.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'cancel', answer });
  s.findAll();
  s.tick(2_500);
  return waiting.length;
}

const refusal = (code: VenueRefusal): VenueAnswer => ({
  outcome: 'rejected',
  code,
  message: 'not this one',
});

function refuseUntilNamed(s: Scenario): void {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) answerCancels(s, refusal('permission'));
}

describe('an order that the venue refuses to cancel', () => {
  it('[EMER-22] [N3] [INV-7] ends the emergency stop with a receipt that names it and why, never flat, once the venue was read', () => {
    const s = pressed();
    refuseUntilNamed(s);
    expect(emergency(s)).toMatchObject({ stage: 'verifying', residual: [] });
    s.readLater();
    const [order] = s.openOrders('manual');
    expect(emergency(s)).toMatchObject({
      stage: 'done',
      confirmed: [],
      refusing: [s.accountId],
      residual: [
        {
          symbol: 'BTCUSDT',
          size: '0.2',
          orderId: order?.orderId,
          why: { code: 'not_cancelled', figures: { as: 'permission' } },
        },
      ],
    });
    expect(s.alert('emergency_residual')).toBe(true);
  });

  it('[EMER-22] it is tried on, less often, and the receipt says when it is gone', () => {
    const s = pressed();
    refuseUntilNamed(s);
    s.readLater();
    let tries = 0;
    for (let second = 0; second < 60; second += 1) {
      for (const { order } of s.takeAll('CancelOrder')) {
        tries += 1;
        s.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'cancel', answer: refusal('other') });
      }
      s.findAll();
      s.tick(1_000);
    }
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(9);
    s.tick(10_000);
    s.cancelAll();
    s.tick(1_000);
    expect(emergency(s).residual[0]?.closedAt).toBeUndefined();
    s.readLater();
    expect(emergency(s).residual).toMatchObject([{ closedAt: s.wallTime }]);
    expect(s.alert('emergency_residual')).toBe(false);
  });

  it.each(['rate_limited', 'maintenance', 'expired', 'no_such_order'] as const)(
    '[EMER-22] [EMER-12] "%s" is no persistent refusal of a cancel: it goes on',
    (code) => {
      const s = pressed();
      for (let attempt = 0; attempt < 4 * ATTEMPTS; attempt += 1)
        expect(answerCancels(s, refusal(code))).toBe(1);
      s.readLater();
      expect(emergency(s)).toMatchObject({ stage: 'cancelling', residual: [] });
      s.cancelAll();
      s.readLater();
      expect(emergency(s)).toMatchObject({ stage: 'done', residual: [] });
    },
  );

  it('[EMER-22] lost answers are none either, and a cancel that is taken begins the count anew', () => {
    const s = pressed();
    const lost: VenueAnswer = { outcome: 'unknown', message: 'timed out' };
    for (let attempt = 0; attempt < 4 * ATTEMPTS; attempt += 1) answerCancels(s, lost);
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) answerCancels(s, refusal('other'));
    answerCancels(s, { outcome: 'accepted', venueOrderId: '' });
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) answerCancels(s, refusal('other'));
    s.readLater();
    expect(emergency(s).stage).toBe('cancelling');
    answerCancels(s, refusal('other'));
    s.readLater();
    expect(emergency(s).stage).toBe('done');
  });

  it('[EMER-22] [EMER-5] it does not end what can still be closed, nor keeps it from being closed', () => {
    const s = pressed(true);
    s.reject(s.order('close'), 'maintenance');
    refuseUntilNamed(s);
    s.readLater();
    expect(emergency(s)).toMatchObject({ stage: 'closing', residual: [] });
    s.tick(1_000);
    s.fillNow(s.order('close'));
    s.deliver();
    s.readLater();
    expect(emergency(s)).toMatchObject({
      stage: 'done',
      closed: [{ symbol: 'ETHUSDT', size: '0.5' }],
      residual: [{ symbol: 'BTCUSDT', size: '0.2' }],
    });
  });

  it('[EMER-22] [EMER-5] a position that the venue refuses to close is named beside it', () => {
    const s = pressed(true);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      s.reject(s.order('close'), 'other');
      answerCancels(s, refusal('permission'));
    }
    s.readLater();
    expect(emergency(s).residual.map(({ symbol, size }) => [symbol, size])).toEqual([
      ['BTCUSDT', '0.2'],
      ['ETHUSDT', '0.5'],
    ]);
  });

  it('[EMER-22] [INV-8] it fills after the receipt: what it opened is closed, and only then the receipt says that it is gone', () => {
    const s = pressed();
    refuseUntilNamed(s);
    s.readLater();
    const [order] = s.openOrders('manual');
    s.venue.trade(order?.venueOrderId ?? '', dec('0.2'), dec('19500'));
    s.deliver();
    expect(emergency(s).residual[0]?.closedAt).toBeUndefined();
    s.tick(2_500);
    s.fillNow(s.order('close'));
    s.deliver();
    s.readLater();
    expect(s.isFlat).toBe(true);
    expect(emergency(s).residual).toMatchObject([{ closedAt: s.wallTime }]);
  });

  it('[EMER-22] [EMER-11] what was counted survives a restart', () => {
    const s = pressed();
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) answerCancels(s, refusal('other'));
    expect(deserializeDesk(serializeDesk(s.desk))).toEqual(s.desk);
    s.give({ type: 'Recovered', downMs: 3_000, latch: null });
    s.readLater();
    s.tick(2_500);
    answerCancels(s, refusal('other'));
    s.readLater();
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [{ symbol: 'BTCUSDT' }] });
  });
});
