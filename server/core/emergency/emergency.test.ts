import { describe, expect, it } from 'vitest';
import { dec, mul } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { OrderRequest } from '../commands.ts';

/** An order by hand on a symbol that no bot here trades. */
const SHORT: Partial<OrderRequest> = { symbol: 'ETHUSDT', side: 'sell', size: dec('0.5') };

const emergency = (s: Scenario) => {
  const found = [...s.desk.emergencies.values()].at(-1);
  if (found === undefined) throw new Error('no emergency');
  return found;
};

const STOP = { type: 'EmergencyStop', scope: {} } as const;

/** A bot's long, a manual short, a foreign long at the venue, and a resting manual limit order. */
function busyDesk(): Scenario {
  const s = new Scenario();
  s.tradingBot('long', { takeProfits: [{ slot: 'tp1', atPct: dec('4'), share: dec('1') }] });
  s.accept(s.order('take_profit'));
  s.command(s.orderByHand(SHORT));
  s.fillNow(s.order('manual'));
  s.command(s.orderByHand({ symbol: 'SOLUSDT', type: 'limit', size: dec('1'), price: dec('19.5') }));
  s.accept(s.order('manual'));
  s.deliver();
  return s;
}

describe('emergency stop', () => {
  it('[EMER-1] latches at once: accounts, bots, and nothing that adds exposure leaves any more', () => {
    const s = busyDesk();
    const [bot] = s.desk.bots.values();
    const outcome = s.command(STOP);
    expect(outcome).toMatchObject({ ok: true, result: { emergencyId: emergency(s).emergencyId } });
    expect(s.state().account.latch?.reason).toBe('emergency');
    expect(s.bot(bot?.botId ?? '')).toMatchObject({ state: 'halted', closing: true });
    expect(emergency(s), '[UI-25]').toMatchObject({ by: 'user', deviceId: 'phone' });
    expect(s.denial(s.orderByHand(SHORT)).limit).toBe('account_latched');
    expect(s.sending().every((order) => order.reduceOnly)).toBe(true);
  });

  it('[EMER-2] [R18] [N3] [D8] [INV-7] cancels, closes what is a bot’s, by hand and foreign under its stops, takes the stops last, asks the venue, and only then gives the receipt', () => {
    const s = busyDesk();
    const found = s.position('BTCUSDT');
    s.command(STOP);
    expect(emergency(s)).toMatchObject({ stage: 'closing' });
    expect(emergency(s).found.map(({ symbol, direction }) => [symbol, direction])).toEqual([
      ['BTCUSDT', 'long'],
      ['ETHUSDT', 'short'],
    ]);
    expect(s.sending('close').map(({ symbol, side }) => [symbol, side])).toEqual([['ETHUSDT', 'buy']]);
    expect(
      s
        .waiting('CancelOrder')
        .map(({ order }) => order.purpose)
        .sort(),
    ).toEqual(['manual', 'take_profit']);
    s.cancelAll();
    expect(
      s
        .sending('close')
        .map(({ symbol }) => symbol)
        .sort(),
    ).toEqual(['BTCUSDT', 'ETHUSDT']);
    expect(s.openOrders('stop')).toHaveLength(1);
    for (const order of s.sending('close')) s.fillNow(order);
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(emergency(s).stage).toBe('cleaning');
    expect(s.waiting('CancelOrder').map(({ order }) => order.purpose)).toEqual(['stop']);
    s.cancelAll();
    expect(emergency(s)).toMatchObject({ stage: 'verifying', finishedAt: null });
    s.readLater();
    expect(emergency(s)).toMatchObject({
      stage: 'done',
      residual: [],
      confirmed: [s.accountId],
      finishedAt: s.wallTime,
    });
    expect(emergency(s).closed).toContainEqual({
      accountId: s.accountId,
      symbol: 'BTCUSDT',
      size: found.size,
      price: '20000',
      notional: mul(found.size, dec('20000')),
    });
    expect(emergency(s)).toMatchObject({
      by: 'user',
      ordersCancelled: 3,
      progress: { positionsLeft: 0, ordersLeft: 0, notionalLeft: '0' },
    });
    expect(emergency(s).cancelled).toContainEqual({
      accountId: s.accountId,
      symbol: 'BTCUSDT',
      purpose: 'stop',
      count: 1,
    });
    expect(s.told('EmergencyReceipt')).toHaveLength(1);
    expect(s.venue.working()).toEqual([]);
    expect(s.venue.positions.size).toBe(0);
  });

  it('[EMER-3] what only the venue knew of is found, closed and listed', () => {
    const s = new Scenario();
    s.venue.execute(
      { symbol: 'SOLUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null },
      dec('3'),
      dec('20'),
    );
    s.venue.rest({ symbol: 'BTCUSDT', side: 'buy', type: 'limit', size: dec('0.1'), price: dec('19000') });
    s.venue.pushes = [];
    s.command(STOP);
    expect(emergency(s)).toMatchObject({ stage: 'verifying', found: [] });
    s.readLater();
    expect(emergency(s).found).toMatchObject([{ symbol: 'SOLUSDT', size: '3', botId: null }]);
    s.cancelAll();
    for (const order of s.sending('close')) s.fillNow(order);
    s.deliver();
    s.findAll();
    s.readLater();
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [] });
    expect(s.venue.positions.size).toBe(0);
    expect(s.venue.working()).toEqual([]);
  });

  it('[EMER-4] an entry that was on its way fills afterwards: it is closed, and what was confirmed is confirmed anew', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.command(STOP);
    s.readLater();
    expect(emergency(s).stage).not.toBe('done');
    s.fillNow(entry);
    s.deliver();
    s.cancelAll();
    s.fillNow(s.order('close'));
    s.deliver();
    s.cancelAll();
    s.findAll();
    s.readLater();
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [] });
    expect(s.venue.positions.size).toBe(0);
  });

  it('[EMER-5] [N3] refused closes are repeated; what the venue keeps refusing is named in the receipt, tried on, and told when it is closed after all', () => {
    const s = new Scenario();
    s.settings.closeAttempts = 3;
    s.openByHand(SHORT);
    s.command(STOP);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(emergency(s).stage).toBe('closing');
      s.reject(s.order('close'), 'other');
      s.tick();
    }
    const residual = { symbol: 'ETHUSDT', size: '0.5', why: { code: 'refused', figures: { as: 'other' } } };
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [residual], confirmed: [] });
    expect(s.desk.alerts.get(`emergency:${emergency(s).emergencyId}`)).toMatchObject({
      code: 'emergency_residual',
      severity: 'critical',
    });
    s.tick();
    expect(s.sending('close')).toHaveLength(1);
    s.fillNow(s.order('close'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(emergency(s).residual[0]?.closedAt).toBeUndefined();
    s.readLater();
    expect(emergency(s)).toMatchObject({
      residual: [{ ...residual, closedAt: s.wallTime }],
      closed: [{ symbol: 'ETHUSDT', size: '0.5' }],
    });
    expect([...s.desk.alerts.values()].map(({ code }) => code)).toEqual(['emergency_residual_closed']);
  });

  it('[EMER-12] "not now", a lost order and refusals between partial fills are no persistent refusal: it goes on', () => {
    const s = new Scenario();
    s.settings.closeAttempts = 3;
    s.openByHand(SHORT);
    s.command(STOP);
    for (const code of ['maintenance', 'rate_limited', 'other', 'maintenance'] as const) {
      s.reject(s.order('close'), code);
      s.tick();
      expect(emergency(s).stage).toBe('closing');
    }
    // Some of it closes: the count begins anew.
    const order = s.order('close');
    const venueOrderId = s.accept(order);
    s.venue.trade(venueOrderId, dec('0.2'), dec('1000'));
    s.venue.end(venueOrderId, 'cancelled');
    s.deliver();
    s.tick();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      s.reject(s.order('close'), 'other');
      s.tick();
    }
    expect(emergency(s)).toMatchObject({ stage: 'closing', closed: [{ symbol: 'ETHUSDT', size: '0.2' }] });
    s.reject(s.order('close'), 'other');
    s.tick();
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [{ size: '0.3' }] });
  });

  it('[EMER-13] a book that took part of a close is given time to fill, then asked for so much at a time; nothing below the minimum is left behind', () => {
    const s = new Scenario();
    s.openByHand(SHORT);
    s.command(STOP);
    const take = (size: string) => {
      const order = s.order('close');
      const venueOrderId = s.accept(order);
      s.venue.trade(venueOrderId, dec(size), dec('1000'));
      if (size !== order.size) s.venue.end(venueOrderId, 'cancelled');
      s.deliver();
      s.findAll();
    };
    take('0.2');
    expect(s.sending('close')).toEqual([]);
    s.tick();
    expect(s.order('close').size).toBe('0.2');
    take('0.2');
    // The book gave all that was asked for: the rest is asked for at once.
    expect(s.order('close').size).toBe('0.1');
    take('0.1');
    expect(s.isFlat).toBe(true);
    expect(emergency(s).closed).toMatchObject([{ symbol: 'ETHUSDT', size: '0.5' }]);
  });

  it('[EMER-14] dust that the venue takes no order for is tried, named as dust, and keeps the receipt from saying flat', () => {
    const s = new Scenario();
    s.venue.execute(
      { symbol: 'BTCUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null },
      dec('0.00001'),
      dec('20000'),
    );
    s.venue.pushes = [];
    s.command(STOP);
    s.readLater();
    expect(emergency(s).found).toMatchObject([{ symbol: 'BTCUSDT', size: '0.00001' }]);
    s.reject(s.order('close'), 'size');
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [{ symbol: 'BTCUSDT', size: '0.00001' }] });
    expect(emergency(s).residual[0]?.why).toMatchObject({ code: 'dust', figures: { as: 'size' } });
  });

  it('[EMER-15] what a stop closes meanwhile is on the receipt as well', () => {
    const s = busyDesk();
    const { size } = s.position('BTCUSDT');
    s.command(STOP);
    const stop = s.openOrders('stop')[0];
    s.venue.trade(stop?.venueOrderId ?? '', size, dec('19000'));
    s.deliver();
    const row = emergency(s).closed.find(({ symbol }) => symbol === 'BTCUSDT');
    expect(row).toMatchObject({ size, price: '19000' });
  });

  it('[EMER-16] one account that refuses does not end it while another was not seen flat', () => {
    const s = new Scenario();
    s.settings.closeAttempts = 1;
    const second = s.openAccount('Second');
    s.openByHand(SHORT);
    s.command(STOP);
    s.reject(s.order('close'), 'other');
    s.tick();
    expect(emergency(s)).toMatchObject({ stage: 'verifying', residual: [] });
    s.readLater(second);
    expect(emergency(s)).toMatchObject({ stage: 'done', confirmed: [second], residual: [{ size: '0.5' }] });
  });

  it('[EMER-17] more emergencies than are remembered never push out one that runs', () => {
    const s = busyDesk();
    s.command({ type: 'EmergencyStop', scope: { accountId: s.accountId } });
    const { emergencyId } = emergency(s);
    for (let n = 0; n < 8; n += 1) {
      const accountId = s.openAccount(`Account ${n}`);
      s.command({ type: 'EmergencyStop', scope: { accountId } });
      s.readLater(accountId);
      expect(emergency(s).stage).toBe('done');
    }
    expect(s.desk.emergencies.get(emergencyId)?.stage).not.toBe('done');
    expect(s.desk.emergencies.size).toBe(5);
  });

  it('[EMER-6] a venue that cannot be reached keeps it open: nothing is called flat unseen', () => {
    const s = new Scenario();
    s.tradingBot();
    s.command(STOP);
    s.loseOrder(s.order('close'));
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    for (let second = 0; second < 30; second += 1) {
      s.tick();
      s.takeAll('ReadAccount');
      s.takeAll('FindOrder');
    }
    expect(emergency(s).stage).toBe('closing');
    s.readLater();
    s.findAll();
    s.tick();
    s.fillNow(s.order('close'));
    s.deliver();
    s.cancelAll();
    s.findAll();
    s.readLater();
    s.tick();
    s.readLater();
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [] });
  });

  it('[EMER-7] pressed again while it runs: the same one goes on', () => {
    const s = busyDesk();
    s.command(STOP);
    const { emergencyId } = emergency(s);
    expect(s.command(STOP)).toMatchObject({ ok: true, result: { emergencyId } });
    expect(s.desk.emergencies.size).toBe(1);
  });

  it('[EMER-8] stays latched after the receipt until it is released, and is not released while it runs', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.command(STOP);
    expect(s.command({ type: 'ReleaseEmergency', scope: {} })).toMatchObject({
      ok: false,
      refusal: { code: 'bad_request' },
    });
    s.readLater();
    expect(emergency(s).stage).toBe('done');
    expect(s.denial({ type: 'StartBot', botId }).limit).toBe('account_latched');
    s.command({ type: 'ReleaseEmergency', scope: {} });
    expect(s.told('LatchReleased')).toHaveLength(1);
    expect(s.command({ type: 'StartBot', botId }).ok).toBe(true);
  });

  it('[EMER-9] several accounts: each must be seen flat by its own venue; the scope leaves others alone', () => {
    const s = new Scenario();
    const second = s.openAccount('Second');
    s.openByHand(SHORT);
    s.command({ type: 'EmergencyStop', scope: { accountId: second } });
    expect(s.state().account.latch).toBeNull();
    expect(s.sending('close')).toEqual([]);
    s.readLater(second);
    expect(emergency(s)).toMatchObject({ accountIds: [second], stage: 'done' });
    s.command(STOP);
    s.readLater(second);
    expect(emergency(s).stage).not.toBe('done');
    s.fillNow(s.order('close'));
    s.deliver();
    s.readLater();
    if (emergency(s).stage !== 'done') s.readLater(second);
    expect(emergency(s)).toMatchObject({ stage: 'done' });
    expect([...emergency(s).confirmed].sort()).toEqual([s.accountId, second].sort());
  });

  it('[EMER-10] an account removed meanwhile does not keep it from ending', () => {
    const s = new Scenario();
    s.command(STOP);
    s.command({ type: 'RemoveAccount', accountId: s.accountId });
    s.tick();
    expect(emergency(s).stage).toBe('done');
  });

  it('[EMER-11] goes on after a restart in the middle', () => {
    const s = busyDesk();
    s.command(STOP);
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 3_000, latch: null });
    for (let round = 0; round < 40 && emergency(s).stage !== 'done'; round += 1) {
      s.tick();
      s.findAll();
      for (const order of s.sending('close')) s.fillNow(order);
      s.deliver();
      s.cancelAll();
      s.findAll();
      if (s.waiting('ReadAccount').length > 0) s.readLater();
    }
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [] });
    expect(s.venue.positions.size).toBe(0);
    expect(s.venue.working()).toEqual([]);
  });

  it('[EMER-18] [R20] an administrator pressing while the user’s own runs takes over its latch; the user’s press takes nothing back', () => {
    const s = busyDesk();
    s.command(STOP);
    const { emergencyId } = emergency(s);
    const press = (kind: 'admin' | 'user', commandId: string) => {
      const actor = { kind, userId: kind, deviceId: 'd' };
      s.give({ type: 'Command', command: STOP, commandId, expectedVersion: null, actor });
    };
    press('admin', 'by-admin');
    expect(s.state().account.latch).toMatchObject({ by: 'admin' });
    press('user', 'by-user');
    expect(s.state().account.latch).toMatchObject({ by: 'admin' });
    expect([...s.desk.emergencies.keys()]).toEqual([emergencyId]);
    const denial = s.denial({ type: 'ReleaseEmergency', scope: {} });
    expect(denial).toMatchObject({ limit: 'account_latched', latch: 'emergency_by_admin' });
  });

  it('[EMER-1] [INV-8] start, start-all, resume and orders by hand are denied while latched, and say so', () => {
    const s = new Scenario();
    const paused = s.runningBot();
    s.command({ type: 'PauseBot', botId: paused });
    const stopped = s.createBot({ symbol: 'ETHUSDT', allocationPct: dec('10') });
    s.command(STOP);
    s.readLater();
    expect(emergency(s).stage).toBe('done');
    for (const command of [{ type: 'StartBot', botId: stopped } as const, s.orderByHand(SHORT)]) {
      expect(s.denial(command)).toMatchObject({ limit: 'account_latched' });
    }
    expect(s.command({ type: 'ResumeBot', botId: paused }).ok).toBe(false);
    expect(s.command({ type: 'StartBots', scope: {} })).toMatchObject({ ok: true, result: { botIds: [] } });
    expect(s.sending().filter(({ reduceOnly }) => !reduceOnly)).toEqual([]);
  });

  it('[EMER-11] [INV-7] a residual is followed over a restart, and its stop stays until it is closed', () => {
    const s = new Scenario();
    s.settings.closeAttempts = 1;
    s.tradingBot();
    s.command(STOP);
    s.reject(s.order('close'), 'not_trading');
    s.tick();
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [{ symbol: 'BTCUSDT' }] });
    expect(s.openOrders('stop')).toHaveLength(1);
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 3_000, latch: null });
    s.readLater();
    // What was being sent is looked for, given up, and sent anew.
    for (let second = 0; second < 30 && s.sending('close').length === 0; second += 1) {
      s.tick();
      s.findAll();
    }
    s.fillNow(s.order('close'));
    s.deliver();
    s.cancelAll();
    s.findAll();
    s.readLater();
    expect(emergency(s).residual).toMatchObject([{ symbol: 'BTCUSDT', closedAt: s.wallTime }]);
    expect(s.venue.working()).toEqual([]);
  });
});
