import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

describe('error and halted', () => {
  it('[BOT-13] a bot in error that still has exposure keeps its claim and its share', () => {
    const s = new Scenario();
    const botId = s.tradingBot('long', {}, { allocationPct: dec('80') });
    s.command({ type: 'PauseBot', botId });
    s.historyComplete = false;
    s.command({ type: 'ResumeBot', botId });
    s.endWarmup(botId, 'no data');
    const other = s.createBot({ symbol: 'ETHUSDT', allocationPct: dec('30') });
    expect(s.denial({ type: 'StartBot', botId: other }).limit).toBe('allocation');
    expect(s.denial(s.orderByHand({ size: dec('0.01') })).limit).toBe('symbol_claimed');
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
    s.settle();
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
    s.give({ type: 'Recovered', downMs: 0, latch: 'restored' });
    s.readLater();
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
    s.command({ type: 'ReleaseEmergency', scope: {} });
    s.bar([enter('long')]);
    expect(s.sending('entry')).toHaveLength(1);
  });
});
