import { describe, expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import type { OrderPurpose } from '../../shared/domain/order.ts';
import { enter, exit } from '../testing/core/samples.ts';
import { Scenario } from '../testing/core/scenario.ts';
import type { Effect } from './effects.ts';
import { deserializeDesk, serializeDesk } from './fold/snapshot.ts';
import { withdrawn } from './withdrawn.ts';

const LATER_MS = 40_000;

/** What is asked when the effect has waited for its turn; what is decided instead is given to the desk. */
function leave(s: Scenario, effect: Effect) {
  const instead = withdrawn(s.desk, effect, s.context());
  if (instead !== null) s.give(instead);
  return instead;
}

const placing = (s: Scenario, purpose: OrderPurpose): Effect => s.take({ effect: 'PlaceOrder', purpose });

function entryWaits(): { s: Scenario; botId: string; effect: Effect } {
  const s = new Scenario();
  const botId = s.runningBot();
  s.bar([enter('long')]);
  return { s, botId, effect: placing(s, 'entry') };
}

function positionByHand(capabilities = {}): Scenario {
  const s = new Scenario(capabilities);
  s.command(s.orderByHand({ stopPrice: dec('19500') }));
  s.settle();
  s.pending = [];
  return s;
}

function limitByHand(): Scenario {
  const s = new Scenario();
  s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19800') }));
  s.accept(s.order('manual'));
  s.deliver();
  return s;
}

const freeze = (s: Scenario) => {
  const other = { symbol: 'ETHUSDT', side: 'buy', venueOrderId: 'theirs', clientOrderId: null } as const;
  s.venue.execute(other, dec('0.1'), dec('1500'));
  s.deliver();
  s.readLater();
  expect(s.state().account.foreign).not.toBeNull();
};

describe('an entry that waited for its turn', () => {
  it('[FOUND-7] leaves while everything still speaks for it', () => {
    const { s, effect } = entryWaits();
    expect(leave(s, effect)).toBeNull();
  });

  it('[FOUND-7] [ORD-9] past its time is not sent and counts as given up', () => {
    const { s, effect } = entryWaits();
    s.advance(LATER_MS);
    expect(leave(s, effect)).toMatchObject({ type: 'OrderWithdrawn', action: 'place', why: 'late' });
    expect(s.order('entry')).toMatchObject({ status: 'abandoned' });
  });

  it('[FOUND-7] [INV-4] given up by a look-up is not sent, though the bot has decided the next one', () => {
    const { s, effect } = entryWaits();
    const { orderId } = s.order('entry');
    s.advance(15_000);
    s.readLater();
    expect(s.order('entry').status).toBe('unknown');
    s.advance(LATER_MS);
    s.tick();
    s.findAll();
    expect(s.desk.orders.get(orderId)?.status).toBe('abandoned');
    s.bar([enter('long')]);
    expect(leave(s, effect)).toMatchObject({ orderId, why: 'unwanted' });
    expect(leave(s, placing(s, 'entry'))).toBeNull();
  });

  it('[FOUND-7] [ORD-6] cancelled by hand while it waited is not sent first', () => {
    const { s, effect } = entryWaits();
    s.command({ type: 'CancelOrder', orderId: s.order('entry').orderId });
    expect(leave(s, effect)).toMatchObject({ why: 'unwanted' });
    expect(s.order('entry').status).toBe('cancelled');
  });

  it.each<[string, (s: Scenario, botId: string) => unknown]>([
    ['its bot is paused', (s, botId) => s.command({ type: 'PauseBot', botId })],
    ['entries are latched', (s) => s.command({ type: 'EmergencyStop', scope: {} })],
    ['something foreign froze the account', freeze],
    [
      'the account cannot be reached',
      (s) => s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'x' }),
    ],
    ['there is no fresh price', (s) => s.marks.set('BTCUSDT', null)],
  ])('[FOUND-7] [INV-8] [INV-10] does not leave when %s', (_, happen) => {
    const { s, botId, effect } = entryWaits();
    happen(s, botId);
    expect(leave(s, effect)).toMatchObject({ type: 'OrderWithdrawn', why: 'unwanted' });
    expect(s.openOrders('entry')).toEqual([]);
  });

  it('[FOUND-7] [INV-12] by hand does not leave once a bot claims its symbol', () => {
    const s = new Scenario();
    const botId = s.createBot();
    s.command(s.orderByHand());
    const effect = placing(s, 'manual');
    const bot = { ...s.bot(botId), state: 'running' as const };
    s.desk.bots.set(botId, bot);
    expect(withdrawn(s.desk, effect, s.context())).toMatchObject({
      reason: { code: 'denied', figures: { limit: 'symbol_claimed' } },
    });
  });
});

