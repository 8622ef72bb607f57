import { describe, expect, it } from 'vitest';
import type { BotState } from '../../../shared/domain/botState.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const states = (s: Scenario, botId: string): BotState[] =>
  s
    .told('BotStateChanged')
    .filter(({ bot }) => bot.botId === botId)
    .map(({ bot }) => bot.state)
    .filter((state, index, all) => state !== all[index - 1]);

/** A bot that was told to start, and the settings it asked the venue for. */
function startAsked(s: Scenario) {
  const botId = s.createBot();
  s.command({ type: 'StartBot', botId });
  const [settings] = s.takeAll('ConfigureSymbol');
  if (settings === undefined) throw new Error('no settings asked for');
  const { accountId, symbol, leverage, marginMode } = settings;
  return { botId, asked: { accountId, symbol, leverage, marginMode } };
}

describe('starting', () => {
  it('[BOT-1] runs only after the venue confirmed its settings and the history is complete', () => {
    const s = new Scenario();
    s.historyComplete = false;
    const botId = s.createBot({ leverage: 3 });
    s.command({ type: 'StartBot', botId });
    expect(s.bot(botId)).toMatchObject({
      state: 'starting',
      reason: { code: 'sets_settings' },
    });
    s.finishStart(botId);
    expect(s.bot(botId)).toMatchObject({
      state: 'starting',
      reason: { code: 'loads_history', figures: { bars: 5 } },
    });
    s.historyComplete = true;
    s.endWarmup(botId);
    expect(s.bot(botId)).toMatchObject({ state: 'running', reason: null, startedAt: s.wallTime });
  });

  it('[BOT-1] asks again for what got no answer with the next tick, never at once', () => {
    const s = new Scenario();
    const { botId, asked } = startAsked(s);
    for (const answer of [
      { outcome: 'unknown', message: 'timed out' },
      { outcome: 'rejected', code: 'rate_limited', message: 'slow down' },
    ] as const) {
      s.give({ type: 'SymbolAnswered', ...asked, answer });
      expect(s.waiting('ConfigureSymbol')).toEqual([]);
      expect(s.bot(botId).state).toBe('starting');
      s.tick();
      expect(s.takeAll('ConfigureSymbol')).toHaveLength(1);
    }
  });

  it('[BOT-2] goes to error when the venue refuses its settings or there is no history, and can start again', () => {
    const s = new Scenario();
    const { botId, asked } = startAsked(s);
    const answer = { outcome: 'rejected', code: 'leverage', message: 'too high' } as const;
    s.give({ type: 'SymbolAnswered', ...asked, answer });
    expect(s.bot(botId)).toMatchObject({
      state: 'error',
      reason: { code: 'settings_refused', figures: { as: 'leverage' } },
    });
    s.command({ type: 'StartBot', botId });
    s.endWarmup(botId, 'only 3 bars yet', true);
    expect(s.bot(botId).state).toBe('starting');
    s.endWarmup(botId, 'no data');
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
  it('[BOT-4] [D6] paused: a resting entry is cancelled, no new one leaves, exits are managed', () => {
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

describe('a bot whose every entry would be denied', () => {
  const start = (s: RiskDesk, botId: string) => s.denial({ type: 'StartBot', botId });

  it('[FOUND-27] [BOT-22] above the leverage that its account allows it does not start', () => {
    const s = new RiskDesk();
    const botId = s.createBot({ leverage: 50 });
    expect(start(s, botId)).toMatchObject({ limit: 'leverage', actual: 50, allowed: 20 });
    s.setBook({ maxLeverage: 3 });
    const other = s.createBot({ leverage: 5, symbol: 'ETHUSDT' });
    expect(start(s, other)).toMatchObject({ limit: 'leverage', actual: 5, allowed: 3 });
  });

  it.each([
    [{ maxPositions: 0 }, { limit: 'max_positions', allowed: 0 }],
    [{ maxOrderNotional: dec('1000') }, { limit: 'order_notional', allowed: '1000' }],
    [{ maxTotalNotional: dec('1000') }, { limit: 'total_notional', allowed: '1000' }],
  ])('[FOUND-27] nor where its limits allow no entry of its size: %j', (values, expected) => {
    const s = new RiskDesk();
    s.set(values);
    expect(start(s, s.createBot())).toMatchObject(expected);
  });

  it('[FOUND-27] nor where its share buys less than the smallest order', () => {
    const s = new RiskDesk();
    s.changeInstrument('BTCUSDT', { minSize: dec('0.5') });
    expect(start(s, s.createBot())).toMatchObject({ limit: 'size_minimum', actual: '0.249', allowed: '0.5' });
  });

  it('[FOUND-27] one that runs is told as soon as its limits are tightened below what it needs', () => {
    const s = new RiskDesk();
    const botId = s.runningBot({ leverage: 10 });
    s.set({ maxLeverage: 5 });
    expect(s.bot(botId)).toMatchObject({
      state: 'running',
      note: {
        code: 'denied_always',
        figures: { denial: { limit: 'leverage', figures: { actual: 10, allowed: 5 } } },
      },
    });
  });
});
