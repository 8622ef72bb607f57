import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';
import { withdrawn } from '../withdrawn.ts';

/** A desk whose orders by hand wait until the test answers for their settings. */
function desk(): RiskDesk {
  const s = new RiskDesk();
  s.confirmsSettings = false;
  return s;
}

/** The only order by hand there is. */
function byHand(s: RiskDesk) {
  const [order] = [...s.desk.orders.values()].filter(({ purpose }) => purpose === 'manual');
  if (order === undefined) throw new Error('there is no order by hand');
  return order;
}

describe('leverage of orders by hand', () => {
  it('[ORD-20] [R2] the first order in a symbol leaves once the venue has taken the leverage of its account', () => {
    const s = desk();
    s.setLeverage(3);
    expect(s.command(s.orderByHand()).ok).toBe(true);
    expect(s.waiting('ConfigureSymbol')).toMatchObject([{ leverage: 3, marginMode: 'isolated' }]);
    expect(s.sending()).toEqual([]);
    const before = byHand(s).notAfter ?? 0;
    s.advance(4_000);
    s.answerSettings();
    const [sent] = s.sending();
    expect(sent).toMatchObject({ purpose: 'manual', size: '0.1', reason: null });
    expect(sent?.notAfter).toBe(before + 4_000);
    s.fillNow(byHand(s));
    s.deliver();
    expect(s.position()).toMatchObject({ leverage: 3, size: '0.1' });
    // Set once: the next one goes at once.
    s.command(s.orderByHand());
    expect(s.waiting('ConfigureSymbol')).toEqual([]);
    expect(s.sending()).toMatchObject([{ purpose: 'manual' }]);
  });

  it.each([
    ['refused', { outcome: 'rejected', code: 'leverage', message: 'above 2x' } as const, 'settings_refused'],
    ['unanswered', { outcome: 'unknown', message: 'timed out' } as const, 'settings_unanswered'],
  ])('[ORD-20] [R2] is over and was never sent when the settings are %s', (_how, answer, code) => {
    const s = desk();
    s.command(s.orderByHand());
    s.answerSettings(answer);
    expect(s.sending()).toEqual([]);
    expect(byHand(s)).toMatchObject({ status: 'rejected', reason: { code } });
    // Asked again with the next one.
    s.command(s.orderByHand());
    expect(s.waiting('ConfigureSymbol')).toHaveLength(1);
  });

  it('[ORD-20] [R2] one that was checked for another leverage than the venue took does not leave', () => {
    const s = desk();
    s.command(s.orderByHand());
    s.setLeverage(5);
    s.answerSettings();
    expect(s.sending()).toEqual([]);
    expect(byHand(s)).toMatchObject({ status: 'rejected' });
  });

  it('[ORD-20] [N3] an emergency stop overtakes one that waits for its settings', () => {
    const s = desk();
    s.command(s.orderByHand());
    s.command({ type: 'EmergencyStop', scope: {} });
    s.answerSettings();
    const [effect] = s.waiting('PlaceOrder');
    if (effect === undefined) throw new Error('the order never was to leave');
    const instead = withdrawn(s.desk, effect, s.context());
    expect(instead).toMatchObject({ type: 'OrderWithdrawn', orderId: byHand(s).orderId, why: 'unwanted' });
    if (instead !== null) s.give(instead);
    expect(byHand(s)).toMatchObject({ status: 'cancelled', filledSize: '0' });
  });

  it('[ORD-20] [D12] killed while it waits, it was never sent', () => {
    const s = desk();
    s.command(s.orderByHand());
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.readLater();
    s.findAll();
    s.tick(30_000);
    s.findAll();
    expect(s.sending()).toEqual([]);
    expect(byHand(s).status).toBe('abandoned');
  });

  it('[ORD-20] [R2] in a symbol with a position it trades with what that has, and asks for nothing', () => {
    const s = new RiskDesk();
    s.openByHand();
    s.confirmsSettings = false;
    s.setLeverage(5);
    s.command(s.orderByHand({ size: dec('0.05') }));
    expect(s.waiting('ConfigureSymbol')).toEqual([]);
    expect(s.sending()).toMatchObject([{ size: '0.05' }]);
    expect(s.position().leverage).toBe(1);
  });
});