describe('an amendment that waited for its turn', () => {
  const amended = () => {
    const s = limitByHand();
    const { orderId } = s.order('manual');
    s.command({ type: 'AmendOrder', orderId, price: undefined, size: dec('0.15') });
    return { s, orderId, effect: s.take({ effect: 'AmendOrder' }) };
  };
  const said = (s: Scenario, orderId: string) => s.desk.alerts.get(`amend:${orderId}`);

  it('[FOUND-7] [INV-8] that adds size does not leave after something froze the account, and its owner is told', () => {
    const { s, orderId, effect } = amended();
    freeze(s);
    expect(leave(s, effect)).toMatchObject({ action: 'amend', why: 'unwanted' });
    expect(s.desk.orders.get(orderId)).not.toHaveProperty('amending');
    expect(said(s, orderId)).toMatchObject({
      code: 'amend_refused',
      figures: { cause: { code: 'denied', figures: { limit: 'foreign_activity' } } },
    });
  });

  it('[FOUND-7] [INV-8] does not leave after a latch', () => {
    const { s, effect } = amended();
    s.command({ type: 'EmergencyStop', scope: {} });
    expect(leave(s, effect)).toMatchObject({ action: 'amend', why: 'unwanted' });
  });

  it('[FOUND-7] does not leave past its time, nor after it was given up', () => {
    const { s, orderId, effect } = amended();
    expect(leave(s, effect)).toBeNull();
    s.advance(LATER_MS);
    expect(leave(s, effect)).toMatchObject({ action: 'amend', why: 'late' });
    expect(said(s, orderId)).toMatchObject({ code: 'amend_refused' });
    s.command({ type: 'AmendOrder', orderId, price: undefined, size: dec('0.12') });
    const second = s.take({ effect: 'AmendOrder' });
    s.give({ type: 'Recovered', downMs: 0, latch: null });
    expect(leave(s, second)).toMatchObject({ why: 'unwanted' });
  });
});

