import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

describe('alerts whose cause has gone another way than most', () => {
  it('[FOUND-24] what was said of a position goes with one that is gone without a fill, also where nothing else is known of its symbol', () => {
    const s = new Scenario();
    const theirs = { symbol: 'ETHUSDT', venueOrderId: 'theirs', clientOrderId: null } as const;
    s.venue.execute({ ...theirs, side: 'buy' }, dec('1'), dec('1500'));
    s.deliver();
    s.command({ type: 'ResolveForeign', accountId: s.accountId, decision: 'adopt' });
    expect(s.alert('stop_missing')).toBe(true);
    s.venue.execute({ ...theirs, side: 'sell' }, dec('1'), dec('1500'));
    // Beyond the venue's memory.
    s.venue.fills.length = 0;
    s.venue.pushes = [];
    s.readLater();
    expect(s.isFlat).toBe(true);
    expect(s.alert('stop_missing')).toBe(false);
  });

  it('[FOUND-24] [PROT-28] that a stop lies behind the liquidation goes with a stop by hand that is given up', () => {
    const s = new Scenario();
    s.openByHand();
    s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('19150') });
    s.venue.liquidationPrice = dec('19140');
    s.readLater();
    s.tick();
    expect(s.alert('stop_behind_liquidation')).toBe(true);
    s.reject(s.order('stop'), 'other');
    expect(s.position().stop).toBe(null);
    expect(s.alert('stop_behind_liquidation')).toBe(false);
  });

  it('[FOUND-24] a refused close is told as long as the position is being closed, and no longer', () => {
    const s = new RiskDesk();
    s.openByHand({ size: dec('0.2') });
    s.set({ dailyLoss: dec('100') });
    s.tick();
    s.price('19000');
    s.tick();
    s.reject(s.order('close'), 'other');
    expect(s.alert('close_refused')).toBe(true);
    s.tick(500);
    s.readLater();
    expect(s.alert('close_refused')).toBe(true);
    // The breach ends with its day: the position stays, as its owner has it.
    s.jump(26 * HOUR);
    s.readLater();
    expect(s.limits().breaches).toEqual([]);
    for (const order of s.sending('close')) s.reject(order, 'other');
    s.tick(20_000);
    expect(s.openOrders('close')).toEqual([]);
    expect(s.alert('close_refused')).toBe(false);
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    s.reject(s.order('close'), 'other');
    expect(s.alert('close_refused')).toBe(true);
  });

  it('[FOUND-24] [EMER-5] and so is one that an emergency stop had to leave, until it is released', () => {
    const s = new Scenario();
    s.settings.closeAttempts = 2;
    s.openByHand();
    s.command({ type: 'EmergencyStop', scope: {} });
    for (let attempt = 0; attempt < 3; attempt += 1) {
      for (const order of s.sending('close')) s.reject(order, 'other');
      s.tick();
      s.readLater();
    }
    expect([...s.desk.emergencies.values()][0]?.stage).toBe('done');
    expect(s.alert('close_refused')).toBe(true);
    s.command({ type: 'ReleaseEmergency', scope: {} });
    for (const order of s.sending('close')) s.reject(order, 'other');
    s.readLater();
    s.tick(20_000);
    expect(s.openOrders('close')).toEqual([]);
    expect(s.alert('close_refused')).toBe(false);
  });

  it('[FOUND-24] a rejected entry is over once the venue has taken another, also where its answer was lost', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.reject(s.order('entry'), 'other');
    expect(s.alert('entry_rejected')).toBe(true);
    s.bar([enter('long')]);
    s.loseAnswer(s.order('entry'));
    expect(s.alert('entry_rejected')).toBe(true);
    s.findAll();
    expect(s.order('entry').status).toBe('open');
    expect(s.alert('entry_rejected')).toBe(false);
  });

  it('[FOUND-24] [ORD-19] what was said of a change ends with its order, also by a fill', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
    const venueOrderId = s.accept(s.order('manual'));
    s.deliver();
    const { orderId } = s.order('manual');
    s.command({ type: 'AmendOrder', orderId, price: undefined, size: dec('0.3') });
    s.reject(s.order('manual'), 'other', 'amend');
    expect(s.alert('amend_refused')).toBe(true);
    s.venue.trade(venueOrderId, dec('0.1'), dec('19800'));
    s.deliver();
    expect(s.order('manual').status).toBe('filled');
    expect(s.alert('amend_refused')).toBe(false);
  });
});
