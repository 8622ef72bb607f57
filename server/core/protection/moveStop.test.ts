import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const TP = [{ slot: 'tp1', atPct: dec('4'), share: dec('1') }];

describe('moving and resizing', () => {
  it('[PROT-7] [INV-6] amended in place where the venue can: never two, never none', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    expect(s.position().stop).toMatchObject({ state: 'replacing', triggerPrice: '20196' });
    expect(s.waiting('AmendOrder')).toMatchObject([{ change: { triggerPrice: '20196' } }]);
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20196' });
    expect(s.openOrders('stop')).toHaveLength(1);
  });

  it('[PROT-8] [INV-6] new first, old after, where it cannot amend', () => {
    const s = new Scenario({ amendStop: false });
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    const old = s.order('stop');
    s.price('20400');
    expect(s.sending('stop')).toMatchObject([{ triggerPrice: '20196', reduceOnly: true }]);
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.waiting('CancelOrder')).toEqual([]);
    // Seen once more, right before the old one goes.
    s.findAll();
    expect(s.waiting('CancelOrder').map(({ order }) => order.orderId)).toEqual([old.orderId]);
    expect(s.position().stop?.orderId).not.toBe(old.orderId);
  });

  it('[PROT-8] the new one refused: the old one still rests and is what is shown', () => {
    const s = new Scenario({ amendStop: false });
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    const old = s.order('stop');
    s.price('20400');
    s.reject(s.order('stop'), 'stop_direction');
    expect(s.position().stop).toMatchObject({
      state: 'resting',
      orderId: old.orderId,
      triggerPrice: '19600',
    });
    expect(s.alert('stop_replace_refused')).toBe(true);
    expect(s.sending('close')).toEqual([]);
  });

  it('[PROT-8] [N4] [INV-6] the new one cancelled before it was shown: another one resizes the stop that still rests', () => {
    const s = new Scenario({ amendStop: false });
    s.tradingBot();
    const former = s.order('stop');
    s.bar([exit('long', '0.5', 'half')]);
    s.fillNow(s.order('exit'));
    s.deliver();
    const [second] = s.sending('stop');
    if (second === undefined) throw new Error('the stop is not resized');
    s.accept(second);
    s.venue.pushes = [];
    expect(s.command({ type: 'CancelOrder', orderId: second.orderId }).ok).toBe(true);
    s.cancelAll();
    s.findAll();
    const [third] = s.sending('stop');
    expect(third).toMatchObject({ size: s.position().size, triggerPrice: former.triggerPrice });
    if (third === undefined) throw new Error('the stop is not resized again');
    s.accept(third);
    s.deliver();
    s.findAll();
    s.cancelAll();
    s.findAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', orderId: third.orderId });
    expect(s.openOrders('stop')).toHaveLength(1);
  });

  it.each(['no_such_order', 'no_position', 'reduce_only'] as const)(
    '[PROT-7] refused with %s, our books are wrong: the account is read before anything is concluded',
    (code) => {
      const s = new Scenario();
      s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
      s.price('20400');
      s.takeAll('ReadAccount');
      s.reject(s.order('stop'), code, 'amend');
      expect(s.waiting('ReadAccount')).toHaveLength(1);
      expect(s.position().stop?.state).toBe('replacing');
      expect(s.alert('stop_replace_refused')).toBe(false);
    },
  );

  it('[PROT-9] one stop and no amending: the old one stays, never taken away first', () => {
    const s = new Scenario({ amendStop: false, positionStops: 'one' });
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    expect(s.sending('stop')).toEqual([]);
    expect(s.waiting('CancelOrder')).toEqual([]);
    expect(s.openOrders('stop')).toHaveLength(1);
  });

  it('[PROT-10] an amendment refused leaves the stop where it was, and the next step tries again', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    s.reject(s.order('stop'), 'other', 'amend');
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19600' });
    s.price('20500');
    expect(s.waiting('AmendOrder')).toHaveLength(1);
  });

  it('[PROT-10] an amendment lost is asked for again after a reading: a trailing stop never gets stuck', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    s.take({ effect: 'AmendOrder' });
    s.give({
      type: 'OrderAnswered',
      orderId: s.order('stop').orderId,
      action: 'amend',
      answer: { outcome: 'unknown', message: 'timed out' },
    });
    s.read();
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.tick(2_000);
    s.read();
    expect(s.waiting('AmendOrder')).toHaveLength(1);
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20196' });
  });

  it('[PROT-10] moved by hand while another move is on its way: the last one wins', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('20400');
    const outcome = s.command({
      type: 'SetStop',
      accountId: s.accountId,
      symbol: 'BTCUSDT',
      triggerPrice: dec('20000'),
    });
    expect(outcome.ok).toBe(true);
    s.amendAll();
    s.tick(2_000);
    s.read();
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20000' });
    expect(s.venue.working().filter((order) => order.type === 'stop_market')).toMatchObject([
      { triggerPrice: '20000' },
    ]);
  });

  it('[PROT-11] resized after a partial exit, where stops have sizes', () => {
    const s = new Scenario();
    s.tradingBot();
    const { size } = s.position();
    s.bar([exit('long', '0.5', 'half')]);
    const half = s.order('exit');
    expect(Number(half.size)).toBeCloseTo(Number(size) / 2, 2);
    s.fillNow(half);
    s.deliver();
    expect(s.waiting('AmendOrder')).toMatchObject([{ change: { size: s.position().size } }]);
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', size: s.position().size });
    expect(s.position().protection.partialsTaken).toEqual(['half']);
    s.bar([exit('long', '0.5', 'half')]);
    expect(s.sending('exit')).toEqual([]);
    const t = new Scenario({ sizedStop: false });
    t.tradingBot();
    t.bar([exit('long', '0.5', 'half')]);
    t.fillNow(t.order('exit'));
    t.deliver();
    expect(t.waiting('AmendOrder')).toEqual([]);
  });

  it('[PROT-12] the stop vanished at the venue: nothing is assumed before the account was read, then it is placed', () => {
    const s = new Scenario();
    s.tradingBot();
    const stop = s.order('stop');
    if (stop.venueOrderId === null) throw new Error('no venue id');
    s.venue.end(stop.venueOrderId, 'cancelled', 'requested');
    s.deliver();
    expect(s.sending('stop')).toEqual([]);
    expect(s.waiting('ReadAccount').length).toBeGreaterThan(0);
    s.readLater();
    expect(s.sending('stop')).toMatchObject([{ triggerPrice: '19600', size: s.position().size }]);
  });

  it('[PROT-13] a fired stop ends the trade, and the rest of the ladder goes', () => {
    const s = new Scenario();
    const botId = s.tradingBot('long', { takeProfits: TP });
    s.accept(s.order('take_profit'));
    s.deliver();
    const stop = s.order('stop');
    s.venue.trigger(String(stop.venueOrderId), dec('19590'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.told('StopTriggered')).toHaveLength(1);
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit).toBe('stop');
    expect(s.waiting('CancelOrder').map(({ order }) => order.purpose)).toEqual(['take_profit']);
    expect(s.bot(botId).state).toBe('running');
  });

  it('[PROT-13] the fill of a stop not yet known does not fill the entry it came with', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.fillNow(entry);
    s.venue.trigger(s.venue.madeStop().venueOrderId, dec('19590'));
    s.venue.pushes = s.venue.pushes.map((push) =>
      push.type === 'fill' && push.fill.source === 'stop'
        ? { ...push, fill: { ...push.fill, clientOrderId: entry.orderId } }
        : push,
    );
    s.deliver((push) => push.type === 'fill');
    expect(s.isFlat).toBe(true);
    expect(s.desk.orders.get(entry.orderId)).toMatchObject({ filledSize: entry.size, status: 'filled' });
  });
});