describe('what reduces or protects and waited for its turn', () => {
  it('[FOUND-7] a close whose position is gone is not sent', () => {
    const s = positionByHand();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const effect = placing(s, 'close');
    expect(leave(s, effect)).toBeNull();
    s.venue.trigger(s.venue.madeStop().venueOrderId, dec('19500'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(leave(s, effect)).toMatchObject({ why: 'unwanted' });
    expect(s.openOrders('close')).toEqual([]);
  });

  it('[FOUND-7] a close is not sent once the position lies on the other side', () => {
    const s = positionByHand();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const effect = placing(s, 'close');
    const order = {
      symbol: 'BTCUSDT',
      side: 'sell',
      venueOrderId: 'theirs',
      clientOrderId: 'theirs',
    } as const;
    s.venue.execute(order, dec('0.3'), dec('20000'));
    s.deliver();
    expect(s.position().direction).toBe('short');
    expect(leave(s, effect)).toMatchObject({ why: 'unwanted' });
  });

  it('[FOUND-7] a close is not sent against another position that its owner has opened on the same side since', () => {
    const s = positionByHand();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const effect = placing(s, 'close');
    s.venue.trigger(s.venue.madeStop().venueOrderId, dec('19500'));
    s.deliver();
    s.openByHand({ stopPrice: dec('19000') });
    expect(s.position()).toMatchObject({ direction: 'long', size: '0.1', botId: null });
    expect(leave(s, effect)).toMatchObject({
      why: 'unwanted',
      reason: { code: 'position_gone' },
    });
    expect(s.openOrders('close')).toEqual([]);
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    expect(leave(s, placing(s, 'close'))).toBeNull();
  });

  it('[FOUND-7] an exit that a bot decided is not sent against the position that its entry has opened anew since', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long', { type: 'limit', price: dec('20000') })]);
    const entry = s.accept(s.order('entry'));
    s.venue.trade(entry, dec('0.1'), dec('20000'));
    s.deliver();
    s.bar([exit('long')]);
    const effect = placing(s, 'exit');
    expect(withdrawn(s.desk, effect, s.context())).toBeNull();
    s.venue.trigger(s.order('stop').venueOrderId ?? '', dec('19600'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    s.venue.trade(entry, dec('0.02'), dec('20000'));
    s.deliver();
    expect(s.position()).toMatchObject({ direction: 'long', size: '0.02' });
    expect(leave(s, effect)).toMatchObject({
      why: 'unwanted',
      reason: { code: 'position_gone' },
    });
    expect(s.openOrders('exit')).toEqual([]);
  });

  it('[FOUND-7] [INV-12] what a bot decided is sent against no position but its own', () => {
    const s = new Scenario();
    s.tradingBot();
    s.bar([exit('long')]);
    const effect = placing(s, 'exit');
    expect(withdrawn(s.desk, effect, s.context())).toBeNull();
    const [key, position] = [...s.desk.positions][0] ?? [];
    if (key === undefined || position === undefined) throw new Error('no position');
    for (const botId of [null, 'another']) {
      s.desk.positions.set(key, { ...position, botId });
      expect(withdrawn(s.desk, effect, s.context())).toMatchObject({ why: 'unwanted' });
    }
  });

  it('[FOUND-7] what a restart finds of an order knows still that its position has ended', () => {
    const s = positionByHand();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const effect = placing(s, 'close');
    s.venue.trigger(s.venue.madeStop().venueOrderId, dec('19500'));
    s.deliver();
    s.openByHand();
    const restored = deserializeDesk(serializeDesk(s.desk));
    expect(withdrawn(restored, effect, s.context())).toMatchObject({ why: 'unwanted' });
  });

  it('[FOUND-7] [INV-6] a stop that was for the former position is not sent beside that of the next one', () => {
    const s = new Scenario({ attachedStop: false });
    s.command(s.orderByHand({ stopPrice: dec('19500') }));
    s.fillNow(s.order('manual'));
    s.deliver();
    const effect = placing(s, 'stop');
    expect(withdrawn(s.desk, effect, s.context())).toBeNull();
    s.openByHand({ side: 'sell', reduceOnly: true });
    expect(s.isFlat).toBe(true);
    s.openByHand({ stopPrice: dec('19000') });
    expect(leave(s, effect)).toMatchObject({ why: 'unwanted' });
    expect(s.openOrders('stop')).toMatchObject([{ triggerPrice: '19000' }]);
    expect(leave(s, placing(s, 'stop'))).toBeNull();
  });

  it('[FOUND-7] [INV-6] a stop is not sent beside one that has come to rest meanwhile', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    const { pushes } = s.venue;
    s.deliver((push) => push.type === 'fill');
    s.tick(6_000);
    const effect = placing(s, 'stop');
    for (const push of pushes) if (push.type === 'order') s.push(push);
    expect(s.position().stop?.state).toBe('resting');
    expect(leave(s, effect)).toMatchObject({ why: 'unwanted', reason: { code: 'other_stop_rests' } });
  });

  it('[FOUND-7] [PROT-17] a close past its time is not sent but decided anew', () => {
    const s = positionByHand();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const effect = placing(s, 'close');
    s.advance(LATER_MS);
    expect(leave(s, effect)).toMatchObject({ why: 'late' });
    s.tick();
    s.tick();
    const again = placing(s, 'close');
    expect(leave(s, again)).toBeNull();
  });

  it('[FOUND-7] [INV-5] a stop past its time is not sent but decided anew', () => {
    const s = new Scenario({ attachedStop: false });
    s.command(s.orderByHand({ stopPrice: dec('19500') }));
    s.fillNow(s.order('manual'));
    s.deliver();
    const effect = placing(s, 'stop');
    s.advance(LATER_MS);
    expect(leave(s, effect)).toMatchObject({ why: 'late' });
    s.tick();
    s.tick();
    expect(leave(s, placing(s, 'stop'))).toBeNull();
    expect(s.openOrders('stop')).toHaveLength(1);
  });

  it('[FOUND-7] [PROT-10] a move of a stop that was moved on meanwhile is not sent, and the last one is', () => {
    const s = positionByHand();
    const move = (price: string) =>
      s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec(price) });
    move('19600');
    const first = s.take({ effect: 'AmendOrder' });
    move('19700');
    expect(leave(s, first)).toMatchObject({ action: 'amend', why: 'unwanted' });
    s.tick(3_000);
    s.readLater();
    const last = s.take({ effect: 'AmendOrder' });
    expect(leave(s, last)).toBeNull();
    expect(last).toMatchObject({ change: { triggerPrice: '19700' } });
  });

  it('[FOUND-7] a cancel of what is over, or is to stay, is not sent', () => {
    const s = limitByHand();
    const { orderId, venueOrderId } = s.order('manual');
    s.command({ type: 'CancelOrder', orderId });
    const effect = s.take({ effect: 'CancelOrder' });
    expect(leave(s, effect)).toBeNull();
    s.venue.trade(venueOrderId ?? '', dec('0.1'), dec('19800'));
    s.deliver();
    expect(leave(s, effect)).toMatchObject({ action: 'cancel', why: 'unwanted' });
  });

  it('[FOUND-7] [INV-6] a cancel of a stop is not sent once the one beside it is gone', () => {
    const s = positionByHand({ amendStop: false });
    s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('19600') });
    const nextId = s.accept(s.order('stop'));
    s.deliver();
    s.findAll();
    const effect = s.take({ effect: 'CancelOrder' });
    expect(leave(s, effect)).toBeNull();
    s.venue.end(nextId, 'cancelled');
    s.deliver();
    expect(leave(s, effect)).toMatchObject({ action: 'cancel', why: 'unwanted' });
  });
});

