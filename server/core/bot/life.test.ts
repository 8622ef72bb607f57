import { describe, expect, it } from 'vitest';
import type { BotState } from '../../../shared/domain/bot.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** Answers everything that waits, sensibly, until nothing does. */
function settleAll(s: Scenario): void {
  for (let round = 0; round < 20 && s.pending.some((effect) => effect.type !== 'WatchBars'); round += 1) {
    for (const order of s.sending()) {
      if (order.type === 'market') s.fillNow(order);
      else s.accept(order);
    }
    s.deliver();
    s.cancelAll();
    s.amendAll();
    s.findAll();
    if (s.waiting('ReadAccount').length > 0) s.readLater();
  }
}

const states = (s: Scenario, botId: string): BotState[] =>
  s
    .told('BotStateChanged')
    .filter(({ bot }) => bot.botId === botId)
    .map(({ bot }) => bot.state)
    .filter((state, index, all) => state !== all[index - 1]);

describe('starting', () => {
  it('[BOT-1] runs only after the venue confirmed its settings and the history is complete', () => {
    const s = new Scenario();
    s.historyComplete = false;
    const botId = s.createBot({ leverage: 3 });
    s.command({ type: 'StartBot', botId });
    expect(s.bot(botId)).toMatchObject({
      state: 'starting',
      reason: 'sets leverage and margin mode at the venue',
    });
    s.finishStart(botId);
    expect(s.bot(botId)).toMatchObject({ state: 'starting', reason: 'loads 5 bars of history' });
    s.historyComplete = true;
    s.give({ type: 'WarmupEnded', botId, failure: null, tooShort: false });
    expect(s.bot(botId)).toMatchObject({ state: 'running', reason: null, startedAt: s.wallTime });
  });

  it('[BOT-1] asks again for what got no answer with the next tick, never at once', () => {
    const s = new Scenario();
    const botId = s.createBot();
    s.command({ type: 'StartBot', botId });
    const [settings] = s.takeAll('ConfigureSymbol');
    if (settings === undefined) throw new Error('no settings asked for');
    const { accountId, symbol, leverage, marginMode } = settings;
    for (const answer of [
      { outcome: 'unknown', message: 'timed out' },
      { outcome: 'rejected', code: 'rate_limited', message: 'slow down' },
    ] as const) {
      s.give({ type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer });
      expect(s.waiting('ConfigureSymbol')).toEqual([]);
      expect(s.bot(botId).state).toBe('starting');
      s.tick();
      expect(s.takeAll('ConfigureSymbol')).toHaveLength(1);
    }
  });

  it('[BOT-2] goes to error when the venue refuses its settings or there is no history, and can start again', () => {
    const s = new Scenario();
    const botId = s.createBot();
    s.command({ type: 'StartBot', botId });
    const [settings] = s.takeAll('ConfigureSymbol');
    if (settings === undefined) throw new Error('no settings asked for');
    const { accountId, symbol, leverage, marginMode } = settings;
    const answer = { outcome: 'rejected', code: 'leverage', message: 'too high' } as const;
    s.give({ type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer });
    expect(s.bot(botId)).toMatchObject({
      state: 'error',
      reason: 'the venue refused the settings: too high',
    });
    s.command({ type: 'StartBot', botId });
    s.give({ type: 'WarmupEnded', botId, failure: 'only 3 bars yet', tooShort: true });
    expect(s.bot(botId).state).toBe('starting');
    s.give({ type: 'WarmupEnded', botId, failure: 'no data', tooShort: false });
    expect(s.bot(botId).state).toBe('error');
    s.command({ type: 'StartBot', botId });
    s.finishStart(botId);
    expect(s.bot(botId).state).toBe('running');
  });

  it('[BOT-3] starting a running bot changes nothing; a holding or stopping one is told how it goes on', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    const before = s.desk.seq;
    expect(s.command({ type: 'StartBot', botId })).toMatchObject({ ok: true });
    expect(s.desk.seq).toBe(before);
    s.command({ type: 'StopBot', botId, positions: 'hold' });
    expect(s.command({ type: 'StartBot', botId })).toMatchObject({
      ok: false,
      refusal: { code: 'bad_request' },
    });
  });
});

