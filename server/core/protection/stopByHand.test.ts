import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { STOP_ATTEMPTS } from './stopRefused.ts';

const setStop = (s: Scenario, triggerPrice = '19000') =>
  s.command({
    type: 'SetStop',
    accountId: s.accountId,
    symbol: 'BTCUSDT',
    triggerPrice: dec(triggerPrice),
  });

/** A position by hand without a stop, and one set by hand that is on its way. */
function stopOnItsWay(): Scenario {
  const s = new Scenario();
  s.openByHand();
  setStop(s);
  return s;
}

function expectLeftAsItWas(s: Scenario): void {
  expect(s.position()).toMatchObject({ stop: null, unprotectedSince: null, size: '0.1' });
  expect(s.alert('stop_replace_refused')).toBe(true);
  expect(s.sending()).toEqual([]);
  expect(s.told('StopFailed')).toEqual([]);
}

describe('a stop set by hand that is refused for now', () => {
  it('[PROT-28] is tried again at the next look, not at once, until it rests', () => {
    const s = stopOnItsWay();
    for (const code of ['maintenance', 'rate_limited'] as const) {
      s.reject(s.order('stop'), code);
      s.price('20001');
      expect(s.sending('stop')).toEqual([]);
      s.readLater();
      expect(s.alert('stop_replace_refused')).toBe(false);
      s.tick(1_000);
    }
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19000' });
    expect(s.position().unprotectedMs).toBeGreaterThanOrEqual(2_000);
  });

  it('[PROT-28] is given up after as many attempts as any stop, said, and the position left as it was', () => {
    const s = stopOnItsWay();
    for (let attempt = 0; attempt < STOP_ATTEMPTS; attempt += 1) {
      expect(s.position().stop).not.toBeNull();
      s.reject(s.order('stop'), 'maintenance');
      s.readLater();
      s.tick(1_000);
    }
    s.tick(31_000);
    s.readLater();
    expectLeftAsItWas(s);
    expect(s.alert('unprotected')).toBe(false);
    expect(s.position().unprotectedMs).toBeGreaterThanOrEqual(4_000);
  });

  it('[PROT-28] asked for again, it has as many attempts again', () => {
    const s = stopOnItsWay();
    for (let attempt = 0; attempt < STOP_ATTEMPTS; attempt += 1) {
      s.reject(s.order('stop'), 'maintenance');
      s.tick(1_000);
    }
    setStop(s);
    for (let attempt = 1; attempt < STOP_ATTEMPTS; attempt += 1) {
      s.reject(s.order('stop'), 'maintenance');
      s.tick(1_000);
    }
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.position().stop?.state).toBe('resting');
    expect(s.alert('stop_replace_refused')).toBe(false);
  });

  it('[PROT-28] refused for good between, or passed by the mark: given up at once, never closed', () => {
    const refused = stopOnItsWay();
    refused.reject(refused.order('stop'), 'maintenance');
    refused.tick(1_000);
    refused.reject(refused.order('stop'), 'permission');
    expectLeftAsItWas(refused);
    const passed = stopOnItsWay();
    passed.reject(passed.order('stop'), 'maintenance');
    passed.marks.set('BTCUSDT', dec('18990'));
    passed.tick(1_000);
    expectLeftAsItWas(passed);
  });

  it('[PROT-28] lost on the way, or accepted and not there on read-back: tried again as one set by hand', () => {
    const lost = stopOnItsWay();
    lost.loseOrder(lost.order('stop'));
    for (let round = 0; round < 3 && lost.sending('stop').length === 0; round += 1) {
      lost.tick(31_000);
      lost.findAll();
    }
    lost.tick(1_000);
    lost.reject(lost.order('stop'), 'permission');
    expectLeftAsItWas(lost);
    const vanished = stopOnItsWay();
    const venueOrderId = vanished.accept(vanished.order('stop'));
    vanished.venue.orders.delete(venueOrderId);
    vanished.venue.pushes = [];
    vanished.tick(3_000);
    vanished.readLater();
    vanished.tick(11_000);
    vanished.findAll();
    vanished.reject(vanished.order('stop'), 'permission');
    expectLeftAsItWas(vanished);
  });

  it('[PROT-27] [INV-5] what was refused by hand does not count for the stop of a bot that comes after', () => {
    const s = new Scenario({ attachedStop: false });
    s.openByHand();
    setStop(s);
    for (let attempt = 0; attempt < STOP_ATTEMPTS; attempt += 1) {
      s.reject(s.order('stop'), 'maintenance');
      s.tick(1_000);
    }
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    s.fillNow(s.order('close'));
    s.deliver();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    for (let attempt = 0; attempt < STOP_ATTEMPTS; attempt += 1) {
      expect(s.sending('close')).toEqual([]);
      s.reject(s.order('stop'), 'maintenance');
      s.tick(1_000);
    }
    expect(s.sending('close')).toHaveLength(1);
  });
});
