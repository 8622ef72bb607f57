import { describe, expect, it } from 'vitest';
import type { BotState } from '../../../shared/domain/botState.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { Command } from '../commands.ts';

/** A bot brought into a state through the doors there are; with a position wherever that can be. */
const BROUGHT_TO: Record<BotState, (s: Scenario) => string> = {
  stopped: (s) => s.createBot(),
  starting: (s) => {
    s.historyComplete = false;
    const botId = s.createBot();
    s.command({ type: 'StartBot', botId });
    return botId;
  },
  running: (s) => s.tradingBot(),
  paused: (s) => {
    const botId = s.tradingBot();
    s.command({ type: 'PauseBot', botId });
    return botId;
  },
  stopping: (s) => {
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    return botId;
  },
  holding: (s) => {
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'hold' });
    return botId;
  },
  halted: (s) => {
    const botId = s.tradingBot();
    s.venue.execute(
      { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'liq', clientOrderId: null },
      dec('0.001'),
      dec('15000'),
      { source: 'liquidation' },
    );
    s.deliver();
    return botId;
  },
  error: (s) => inError(s),
};

function inError(s: Scenario): string {
  const botId = s.tradingBot();
  s.command({ type: 'PauseBot', botId });
  s.historyComplete = false;
  s.command({ type: 'ResumeBot', botId });
  s.endWarmup(botId, 'no data');
  s.historyComplete = true;
  return botId;
}

const COMMANDS = {
  start: (botId: string): Command => ({ type: 'StartBot', botId }),
  pause: (botId: string): Command => ({ type: 'PauseBot', botId }),
  resume: (botId: string): Command => ({ type: 'ResumeBot', botId }),
  stop: (botId: string): Command => ({ type: 'StopBot', botId, positions: 'close' }),
  hold: (botId: string): Command => ({ type: 'StopBot', botId, positions: 'hold' }),
  edit: (botId: string): Command => ({ type: 'UpdateBot', botId, change: { leverage: 2 } }),
  clone: (botId: string): Command => ({ type: 'CloneBot', botId, name: 'clone', allocationPct: undefined }),
} as const;
type Act = keyof typeof COMMANDS;

/** Where each command leads from each state with a position (stopped and starting: flat); null: it is refused. */
const LEADS_TO: Record<BotState, Record<Act, BotState | null>> = {
  stopped: act('starting', null, null, 'stopped', 'stopped', 'stopped', 'stopped'),
  starting: act('starting', 'paused', 'starting', 'stopping', 'stopping', null, 'starting'),
  running: act('running', 'paused', 'running', 'stopping', 'holding', null, 'running'),
  paused: act(null, 'paused', 'running', 'stopping', 'holding', null, 'paused'),
  stopping: act(null, null, null, 'stopping', 'stopping', null, 'stopping'),
  holding: act(null, null, 'running', 'stopping', 'holding', null, 'holding'),
  halted: act('running', null, null, 'stopping', 'holding', null, 'halted'),
  error: act('running', null, null, 'stopping', 'holding', null, 'error'),
};

function act(...to: (BotState | null)[]): Record<Act, BotState | null> {
  return Object.fromEntries(Object.keys(COMMANDS).map((name, index) => [name, to[index] ?? null])) as Record<
    Act,
    BotState | null
  >;
}