describe('pause and resume', () => {
  it('[BOT-4] paused: a resting entry is cancelled, no new one leaves, exits are managed', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long', { type: 'limit', price: dec('19900') })]);
    s.accept(s.order('entry'));
    s.command({ type: 'PauseBot', botId });
    expect(s.bot(botId).state).toBe('paused');
    expect(s.waiting('CancelOrder')).toHaveLength(1);
    s.cancelAll();
    s.findAll();
    s.bar([enter('long')]);
    expect(s.sending('entry')).toEqual([]);
  });

  it('[BOT-4] paused with a position: the strategy still exits, and nothing enters after it', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'PauseBot', botId });
    s.bar([exit('long')]);
    s.fillNow(s.order('exit'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    s.cancelAll();
    s.bar([enter('short')]);
    expect(s.openOrders()).toEqual([]);
    expect(s.bot(botId).state).toBe('paused');
  });

  it('[BOT-5] resumed: settings and history are checked again before it runs', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.command({ type: 'PauseBot', botId });
    s.historyComplete = false;
    s.command({ type: 'ResumeBot', botId });
    expect(s.bot(botId).state).toBe('starting');
    s.historyComplete = true;
    s.finishStart(botId);
    expect(s.bot(botId).state).toBe('running');
    expect(states(s, botId)).toEqual(['starting', 'running', 'paused', 'starting', 'running']);
  });
});

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
      reason: 'asks the venue whether anything is left open',
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
    settleAll(s);
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
    settleAll(s);
    expect(s.bot(botId).state).toBe('stopped');
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
      if (state === 'error') s.give({ type: 'WarmupEnded', botId, failure: 'no data', tooShort: false });
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
    const { version } = s.bot(botId);
    expect(s.command({ type: 'StopBot', botId, positions: 'close' })).toMatchObject({ ok: true });
    expect(s.command({ type: 'StopBot', botId, positions: 'hold' })).toMatchObject({ ok: true });
    expect(s.bot(botId)).toMatchObject({ state: 'stopping', closing: true, version });
    expect(s.sending('close')).toHaveLength(1);
    settleAll(s);
    expect(s.bot(botId).state).toBe('stopped');
    const before = s.desk.seq;
    expect(s.command({ type: 'StopBot', botId, positions: 'close' })).toMatchObject({ ok: true });
    expect(s.desk.seq).toBe(before);
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
    settleAll(s);
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.venue.get(foreign.venueOrderId).status).toBe('open');
  });

  it('[BOT-11] a refused close is repeated after a pause, said in the reason, and never called stopped', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.reject(s.order('close'), 'maintenance');
    expect(s.bot(botId)).toMatchObject({ state: 'stopping' });
    expect(s.bot(botId).reason).toContain('maintenance');
    expect(s.sending('close')).toEqual([]);
    s.tick();
    expect(s.sending('close')).toHaveLength(1);
    s.fillNow(s.order('close'));
    s.deliver();
    settleAll(s);
    expect(s.bot(botId).state).toBe('stopped');
  });

  it('[BOT-12] an order that fills after the bot had stopped makes it stop again, with an alert', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    s.loseOrder(entry);
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.advance(60_000);
    s.findAll();
    s.findAll();
    s.readLater();
    s.readLater();
    expect(s.bot(botId).state).toBe('stopped');
    const { venueOrderId } = s.venue.place(entry);
    s.venue.trade(venueOrderId, entry.size, dec('20000'));
    s.deliver();
    expect(s.bot(botId)).toMatchObject({ state: 'stopping', closing: true });
    expect(s.alert('late_fill')).toBe(true);
    settleAll(s);
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.isFlat).toBe(true);
  });
});

