import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** The venue takes every close that waits and gives it up again; `size` of it trades before. */
function emptyBook(s: Scenario, size?: string): number {
  const closes = s.sending('close');
  for (const order of closes) {
    const id = s.accept(order);
    if (size !== undefined) s.venue.trade(id, dec(size), dec('20000'));
    s.venue.end(id, 'cancelled', 'ioc');
  }
  s.deliver();
  s.findAll();
  return closes.length;
}

const close = (s: Scenario) =>
  s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });

describe('a close that the venue takes and gives up unfilled', () => {
  it('[FOUND-16] is repeated with the pauses of one that is refused, aloud, and goes on once the book is back', () => {
    const s = new Scenario();
    s.openByHand();
    close(s);
    let sent = 0;
    for (let half = 0; half < 2 * 120; half += 1) {
      sent += emptyBook(s);
      s.tick(500);
    }
    // One a second for the attempts that count, then one each ten seconds.
    expect(sent).toBeGreaterThan(20);
    expect(sent).toBeLessThan(40);
    expect(s.alert('close_refused')).toBe(true);
    s.tick(10_000);
    s.fillNow(s.order('close'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.alert('close_refused')).toBe(false);
  });

  it('[FOUND-16] [EMER-5] stays as a residual of an emergency, named with the reason', () => {
    const s = new Scenario();
    s.openByHand();
    s.command({ type: 'EmergencyStop', scope: {} });
    for (let round = 0; round < 60; round += 1) {
      emptyBook(s);
      s.tick(1_000);
      s.readLater();
    }
    const emergency = [...s.desk.emergencies.values()].at(-1);
    expect(emergency).toMatchObject({ stage: 'done', residual: [{ symbol: 'BTCUSDT', size: '0.1' }] });
    expect(emergency?.residual[0]?.why).toEqual({ code: 'gave_up_as', figures: { as: 'ioc' } });
  });

  it('[FOUND-16] [EMER-12] a partial fill is progress: what came to nothing before it counts no more', () => {
    const s = new Scenario();
    s.openByHand();
    close(s);
    for (let round = 0; round < 5; round += 1) {
      emptyBook(s);
      s.tick(1_000);
    }
    expect(s.desk.exitFailures.size).toBe(1);
    emptyBook(s, '0.04');
    expect(s.desk.exitFailures.size).toBe(0);
    expect(s.position().size).toBe('0.06');
  });

  it('[FOUND-16] what we cancelled ourselves is no refusal', () => {
    const s = new Scenario();
    s.openByHand();
    close(s);
    s.accept(s.order('close'));
    s.command({ type: 'CancelOrder', orderId: s.order('close').orderId });
    s.cancelAll();
    s.findAll();
    expect(s.desk.exitFailures.size).toBe(0);
  });

  it('[EMER-13] [FOUND-16] one that was filled whole says that the book is there again: the next asks for all that is left', () => {
    const s = new Scenario();
    s.openByHand();
    close(s);
    emptyBook(s, '0.02');
    s.tick();
    expect(s.order('close').size).toBe('0.02');
    s.fillNow(s.order('close'));
    s.deliver();
    s.tick();
    expect(s.position().size).toBe('0.06');
    expect(s.sending('close').map(({ size }) => size)).toEqual(['0.06']);
  });
});
