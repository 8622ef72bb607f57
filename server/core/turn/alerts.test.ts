import { describe, expect, it } from 'vitest';
import { ENGINE } from '../../../shared/domain/actor.ts';
import type { AlertCode, ToldAlert } from '../../../shared/domain/alert.ts';
import { add, dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { APART_MS, Scenario } from '../../testing/core/scenario.ts';
import { DESK_LIMITS } from '../desk.ts';
import { raiseAlert } from './alerts.ts';
import { Turn } from './turn.ts';

const dismiss = (s: Scenario, alertId: string) => s.command({ type: 'DismissAlert', alertId });
const raise = (s: Scenario, alertId: string, code: AlertCode = 'late_fill') =>
  raiseAlert(new Turn(s.desk, s.context(), ENGINE, 'test'), {
    alertId,
    severity: 'warning',
    // What it says is of no matter here.
    ...({ code, figures: {} } as unknown as ToldAlert),
  });

describe('a balance that differs', () => {
  const differing = () => {
    const s = new Scenario();
    // Nobody told of it: no bill, no fill.
    s.venue.balance = add(s.venue.balance, dec('5'));
    s.readLater();
    return s;
  };

  it('[FOUND-24] [LEDGER-11] is told after two readings apart that show the same, not after one nor after two at once', () => {
    const s = differing();
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(false);
    s.advance(APART_MS);
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(true);
  });

  it('[FOUND-24] is not told while each reading shows something else', () => {
    const s = differing();
    s.venue.balance = add(s.venue.balance, dec('1'));
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(false);
  });

  it('[FOUND-24] resolves once a reading agrees, and cannot be dismissed before', () => {
    const s = differing();
    s.advance(APART_MS);
    s.readLater();
    const refusal = dismiss(s, `ledger:${s.accountId}`);
    expect(refusal).toMatchObject({ ok: false, refusal: { code: 'bad_request' } });
    expect(refusal.ok ? '' : JSON.stringify(refusal.refusal)).toContain('a reading of the account agrees');
    s.venue.balance = add(s.venue.balance, dec('-5'));
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(false);
    // Counted anew.
    s.venue.balance = add(s.venue.balance, dec('5'));
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(false);
  });

  it('[FOUND-24] [LEDGER-11] of a fill whose profit differs is told at once, and resolves when a reading agrees', () => {
    const s = new Scenario();
    s.openByHand();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    s.fillNow(s.order('close'));
    s.venue.pushes = s.venue.pushes.map((push) =>
      push.type === 'fill' ? { ...push, fill: { ...push.fill, realisedPnl: dec('1') } } : push,
    );
    s.deliver();
    expect(s.alert('ledger_mismatch')).toBe(true);
    s.readLater();
    expect(s.alert('ledger_mismatch')).toBe(false);
  });
});

describe('news', () => {
  it('[FOUND-24] is dismissed by its owner; what is not there, or no longer, is not found', () => {
    const s = new Scenario();
    raise(s, 'some');
    expect(s.desk.alerts.get('some')).toMatchObject({ dismissible: true });
    expect(dismiss(s, 'some')).toMatchObject({ ok: true });
    expect(s.desk.alerts.has('some')).toBe(false);
    expect(dismiss(s, 'some')).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
  });

  it('[FOUND-24] of a refused change goes with its order', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
    const venueOrderId = s.accept(s.order('manual'));
    s.deliver();
    const { orderId } = s.order('manual');
    s.command({ type: 'AmendOrder', orderId, price: dec('19850'), size: undefined });
    s.drop((effect) => effect.type === 'AmendOrder');
    const answer = { outcome: 'rejected', code: 'other', message: 'no' } as const;
    s.give({ type: 'OrderAnswered', orderId, action: 'amend', answer });
    expect(s.alert('amend_refused')).toBe(true);
    s.venue.end(venueOrderId, 'cancelled');
    s.deliver();
    expect(s.alert('amend_refused')).toBe(false);
  });

  it('[FOUND-24] of a rejected entry goes with the next one that is taken', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.reject(s.order('entry'), 'other');
    expect(s.alert('entry_rejected')).toBe(true);
    s.bar([enter('long')]);
    s.accept(s.order('entry'));
    expect(s.alert('entry_rejected')).toBe(false);
  });

  it('[FOUND-24] is bounded: the oldest makes room and is seen to go, and conditions stay, however many', () => {
    const s = new Scenario();
    for (let n = 0; n < 2 * DESK_LIMITS.news; n += 1) raise(s, `condition ${n}`, 'ledger_mismatch');
    for (let n = 0; n <= DESK_LIMITS.news; n += 1) raise(s, `news ${n}`);
    expect(s.desk.alerts.size).toBe(3 * DESK_LIMITS.news);
    expect(s.desk.alerts.has('news 0')).toBe(false);
    expect(s.desk.alerts.has('news 1')).toBe(true);
    // One that says something else is no further one.
    raise(s, 'news 1', 'late_order');
    expect(s.desk.alerts.size).toBe(3 * DESK_LIMITS.news);
  });
});

describe('a stop that differs', () => {
  it('[FOUND-24] [PROT-26] raises no alert when it is put right at once', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ stopPrice: dec('19500') }));
    s.settle();
    const { venueOrderId } = s.order('stop');
    s.venue.rewrite(String(venueOrderId), { triggerPrice: dec('19000') });
    s.deliver();
    s.settle();
    expect(s.venue.get(String(venueOrderId)).triggerPrice).toBe('19500');
    expect(s.told('AlertRaised')).toEqual([]);
  });

  it('[FOUND-24] alerts of a position go with it', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ stopPrice: dec('19500') }));
    s.settle();
    for (const name of ['stop', 'stop_moved', 'take_profit', 'dust'])
      raise(s, `${name}:${s.accountId}:BTCUSDT`);
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    s.settle();
    expect(s.isFlat).toBe(true);
    expect([...s.desk.alerts.keys()]).toEqual([]);
  });
});
