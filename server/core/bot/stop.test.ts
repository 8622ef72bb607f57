import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { DesiredOrder } from '../strategy/strategy.ts';

/** A bot that was stopped while its entry was on its way, which the venue then did not know and the desk gave up. */
function stoppedWithLostEntry(s: Scenario, wanted: DesiredOrder = enter('long')) {
  const botId = s.runningBot();
  s.bar([wanted]);
  const entry = s.order('entry');
  s.loseOrder(entry);
  s.command({ type: 'StopBot', botId, positions: 'close' });
  s.tick(60_000);
  s.findAll();
  s.findAll();
  s.readLater();
  s.readLater();
  return { botId, entry };
}

describe('stop', () => {
  it('[BOT-6] [INV-7] closes: entries go first, the position is closed reduce-only under its stop, the stop goes last, and only a reading of the account that shows nothing says stopped', () => {
    const s = new Scenario();
    const botId = s.tradingBot('long', {
      takeProfits: [{ slot: 'tp1', atPct: dec('4'), share: dec('1') }],
    });
    s.accept(s.order('take_profit'));
    s.deliver();
    const size = s.position().size;
    s.command({ type: 'StopBot', botId, positions: 'close' });
    expect(s.bot(botId)).toMatchObject({ state: 'stopping', closing: true });
    expect(s.waiting('CancelOrder').map(({ order }) => order.purpose)).toEqual(['take_profit']);
    expect(s.sending('close')).toEqual([]);
    s.cancelAll();
    const close = s.order('close');
    expect(close).toMatchObject({ side: 'sell', type: 'market', reduceOnly: true, size, slot: 'bot_stop' });
    expect(s.openOrders('stop')).toHaveLength(1);
    s.fillNow(close);
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.bot(botId).state).toBe('stopping');
    expect(s.waiting('CancelOrder').map(({ order }) => order.purpose)).toEqual(['stop']);
    s.cancelAll();
    expect(s.bot(botId)).toMatchObject({
      state: 'stopping',
      reason: { code: 'asks_venue' },
    });
    s.readLater();
    expect(s.bot(botId)).toMatchObject({ state: 'stopped', closing: false, plan: null });
  });

  it('[INV-7] is not stopped while the venue still shows a position, an order, or a reading older than the last act', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.fillNow(s.order('close'));
    s.deliver();
    const beforeCancel = s.wallTime;
    s.advance(5);
    s.cancelAll();
    s.read(s.accountId, beforeCancel);
    expect(s.bot(botId).state).toBe('stopping');
    const venueOrder = s.venue.rest({
      clientOrderId: s.order('stop').orderId,
      symbol: 'BTCUSDT',
      side: 'sell',
      type: 'stop_market',
      size: dec('0.1'),
      triggerPrice: dec('19000'),
      reduceOnly: true,
    });
    s.readLater();
    expect(s.bot(botId).state).toBe('stopping');
    s.venue.end(venueOrder.venueOrderId, 'cancelled');
    s.deliver();
    s.readLater();
    s.readLater();
    expect(s.bot(botId).state).toBe('stopped');
  });

  it('[BOT-7] an entry that was on its way when the stop came is cancelled or closed again, never kept', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long')]);
    s.command({ type: 'StopBot', botId, positions: 'close' });
    expect(s.bot(botId).state).toBe('stopping');
    s.fillNow(s.order('entry'));
    s.deliver();
    s.settle();
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.isFlat).toBe(true);
    expect(s.venue.positions.size).toBe(0);
    expect(s.told('OrderSubmitted').filter(({ order }) => order.purpose === 'close')).toHaveLength(1);
  });

  it('[BOT-8] hold keeps the position and its stop, cancels entries and goes on managing exits', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'hold' });
    expect(s.bot(botId)).toMatchObject({ state: 'holding', closing: false });
    expect(s.sending('close')).toEqual([]);
    expect(s.position().stop?.state).toBe('resting');
    s.bar([exit('long', '0.5', 'half')]);
    expect(s.sending('exit')).toHaveLength(1);
    s.fillNow(s.order('exit'));
    s.deliver();
    expect(s.position().stop).not.toBeNull();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.isFlat).toBe(true);
  });

  it('[BOT-18] a bot whose held position its stop closed is stopped, once the venue says that nothing is left', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'hold' });
    const stopId = s.order('stop').venueOrderId ?? '';
    s.venue.trigger(stopId, dec('19000'));
    s.deliver();
    expect(s.bot(botId).state).toBe('holding');
    s.settle();
    expect(s.bot(botId)).toMatchObject({ state: 'stopped', plan: null });
    expect(s.isFlat).toBe(true);
  });

  it.each(['starting', 'error'] as const)(
    '[BOT-8] hold keeps the position of a bot that is %s too',
    (state) => {
      const s = new Scenario();
      const botId = s.tradingBot();
      s.command({ type: 'PauseBot', botId });
      s.historyComplete = false;
      s.command({ type: 'ResumeBot', botId });
      if (state === 'error') s.endWarmup(botId, 'no data');
      expect(s.bot(botId).state).toBe(state);
      expect(s.command({ type: 'StopBot', botId, positions: 'hold' })).toMatchObject({ ok: true });
      expect(s.bot(botId).state).toBe('holding');
      expect(s.sending('close')).toEqual([]);
    },
  );

  it('[BOT-9] stop is idempotent, needs no version, and a later hold does not call a close back', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    expect(s.command({ type: 'StopBot', botId, positions: 'close' }, 1)).toMatchObject({ ok: true });
    expect(s.command({ type: 'StopBot', botId, positions: 'close' })).toMatchObject({ ok: true });
    expect(s.command({ type: 'StopBot', botId, positions: 'hold' })).toMatchObject({ ok: true });
    expect(s.bot(botId)).toMatchObject({ state: 'stopping', closing: true });
    expect(s.sending('close')).toHaveLength(1);
    s.settle();
    expect(s.bot(botId).state).toBe('stopped');
    const effects = s.pending.length;
    expect(s.command({ type: 'StopBot', botId, positions: 'close' })).toMatchObject({ ok: true });
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.pending).toHaveLength(effects);
  });

  it('[BOT-19] [R9] [N5] a start that was sent before a stop and comes after it loses, also when there was nothing to stop', () => {
    const s = new Scenario();
    const botId = s.createBot();
    const { version } = s.bot(botId);
    expect(s.command({ type: 'StopBot', botId, positions: 'close' })).toMatchObject({ ok: true });
    expect(s.command({ type: 'StartBot', botId }, version)).toMatchObject({
      ok: false,
      refusal: {
        code: 'version_conflict',
        details: { changedBy: { deviceId: 'phone', action: 'stop', at: s.wallTime } },
      },
    });
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.command({ type: 'StartBot', botId }, version + 1)).toMatchObject({ ok: true });
  });

  it('[BOT-20] what is too little for the venue to close is left with an alert, and the bot is stopped', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.changeInstrument('BTCUSDT', { minSize: dec('1000') });
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.reject(s.order('close'), 'size');
    s.settle();
    expect(s.bot(botId)).toMatchObject({ state: 'stopped', closing: false });
    expect(s.position()).toMatchObject({ botId: null, stop: null });
    expect(s.alert('dust')).toBe(true);
    expect(s.openOrders()).toEqual([]);
    s.tick();
    expect(s.sending()).toEqual([]);
  });

  it('[BOT-11] a close refused for its size is no dust while the venue takes orders of that size', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.reject(s.order('close'), 'size');
    expect(s.bot(botId).state).toBe('stopping');
    expect(s.position().botId).toBe(botId);
    s.tick();
    expect(s.sending('close')).toHaveLength(1);
  });

  it('[BOT-12] [D6] an entry that turns up working after its bot had stopped is cancelled', () => {
    const s = new Scenario();
    const { botId, entry } = stoppedWithLostEntry(s, enter('long', { type: 'limit', price: dec('19900') }));
    expect(s.bot(botId).state).toBe('stopped');
    const { venueOrderId } = s.venue.place(entry);
    s.deliver();
    expect(s.bot(botId)).toMatchObject({ state: 'stopping', closing: true });
    s.settle();
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.venue.get(venueOrderId).status).toBe('cancelled');
  });

  it('[BOT-21] an order of a deleted bot that fills after all is closed, with an alert', () => {
    const s = new Scenario();
    const { botId, entry } = stoppedWithLostEntry(s);
    expect(s.command({ type: 'DeleteBot', botId }).ok).toBe(true);
    const { venueOrderId } = s.venue.place(entry);
    s.venue.trade(venueOrderId, entry.size, dec('20000'));
    s.deliver();
    expect(s.alert('orphan_fill')).toBe(true);
    s.settle();
    expect(s.isFlat).toBe(true);
    expect(s.openOrders()).toEqual([]);
  });

  it('[BOT-10] only its own: a foreign limit order on the symbol neither goes nor keeps the bot from stopping', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    const foreign = s.venue.rest({
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'limit',
      size: dec('0.01'),
      price: dec('19500'),
    });
    s.deliver();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.venue.get(foreign.venueOrderId).status).toBe('open');
  });

  it('[BOT-11] a refused close is repeated after a pause, said in the reason, and never called stopped', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.reject(s.order('close'), 'maintenance');
    expect(s.bot(botId)).toMatchObject({ state: 'stopping' });
    expect(s.bot(botId).reason).toMatchObject({
      code: 'close_refused',
      figures: { cause: { code: 'refused', figures: { as: 'maintenance' } } },
    });
    expect(s.sending('close')).toEqual([]);
    s.tick();
    expect(s.sending('close')).toHaveLength(1);
    s.fillNow(s.order('close'));
    s.deliver();
    s.settle();
    expect(s.bot(botId).state).toBe('stopped');
  });

  it('[BOT-12] an order that fills after the bot had stopped makes it stop again, with an alert', () => {
    const s = new Scenario();
    const { botId, entry } = stoppedWithLostEntry(s);
    expect(s.bot(botId).state).toBe('stopped');
    const { venueOrderId } = s.venue.place(entry);
    s.venue.trade(venueOrderId, entry.size, dec('20000'));
    s.deliver();
    expect(s.bot(botId)).toMatchObject({ state: 'stopping', closing: true });
    expect(s.alert('late_fill')).toBe(true);
    s.settle();
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.isFlat).toBe(true);
  });
});
