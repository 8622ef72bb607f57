import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { Command } from '../commands.ts';

/** Accepted, and nothing was written: neither an event nor a call. Returns what was answered. */
function unchanged(s: Scenario, command: Command, expected: number | null = null) {
  const [seq, effects] = [s.desk.seq, s.pending.length];
  const outcome = s.command(command, expected);
  expect([command, outcome.ok, s.desk.seq, s.pending.length]).toEqual([command, true, seq, effects]);
  return outcome.ok ? outcome.result : {};
}

describe('what is so already', () => {
  it('[CMD-19] asked for again it makes no version and no event: accounts, limits of accounts and books, bots', () => {
    const s = new Scenario();
    const { accountId } = s;
    const botId = s.createBot();
    const config = s.desk.bots.get(botId);
    if (config === undefined) throw new Error('no bot');
    const params = { ...config.params };
    const changes: Command[] = [
      { type: 'UpdateAccount', accountId, name: 'Mine', leverage: 3, marginMode: 'cross' },
      {
        type: 'SetLimits',
        accountId,
        values: { maxPositions: 5, dailyLoss: dec('100') },
        timeZone: 'Asia/Seoul',
      },
      // Looser: it waits, and asked for again it goes on waiting.
      { type: 'SetLimits', accountId, values: { maxPositions: 9 }, timeZone: 'Europe/Berlin' },
      { type: 'SetLimits', book: 'simulated', values: { maxOrdersPerMinute: 7 }, timeZone: undefined },
      { type: 'UpdateBot', botId, change: { name: 'Its', leverage: 2, params } },
    ];
    for (const change of changes) {
      const seq = s.desk.seq;
      const first = s.command(change);
      expect(s.desk.seq).toBeGreaterThan(seq);
      const version = first.ok ? Number(first.result.version) : 0;
      expect(version).toBeGreaterThan(1);
      expect(unchanged(s, change)).toEqual({ version });
      expect(unchanged(s, change, version)).toEqual({ version });
      expect(s.command(change, version - 1)).toMatchObject({ refusal: { code: 'version_conflict' } });
    }
    const none: Command[] = [
      { type: 'UpdateAccount', accountId, name: undefined, leverage: undefined, marginMode: undefined },
      { type: 'SetLimits', accountId, values: {}, timeZone: undefined },
      { type: 'SetLimits', book: 'simulated', values: {}, timeZone: undefined },
      { type: 'UpdateBot', botId, change: {} },
    ];
    for (const command of none) unchanged(s, command);
  });

  it('[CMD-19] an order, a stop and a target that are there already are not sent again', () => {
    const s = new Scenario();
    const symbol = 'BTCUSDT';
    s.command(s.orderByHand({ type: 'limit', price: dec('19900'), timeInForce: 'gtc' }));
    const order = s.order('manual');
    s.accept(order);
    const { orderId, size } = order;
    const price = dec('19900');
    unchanged(s, { type: 'AmendOrder', orderId, price, size });
    unchanged(s, { type: 'AmendOrder', orderId, price, size: undefined });
    expect(s.waiting('AmendOrder')).toEqual([]);

    const held = new Scenario();
    held.openByHand({ stopPrice: dec('19800') });
    const stop: Command = { type: 'SetStop', accountId: held.accountId, symbol, triggerPrice: dec('19700') };
    held.command(stop);
    held.amendAll();
    expect(held.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19700' });
    unchanged(held, stop);
    const target: Command = { type: 'SetTakeProfit', accountId: held.accountId, symbol, price: dec('20100') };
    held.command(target);
    unchanged(held, target);
    const none: Command = { ...target, price: null };
    const taken = held.desk.seq;
    held.command(none);
    expect(held.desk.seq).toBeGreaterThan(taken);
  });
});

describe('a configuration of a bot', () => {
  it('[CMD-20] is refused with all that is wrong with it, each by its argument', () => {
    const s = new Scenario();
    s.createBot({ name: 'taken' });
    const config = {
      name: 'taken',
      accountId: s.accountId,
      symbol: 'NOPE',
      interval: '1m',
      strategy: 'momentum',
      params: { nonsense: 1, more: 2, fastPeriod: 'x' },
      allocationPct: dec('101'),
      leverage: 1,
      marginMode: 'isolated',
      onRestart: 'hold',
    } as const;
    const seq = s.desk.seq;
    const wrong = (change: object) => {
      const outcome = s.command({ type: 'CreateBot', config: { ...config, ...change } });
      if (outcome.ok) throw new Error('accepted');
      expect(s.desk.seq).toBe(seq);
      return outcome.refusal;
    };
    const refusal = wrong({});
    if (refusal.code !== 'bad_request') throw new Error(refusal.code);
    const { details, message } = refusal;
    const { issues } = details;
    expect(new Set(issues.map(({ path }) => path))).toEqual(
      new Set([
        'args.params.nonsense',
        'args.params.more',
        'args.params.fastPeriod',
        'args.symbol',
        'args.allocationPct',
        'args.name',
      ]),
    );
    expect(issues.find(({ path }) => path === 'args.params.nonsense')?.allowed).toContain('slowPeriod');
    expect(issues.find(({ path }) => path === 'args.name')?.denial).toMatchObject({ limit: 'bot_name' });
    expect(message).toContain('params.nonsense: unknown field');

    const other = wrong({ strategy: 'nope', params: {}, symbol: 'BTCUSDT', leverage: 125 });
    expect(other.details).toMatchObject({
      issues: [
        { path: 'args.strategy', allowed: ['conservative', 'balanced', 'aggressive', 'momentum'] },
        { path: 'args.leverage' },
        { path: 'args.allocationPct' },
        { path: 'args.name' },
      ],
    });
    const denials = wrong({ params: {} });
    expect(denials.code).toBe('denied');
    expect(denials.details).toMatchObject({
      denials: [{ limit: 'symbol_known' }, { limit: 'allocation_range' }, { limit: 'bot_name' }],
    });
  });
});