describe('error and halted', () => {
  it('[BOT-13] a bot in error that still has exposure keeps its claim and its share', () => {
    const s = new Scenario();
    const botId = s.tradingBot('long', {}, { allocationPct: dec('80') });
    s.command({ type: 'PauseBot', botId });
    s.historyComplete = false;
    s.command({ type: 'ResumeBot', botId });
    s.give({ type: 'WarmupEnded', botId, failure: 'no data', tooShort: false });
    const other = s.createBot({ symbol: 'ETHUSDT', allocationPct: dec('30') });
    expect(s.denial({ type: 'StartBot', botId: other }).limit).toBe('allocation');
    const request = {
      accountId: s.accountId,
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'market',
      size: dec('0.01'),
      price: null,
      timeInForce: 'ioc',
      reduceOnly: false,
      stopPrice: null,
      takeProfitPrice: null,
    } as const;
    expect(s.denial({ type: 'SubmitOrder', request }).limit).toBe('symbol_claimed');
    s.tick();
    expect(s.position().stop?.state).toBe('resting');
  });

  it('[BOT-14] a liquidation fill halts the bot', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    const { size } = s.position();
    s.venue.execute(
      { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'liq', clientOrderId: null },
      size,
      dec('15000'),
      { source: 'liquidation' },
    );
    s.deliver();
    expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: false });
    expect(s.state().account.foreign).toBeNull();
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit).toBe(
      'liquidation',
    );
    s.cancelAll();
    s.bar([enter('long')]);
    expect(s.openOrders()).toEqual([]);
  });
});

describe('after the process was away', () => {
  it.each([
    ['hold', 'long', 'holding'],
    ['hold', 'short', 'holding'],
    ['resume', 'long', 'running'],
    ['resume', 'short', 'running'],
  ] as const)('[BOT-15] %s with a %s position: %s, its stop untouched', (onRestart, direction, state) => {
    const s = new Scenario();
    const botId = s.tradingBot(direction, {}, { onRestart });
    s.give({ type: 'Recovered', downMs: 600_000, latch: null });
    expect(s.state().account.status).toBe('connecting');
    s.readLater();
    expect(s.state().account.status).toBe('ready');
    expect(s.bot(botId).state).toBe(state);
    expect(s.position().stop?.state).toBe('resting');
    expect(s.sending()).toEqual([]);
    if (state !== 'holding') return;
    s.command({ type: 'ResumeBot', botId });
    s.finishStart(botId);
    expect(s.bot(botId).state).toBe('running');
  });

  it('[BOT-15] flat and set to hold: paused; away only shortly: as it was', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    expect(s.bot(botId).state).toBe('running');
    s.give({ type: 'Recovered', downMs: 600_000, latch: null });
    expect(s.bot(botId).state).toBe('paused');
  });

  it('[BOT-15] a stop under way goes on', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    const close = s.order('close');
    s.pending = [];
    s.venue.trade(s.venue.place(close).venueOrderId, close.size, dec('20000'));
    s.venue.pushes = [];
    s.give({ type: 'Recovered', downMs: 5_000, latch: null });
    settleAll(s);
    expect(s.bot(botId).state).toBe('stopped');
    expect(s.told('OrderSubmitted').filter(({ order }) => order.purpose === 'close')).toHaveLength(1);
  });

  it('[BOT-16] bars missed while away manage exits and never enter', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')], {}, true);
    expect(s.sending()).toEqual([]);
    const t = new Scenario();
    t.tradingBot();
    t.bar([exit('long')], {}, true);
    expect(t.sending('exit')).toHaveLength(1);
  });

  it('[BOT-17] a restored log starts latched: nothing enters until released', () => {
    const s = new Scenario();
    s.runningBot();
    s.give({ type: 'Recovered', downMs: 0, latch: 'restored from a backup' });
    s.readLater();
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
    s.command({ type: 'ReleaseEmergency', scope: {} });
    s.bar([enter('long')]);
    expect(s.sending('entry')).toHaveLength(1);
  });
});