describe('one table', () => {
  for (const [from, leads] of Object.entries(LEADS_TO) as [BotState, Record<Act, BotState | null>][]) {
    for (const [name, to] of Object.entries(leads) as [Act, BotState | null][]) {
      it(`[BOT-24] [R13] ${from}: ${name} ${to === null ? 'is refused, with who brought it there' : `leads to ${to}`}`, () => {
        const s = new Scenario();
        const botId = BROUGHT_TO[from](s);
        const before = s.bot(botId);
        expect(before.state).toBe(from);
        const { seq } = s.desk;
        const outcome = s.command(COMMANDS[name](botId));
        if (to !== null) {
          expect(outcome).toMatchObject({ ok: true });
          // What was configured and warmed up before is so still: such a start is over at once.
          expect(s.bot(botId).state).toBe(to);
          return;
        }
        const { state, version, changedBy } = before;
        expect(outcome).toMatchObject({
          ok: false,
          refusal: { code: 'bad_request', details: { bot: { state, version, changedBy } } },
        });
        expect(s.desk.seq).toBe(seq);
      });
    }
  }

  it('[BOT-24] [CMD-4] a bot with anything open is not deleted', () => {
    for (const from of Object.keys(BROUGHT_TO) as BotState[]) {
      const s = new Scenario();
      const botId = BROUGHT_TO[from](s);
      expect(s.command({ type: 'DeleteBot', botId }).ok).toBe(from === 'stopped');
      expect(s.desk.bots.has(botId)).toBe(from !== 'stopped');
    }
  });

  it('[BOT-13] in error its strategy still exits what is open, and enters nothing after it', () => {
    const s = new Scenario();
    const botId = inError(s);
    s.bar([exit('long')]);
    s.fillNow(s.order('exit'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.bot(botId).state).toBe('error');
  });
});

describe('what comes up while it starts', () => {
  function starting(s: Scenario): string {
    s.historyComplete = false;
    const botId = s.createBot();
    s.command({ type: 'StartBot', botId });
    s.finishStart(botId);
    expect(s.bot(botId).state).toBe('starting');
    s.historyComplete = true;
    return botId;
  }

  it('[BOT-22] a foreign position on its symbol ends the start in error with the reason', () => {
    const s = new Scenario();
    const botId = starting(s);
    s.venue.execute(
      { symbol: 'BTCUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null },
      dec('0.01'),
      dec('20000'),
    );
    s.deliver();
    s.endWarmup(botId);
    expect(s.bot(botId).state).toBe('error');
    expect(s.bot(botId).reason).toMatchObject({
      code: 'denied',
      figures: { denials: [{ limit: 'foreign_activity' }, { limit: 'symbol_has_position' }] },
    });
  });

  it('[BOT-22] [R13] a delisting ends it in error, and a later start is denied', () => {
    const s = new Scenario();
    const botId = starting(s);
    s.changeInstrument('BTCUSDT', { status: 'close_only' });
    s.endWarmup(botId);
    expect(s.bot(botId)).toMatchObject({
      state: 'error',
      reason: {
        code: 'denied',
        figures: { denials: [{ limit: 'instrument_status', figures: { status: 'close_only' } }] },
      },
    });
    expect(s.denial({ type: 'StartBot', botId })).toMatchObject({
      limit: 'instrument_status',
      status: 'close_only',
    });
  });

  it('[BOT-22] an account out of reach is waited for, and said', () => {
    const s = new Scenario();
    const botId = starting(s);
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'gone' });
    s.endWarmup(botId);
    expect(s.bot(botId)).toMatchObject({
      state: 'starting',
      reason: { code: 'awaits_account', figures: { account: 'Simulated', status: 'unreachable' } },
    });
    s.readLater();
    expect(s.bot(botId).state).toBe('running');
  });

  it('[BOT-23] [D10] an answer to an earlier start does not fail a later one with other settings', () => {
    const s = new Scenario();
    const botId = s.createBot({ leverage: 3 });
    s.command({ type: 'StartBot', botId });
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.readLater();
    const was = s.bot(botId);
    s.command({ type: 'UpdateBot', botId, change: { leverage: 2, interval: '5m' } });
    s.command({ type: 'StartBot', botId });
    const { accountId, symbol, marginMode } = was;
    const answer = { outcome: 'rejected', code: 'leverage', message: 'too high' } as const;
    s.give({ type: 'SymbolAnswered', accountId, symbol, leverage: 3, marginMode, answer });
    s.give({
      type: 'WarmupEnded',
      botId,
      symbol,
      interval: was.interval,
      failure: 'no data',
      tooShort: false,
    });
    expect(s.bot(botId).state).toBe('starting');
    s.drop((effect) => effect.type === 'ConfigureSymbol' && effect.leverage === 3);
    s.finishStart(botId);
    expect(s.bot(botId)).toMatchObject({ state: 'running', leverage: 2, interval: '5m' });
  });

  it('[BOT-23] [D10] a late success does not overwrite an early failure', () => {
    const s = new Scenario();
    const botId = s.createBot();
    s.command({ type: 'StartBot', botId });
    s.endWarmup(botId, 'no data');
    expect(s.bot(botId)).toMatchObject({ state: 'error', reason: { code: 'no_history' } });
    s.finishStart(botId);
    expect(s.bot(botId)).toMatchObject({ state: 'error', reason: { code: 'no_history' } });
  });
});

describe('shares of the account', () => {
  it('[RISK-8] [BOT-24] start-all reserves one share after the other; clones and edits reserve nothing before they start', () => {
    const s = new Scenario();
    const first = s.createBot({ allocationPct: dec('60') });
    s.command({ type: 'CloneBot', botId: first, name: 'clone', allocationPct: undefined });
    const clone = [...s.desk.bots.values()].find(({ name }) => name === 'clone')?.botId ?? '';
    s.command({ type: 'UpdateBot', botId: clone, change: { symbol: 'ETHUSDT' } });
    const outcome = s.command({ type: 'StartBots', scope: {} });
    expect(outcome).toMatchObject({
      ok: true,
      result: {
        botIds: [first],
        refusals: {
          [clone]: {
            figures: { denials: [{ limit: 'allocation', figures: { actual: '60', allowed: '40' } }] },
          },
        },
      },
    });
    expect(s.bot(clone).state).toBe('stopped');
    s.command({ type: 'UpdateBot', botId: clone, change: { allocationPct: dec('40') } });
    expect(s.command({ type: 'StartBot', botId: clone })).toMatchObject({ ok: true });
  });
});
