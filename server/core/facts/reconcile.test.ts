import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { Input } from '../inputs.ts';

const foreignOrder = (s: Scenario) =>
  s.venue.rest({ symbol: 'ETHUSDT', side: 'buy', type: 'limit', size: dec('1'), price: dec('1400') });

describe('what is not ours', () => {
  it('[REC-1] [INV-12] a foreign order freezes entries, is shown, can be cancelled, and is resolved by its owner', () => {
    const s = new Scenario();
    s.runningBot();
    foreignOrder(s);
    s.deliver();
    expect(s.state().account.foreign?.found).toEqual({
      code: 'order',
      figures: { side: 'buy', size: '1', symbol: 'ETHUSDT' },
    });
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
    const [order] = s.openOrders('manual');
    expect(order).toMatchObject({ botId: null, symbol: 'ETHUSDT', status: 'open' });
    s.command({ type: 'CancelOrder', orderId: order?.orderId ?? '' });
    s.cancelAll();
    s.findAll();
    expect(s.openOrders()).toEqual([]);
    s.command({ type: 'ResolveForeign', accountId: s.accountId });
    expect(s.state().account.foreign).toBeNull();
    s.bar([enter('long')]);
    expect(s.sending('entry')).toHaveLength(1);
  });

  it('[REC-1] a foreign fill freezes entries, and its position belongs to nobody', () => {
    const s = new Scenario();
    s.venue.execute(
      { symbol: 'ETHUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null },
      dec('1'),
      dec('1500'),
    );
    s.deliver();
    expect(s.state().account.foreign?.found).toEqual({
      code: 'fill',
      figures: { side: 'buy', size: '1', symbol: 'ETHUSDT', price: '1500' },
    });
    expect(s.position('ETHUSDT')).toMatchObject({ botId: null, size: '1', stop: null });
  });

  it('[REC-2] a position without a fill we know is taken as the venue has it, and freezes entries', () => {
    const s = new Scenario();
    s.tradingBot();
    const held = s.venue.positions.get('BTCUSDT');
    if (held === undefined) throw new Error('no position');
    s.venue.positions.set('BTCUSDT', { ...held, size: dec('0.1'), cost: dec('2000') });
    s.readLater();
    expect(s.position()).toMatchObject({ size: '0.1', cost: '2000', openedSize: '0.1' });
    expect(s.position().botId).not.toBeNull();
    expect(s.state().account.foreign).not.toBeNull();
    s.venue.positions.set('BTCUSDT', { ...held, direction: 'short', size: dec('0.1'), cost: dec('2000') });
    s.readLater();
    expect(s.position()).toMatchObject({
      direction: 'short',
      botId: null,
      protection: { stopLossPct: null },
    });
    s.venue.positions.delete('BTCUSDT');
    s.readLater();
    expect(s.isFlat).toBe(true);
  });

  it('[REC-3] ours on their way are never taken for foreign: pushed or read before the answer, or before the fill', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.take({ effect: 'PlaceOrder' });
    const { venueOrderId } = s.venue.place(entry);
    s.deliver();
    s.readLater();
    expect(s.order('entry')).toMatchObject({ status: 'open', venueOrderId });
    s.venue.trade(venueOrderId, entry.size, dec('20000'));
    s.deliver((push) => push.type === 'order');
    s.readLater();
    expect(s.position().stop?.state).toBe('resting');
    expect(s.state().account.foreign).toBeNull();
    expect(s.told('OrderUnknown')).toEqual([]);
  });

  it('[REC-3] an order still being sent when the account is read waits for its own answer', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.readLater();
    expect(s.order('entry').status).toBe('submitting');
    expect(s.waiting('FindOrder')).toEqual([]);
    s.advance(10_000);
    s.readLater();
    expect(s.order('entry').status).toBe('unknown');
    expect(s.waiting('FindOrder')).toHaveLength(1);
  });

  it('[REC-4] a stop whose fill came while nobody watched has closed the position, and is told right', () => {
    const s = new Scenario();
    const botId = s.tradingBot('short');
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('20450'));
    s.venue.pushes = [];
    s.give({ type: 'Recovered', downMs: 60_000, latch: null });
    s.readLater();
    expect(s.isFlat).toBe(true);
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade).toMatchObject({
      exit: 'stop',
      direction: 'short',
      exitPrice: '20450',
      botId,
    });
    expect(s.state().account).toMatchObject({ status: 'ready', foreign: null });
    expect(s.bot(botId).state).toBe('running');
    s.findAll();
    expect(s.openOrders()).toEqual([]);
  });

  it('[REC-5] an account that cannot be read is unreachable and tried each second; stops rest meanwhile', () => {
    const s = new Scenario();
    s.tradingBot();
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'socket closed' });
    expect(s.state().account).toMatchObject({
      status: 'unreachable',
      statusReason: { code: 'stream_interrupted' },
    });
    expect(s.takeAll('ReadAccount')).toHaveLength(1);
    s.tick();
    expect(s.takeAll('ReadAccount')).toHaveLength(1);
    expect(s.alert('account_unreachable')).toBe(true);
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
    s.readLater();
    expect(s.state().account.status).toBe('ready');
    expect(s.alert('account_unreachable')).toBe(false);
  });

  it('[FOUND-22] [INV-10] overtaken by pushes, a reading that cannot be compared makes no account ready; the next look reads anew', () => {
    const s = new Scenario();
    s.tradingBot();
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'socket closed' });
    // The venue holds what none of our fills says, and while that is read a fill is pushed.
    const held = s.venue.positions.get('BTCUSDT');
    if (held === undefined) throw new Error('no position');
    s.venue.positions.set('ETHUSDT', held);
    const state = s.venue.state();
    const elsewhere = { symbol: 'SOLUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null } as const;
    s.venue.execute(elsewhere, dec('1'), dec('20'));
    s.deliver();
    const times = { startedAt: s.wallTime, endedAt: s.wallTime };
    const { accountId } = s;
    const overtaken: Input = { type: 'AccountRead', accountId, state, fills: [], bills: [], ...times };
    s.takeAll('ReadAccount');
    s.give(overtaken);
    expect(s.state().account.status).toBe('unreachable');
    expect(s.alert('account_unreachable')).toBe(true);
    expect(s.takeAll('ReadAccount')).toEqual([]);
    s.tick();
    expect(s.takeAll('ReadAccount')).toHaveLength(1);
    s.readLater();
    expect(s.state().account.status).toBe('ready');
    expect(s.position('ETHUSDT').foreign).toBe(true);
  });

  it('[FOUND-22] [LEDGER-12] an account so busy that pushes overtake each reading is compared without them, and gets ready', () => {
    const s = new Scenario();
    s.tradingBot();
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'socket closed' });
    const startedAt = s.wallTime;
    const state = s.venue.state();
    const order = { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'x', clientOrderId: null } as const;
    s.venue.execute(order, dec('0.01'), dec('20000'), { source: 'liquidation' });
    s.deliver();
    const { accountId } = s;
    s.give({ type: 'AccountRead', accountId, state, fills: [], bills: [], startedAt, endedAt: startedAt });
    expect(s.state().account.status).toBe('ready');
    expect(s.alert('ledger_mismatch')).toBe(false);
  });

  it('[REC-6] an order that ended while nobody watched is looked up by its id', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long', { type: 'limit', price: dec('19900') })]);
    const id = s.accept(s.order('entry'));
    s.venue.end(id, 'expired', 'expired');
    s.venue.pushes = [];
    s.readLater();
    expect(s.waiting('FindOrder')).toHaveLength(1);
    s.findAll();
    expect(s.order('entry')).toMatchObject({
      status: 'cancelled',
      reason: { code: 'ended', figures: { as: 'expired' } },
    });
  });

  it('[REC-7] leverage and liquidation price are the venue’s', () => {
    const s = new Scenario();
    s.tradingBot();
    s.venue.leverage = 7;
    s.readLater();
    expect(s.position().leverage).toBe(7);
  });

  it('[REC-8] an account the venue never confirmed is opened again, one it knows is only read', () => {
    const s = new Scenario();
    const second = s.createAccount('Second');
    s.takeAll('OpenAccount');
    s.give({ type: 'Recovered', downMs: 0, latch: null });
    expect(s.waiting('OpenAccount').map(({ accountId }) => accountId)).toEqual([second]);
    expect(s.waiting('ReadAccount').map(({ accountId }) => accountId)).toEqual([s.accountId]);
  });

  it('[REC-12] [R10] a fill under an id of the venue’s own is that of the only stop gone from its list', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    const stop = s.order('stop');
    const { size } = s.position();
    s.venue.orders.delete(String(stop.venueOrderId));
    const order = {
      symbol: 'BTCUSDT',
      side: 'sell',
      venueOrderId: 'of its own',
      clientOrderId: null,
    } as const;
    s.venue.execute(order, size, dec('19590'));
    s.deliver();
    // Nobody's yet: the account is read first.
    expect(s.state().account.foreign).toBeNull();
    expect(s.isFlat).toBe(false);
    s.readLater();
    expect(s.state().account.foreign).toBeNull();
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade).toMatchObject({
      exit: 'stop',
      botId,
    });
    expect(s.desk.orders.get(stop.orderId)?.filledSize).toBe(size);
  });

  it('[REC-12] [INV-12] while the stop still rests, the same fill is foreign; where the venue says that a stop fired, it is not', () => {
    const s = new Scenario();
    s.tradingBot();
    const order = {
      symbol: 'BTCUSDT',
      side: 'sell',
      venueOrderId: 'elsewhere',
      clientOrderId: null,
    } as const;
    s.venue.execute(order, dec('0.01'), dec('20000'));
    s.deliver();
    s.readLater();
    expect(s.state().account.foreign?.found).toEqual({
      code: 'fill',
      figures: { side: 'sell', size: '0.01', symbol: 'BTCUSDT', price: '20000' },
    });
    const t = new Scenario();
    t.tradingBot();
    t.venue.execute(order, dec('0.01'), dec('19600'), { source: 'stop' });
    t.deliver();
    expect(t.state().account.foreign).toBeNull();
    expect(t.desk.orders.get(t.order('stop').orderId)?.filledSize).toBe('0.01');
  });

  it('[REC-2] [INV-9] a read asked for beyond our cursor, by a desk that was thrown away since, is asked for anew', () => {
    const s = new Scenario();
    s.tradingBot();
    const { cursors } = s.state();
    s.takeAll('ReadAccount');
    const beyond = { ...cursors, fills: cursors.fills + 5 };
    const later = { balances: {}, positions: [], orders: [], cursors: beyond, marketTime: 0 };
    const { accountId } = s;
    const read: Input = {
      type: 'AccountRead',
      since: { ...cursors, fills: cursors.fills + 1 },
      accountId,
      state: later,
      fills: [],
      bills: [],
      startedAt: 0,
      endedAt: 0,
    };
    s.give(read);
    expect(s.state().cursors).toEqual(cursors);
    expect(s.position().size).not.toBe('0');
    expect(s.takeAll('ReadAccount').map((asked) => asked.cursors)).toEqual([cursors]);
  });
});