describe('settings that waited for their turn', () => {
  it('[FOUND-7] are not set once the order that wanted them is over', () => {
    const s = new Scenario();
    s.confirmsSettings = false;
    s.command(s.orderByHand());
    const effect = s.take({ effect: 'ConfigureSymbol' });
    expect(leave(s, effect)).toBeNull();
    s.command({ type: 'EmergencyStop', scope: {} });
    s.advance(LATER_MS);
    expect(leave(s, effect)).toMatchObject({ type: 'SymbolAnswered', answer: { outcome: 'unknown' } });
    expect(s.openOrders('manual')).toEqual([]);
    expect(s.sending('manual')).toEqual([]);
  });

  it('[FOUND-7] [ORD-20] confirmed after the order’s time has passed, they let nothing leave', () => {
    const s = new Scenario();
    s.confirmsSettings = false;
    s.command(s.orderByHand());
    s.advance(LATER_MS);
    s.answerSettings();
    expect(s.sending('manual')).toEqual([]);
    expect(s.order('manual')).toMatchObject({ status: 'rejected', reason: { code: 'settings_late' } });
  });

  it('[FOUND-7] [BOT-1] of a bot are not set once it was stopped', () => {
    const s = new Scenario();
    const botId = s.createBot();
    s.command({ type: 'StartBot', botId });
    const effect = s.take({ effect: 'ConfigureSymbol' });
    expect(leave(s, effect)).toBeNull();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    expect(leave(s, effect)).toMatchObject({ type: 'SymbolAnswered' });
  });
});
