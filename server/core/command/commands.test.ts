import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { Command } from '../commands.ts';

const LIMIT = (s: Scenario) => s.orderByHand({ type: 'limit', price: dec('19900'), timeInForce: 'gtc' });

/** Refused with this code, and nothing happened. */
function refusal(s: Scenario, command: Command, expectedVersion: number | null = null) {
  const before = s.desk.seq;
  const outcome = s.command(command, expectedVersion);
  if (outcome.ok) throw new Error(`not refused: ${command.type}`);
  expect(s.desk.seq).toBe(before);
  return outcome.refusal;
}

describe('commands', () => {
  it('[CMD-1] the loser of a race is told who won, with what and when', () => {
    const s = new Scenario();
    const botId = s.createBot();
    expect(s.command({ type: 'StartBot', botId }, 1).ok).toBe(true);
    expect(refusal(s, { type: 'UpdateBot', botId, change: { leverage: 2 } }, 1)).toMatchObject({
      code: 'version_conflict',
      details: { expected: 1, actual: 2, changedBy: { deviceId: 'phone', action: 'start', at: s.wallTime } },
    });
    const account = {
      type: 'UpdateAccount',
      accountId: s.accountId,
      name: 'x',
      leverage: undefined,
      marginMode: undefined,
    } as const;
    expect(refusal(s, account, 7)).toMatchObject({
      code: 'version_conflict',
      details: { expected: 7, actual: 1 },
    });
  });

  it('[CMD-2] fills do not bump the version that guards a bot', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    const { version } = s.bot(botId);
    const t = new Scenario();
    const trading = t.tradingBot();
    expect(t.bot(trading).version).toBe(version);
  });

  it('[MET-7] a scope that names an account or a book that is not there is not found, also for exits', () => {
    const s = new Scenario();
    const nothing = { accountId: undefined, book: undefined };
    for (const scope of [
      { ...nothing, accountId: 'nope' },
      { ...nothing, book: 'live' as const },
      { accountId: s.accountId, book: 'live' as const },
    ]) {
      const commands: Command[] = [
        { type: 'StartBots', scope },
        { type: 'StopBots', scope, positions: 'close' },
        { type: 'EmergencyStop', scope },
        { type: 'ReleaseEmergency', scope },
      ];
      for (const command of commands) expect(refusal(s, command)).toMatchObject({ code: 'not_found' });
    }
    expect(s.command({ type: 'StopBots', scope: nothing, positions: 'close' }).ok).toBe(true);
  });

  it('[CMD-3] what does not exist is not found', () => {
    const s = new Scenario();
    const scope = { accountId: 'nope' };
    const missing: Command[] = [
      { type: 'StartBot', botId: 'nope' },
      { type: 'StopBot', botId: 'nope', positions: 'close' },
      { type: 'PauseBot', botId: 'nope' },
      { type: 'ResumeBot', botId: 'nope' },
      { type: 'UpdateBot', botId: 'nope', change: {} },
      { type: 'CloneBot', botId: 'nope', name: 'x', allocationPct: undefined },
      { type: 'DeleteBot', botId: 'nope' },
      { type: 'CancelOrder', orderId: 'nope' },
      { type: 'AmendOrder', orderId: 'nope', price: dec('1'), size: undefined },
      { type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' },
      { type: 'ReducePosition', accountId: s.accountId, symbol: 'BTCUSDT', size: dec('1') },
      { type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('1') },
      { type: 'SetLimits', accountId: 'nope', values: {}, timeZone: undefined },
      { type: 'ResetAccount', accountId: 'nope' },
      { type: 'RemoveAccount', accountId: 'nope' },
      { type: 'ResolveForeign', accountId: 'nope' },
      { type: 'EmergencyStop', scope },
    ];
    for (const command of missing) expect(refusal(s, command).code).toBe('not_found');
  });

  it('[CMD-4] a bot is edited, and deleted, only when stopped and flat', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    expect(refusal(s, { type: 'UpdateBot', botId, change: { leverage: 2 } }).code).toBe('bad_request');
    expect(refusal(s, { type: 'DeleteBot', botId }).code).toBe('bad_request');
    const other = s.createBot({ symbol: 'ETHUSDT' });
    expect(
      s.command({ type: 'UpdateBot', botId: other, change: { leverage: 2, name: 'renamed' } }, 1).ok,
    ).toBe(true);
    expect(s.bot(other)).toMatchObject({ leverage: 2, name: 'renamed', version: 2 });
    expect(refusal(s, { type: 'UpdateBot', botId: other, change: { name: s.bot(botId).name } }).code).toBe(
      'denied',
    );
    expect(refusal(s, { type: 'UpdateBot', botId: other, change: { params: { nonsense: 1 } } }).code).toBe(
      'bad_request',
    );
    expect(refusal(s, { type: 'UpdateBot', botId: other, change: { strategy: 'none' } }).code).toBe(
      'bad_request',
    );
    expect(s.command({ type: 'DeleteBot', botId: other }, 2).ok).toBe(true);
    expect(s.desk.bots.has(other)).toBe(false);
  });

  it('[CMD-5] a clone has everything but the name and the history', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    const outcome = s.command({ type: 'CloneBot', botId, name: 'twin', allocationPct: dec('5') });
    const twin = s.bot(outcome.ok ? String(outcome.result.botId) : '');
    expect(twin).toMatchObject({
      name: 'twin',
      state: 'stopped',
      strategy: 'scripted',
      allocationPct: '5',
      version: 1,
    });
    expect(twin.stats.trades).toBe(0);
  });

  it('[CMD-17] a clone of a version that is no longer is refused with who changed it', () => {
    const s = new Scenario();
    const botId = s.createBot();
    s.command({ type: 'UpdateBot', botId, change: { leverage: 2 } });
    const clone = { type: 'CloneBot', botId, name: 'twin', allocationPct: undefined } as const;
    expect(refusal(s, clone, 1)).toMatchObject({
      code: 'version_conflict',
      details: { changedBy: { deviceId: 'phone', action: 'update' } },
    });
    expect(s.command(clone, 2).ok).toBe(true);
  });

  it('[CMD-1] [N5] who comes to a bot that is gone is told who deleted it, and when, for the last 50 of them', () => {
    const s = new Scenario();
    s.settings.maxBotsPerDesk = 100;
    const botIds = Array.from({ length: 51 }, () => s.createBot());
    for (const botId of botIds) s.command({ type: 'DeleteBot', botId });
    const [first, second] = botIds;
    expect(refusal(s, { type: 'StartBot', botId: String(second) })).toMatchObject({
      code: 'not_found',
      details: { deletedBy: { deviceId: 'phone', action: 'delete', at: s.wallTime } },
    });
    expect(refusal(s, { type: 'StartBot', botId: String(first) }).details).toEqual({
      what: 'bot',
      id: first,
    });
  });

  it('[CMD-6] start-all starts what it can and says why not the rest; stop-all stops every one', () => {
    const s = new Scenario();
    const first = s.createBot();
    const rival = s.createBot();
    const other = s.createBot({ symbol: 'ETHUSDT', allocationPct: dec('10') });
    const outcome = s.command({ type: 'StartBots', scope: {} });
    if (!outcome.ok) throw new Error('refused');
    expect(outcome.result.botIds).toEqual([first, other]);
    expect(outcome.result.refusals).toMatchObject({
      [rival]: { code: 'denied', figures: { denials: [{ limit: 'symbol_claimed' }] } },
    });
    s.command({ type: 'StopBots', scope: {}, positions: 'close' });
    s.readLater();
    expect([first, rival, other].map((botId) => s.bot(botId).state)).toEqual([
      'stopped',
      'stopped',
      'stopped',
    ]);
  });

  it('[CMD-7] a working limit order by hand can be amended within the same checks; another cannot', () => {
    const s = new Scenario();
    s.command(LIMIT(s));
    const order = s.order('manual');
    const amend = (price: string | undefined, size: string | undefined): Command => ({
      type: 'AmendOrder',
      orderId: order.orderId,
      price: price === undefined ? undefined : dec(price),
      size: size === undefined ? undefined : dec(size),
    });
    expect(refusal(s, amend('19800', undefined)).code).toBe('bad_request');
    const id = s.accept(order);
    expect(refusal(s, amend('19800.05', undefined)).code).toBe('denied');
    expect(refusal(s, amend(undefined, '99')).code).toBe('denied');
    expect(refusal(s, amend(undefined, undefined)).code).toBe('bad_request');
    s.venue.trade(id, dec('0.04'), dec('19900'));
    s.deliver();
    expect(refusal(s, amend(undefined, '0.04')).code).toBe('bad_request');
    expect(s.command(amend('19850', '0.08')).ok).toBe(true);
    s.amendAll();
    expect(s.order('manual')).toMatchObject({ price: '19850', size: '0.08', filledSize: '0.04' });
  });

  it('[CMD-8] the stop of an open position is moved, never cancelled by hand', () => {
    const s = new Scenario();
    s.tradingBot();
    expect(refusal(s, { type: 'CancelOrder', orderId: s.order('stop').orderId }).code).toBe('bad_request');
    const move = (triggerPrice: string): Command => ({
      type: 'SetStop',
      accountId: s.accountId,
      symbol: 'BTCUSDT',
      triggerPrice: dec(triggerPrice),
    });
    expect(refusal(s, move('20000')).details).toMatchObject({ denials: [{ limit: 'stop_side' }] });
    expect(refusal(s, move('19800.05')).details).toMatchObject({ denials: [{ limit: 'price_tick' }] });
    expect(s.command(move('19800')).ok).toBe(true);
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19800' });
    s.marks.set('BTCUSDT', null);
    expect(refusal(s, move('19700')).details).toMatchObject({ denials: [{ limit: 'fresh_price' }] });
  });

  it('[CMD-8] [INV-6] the last stop that may rest is not cancelled by hand, even of a position that is closed for want of one', () => {
    const s = new Scenario();
    s.tradingBot();
    const { orderId, venueOrderId } = s.order('stop');
    const move = { type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('19900') };
    expect(s.command(move as Command).ok).toBe(true);
    // The venue lost it, and the price has passed where it was moved to.
    s.drop((effect) => effect.type === 'AmendOrder');
    s.venue.orders.delete(String(venueOrderId));
    s.marks.set('BTCUSDT', dec('19800'));
    s.advance(2_500);
    const read = s.read();
    expect(read.events.map(({ kind }) => kind)).not.toContain('StopReplaced');
    expect(s.alert('stop_differs')).toBe(false);
    expect(s.position().stop).toMatchObject({ state: 'failed', orderId: null });
    // The look-up that tells so is on its way: until then it may rest.
    expect(refusal(s, { type: 'CancelOrder', orderId }).code).toBe('bad_request');
    expect(s.waiting('CancelOrder')).toEqual([]);
  });

  it('[CMD-8] a stop moved while the first one is attached or being placed ends up where it was moved to', () => {
    for (const attachedStop of [true, false]) {
      const s = new Scenario({ attachedStop });
      s.command(s.orderByHand({ stopPrice: dec('19000') }));
      s.fillNow(s.order('manual'));
      s.deliver((push) => push.type === 'fill');
      s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('19500') });
      for (const order of s.sending('stop')) s.accept(order);
      s.readLater();
      s.amendAll();
      expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19500' });
      expect(s.venue.working().map(({ triggerPrice }) => triggerPrice)).toEqual(['19500']);
    }
  });

  it('[CMD-9] cancel and stop of what is over already are done, with no effect', () => {
    const s = new Scenario();
    s.command(LIMIT(s));
    const order = s.order('manual');
    s.reject(order, 'price_band');
    const before = s.desk.seq;
    expect(s.command({ type: 'CancelOrder', orderId: order.orderId })).toEqual({ ok: true, result: {} });
    expect(s.desk.seq).toBe(before);
  });

  it('[CMD-10] only an idle simulated account is reset, only an empty one removed', () => {
    const s = new Scenario();
    s.command(LIMIT(s));
    const order = s.order('manual');
    s.accept(order);
    for (const type of ['ResetAccount', 'RemoveAccount'] as const)
      expect(refusal(s, { type, accountId: s.accountId })).toMatchObject({
        message: expect.stringContaining('working orders'),
      });
    s.command({ type: 'CancelOrder', orderId: order.orderId });
    s.cancelAll();
    s.findAll();
    expect(s.command({ type: 'ResetAccount', accountId: s.accountId }).ok).toBe(true);
    expect(s.waiting('OpenAccount')).toMatchObject([{ reset: true }]);
    s.createBot();
    expect(refusal(s, { type: 'RemoveAccount', accountId: s.accountId })).toMatchObject({
      message: expect.stringContaining('1 bots'),
    });
  });

  it('[CMD-11] accounts have names of their own, a deposit that makes sense, a venue that exists', () => {
    const s = new Scenario();
    const create = {
      type: 'CreateAccount',
      name: 'Second',
      venue: 'sim',
      leverage: 1,
      marginMode: 'isolated',
      deposit: dec('100'),
    } as const;
    expect(refusal(s, { ...create, name: 'Simulated' }).code).toBe('bad_request');
    expect(refusal(s, { ...create, venue: 'moon' }).code).toBe('not_found');
    for (const deposit of ['0', '-1', '1000000001'])
      expect(refusal(s, { ...create, deposit: dec(deposit) }).code).toBe('bad_request');
    s.settings.maxAccountsPerDesk = 1;
    expect(refusal(s, create).code).toBe('bad_request');
  });

  it('[CMD-12] a refused amendment is told', () => {
    const s = new Scenario();
    s.command(LIMIT(s));
    const order = s.order('manual');
    s.accept(order);
    s.command({ type: 'AmendOrder', orderId: order.orderId, price: dec('19850'), size: undefined });
    s.reject(order, 'post_only', 'amend');
    expect(s.alert('amend_refused')).toBe(true);
    expect(s.order('manual').price).toBe('19900');
  });
});
