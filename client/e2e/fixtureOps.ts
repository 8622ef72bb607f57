import { describeStrategies } from '../../server/core/strategy/registry.ts';
import { sampleError } from '../../server/testing/sampleError.ts';
import { dec, decFromFloat, mul } from '../../shared/domain/decimal.ts';
import type { Denial } from '../../shared/domain/denial.ts';
import type { WireError } from '../../shared/protocol/errors.ts';
import { type OpArgs, type OpName, ops } from '../../shared/protocol/ops.ts';
import { INSTRUMENTS, priceOf } from './fixtureData.ts';
import type { FixtureDesk } from './fixtureDesk.ts';

type Outcome = { result: unknown } | { error: WireError };
const HISTORY_POINTS = 120;
const SPACING_MS = 30_000;

/** What the scripted server answers. Parameters and replies have the real schemas; the story is the test's. */
export function answer(desk: FixtureDesk, op: OpName, args: unknown): Outcome {
  const accepted = () => ({ result: { status: 'accepted', seq: desk.seq } });
  switch (op) {
    case 'ping':
      return { result: { serverTime: Date.now() } };
    case 'ack':
      return { result: {} };
    case 'venues.list':
      return {
        result: {
          venues: [{ venue: 'sim', name: 'Simulated', book: 'simulated', simulated: true, speed: 60 }],
        },
      };
    case 'market.instruments':
      return { result: { instruments: INSTRUMENTS } };
    case 'strategies.list':
      return { result: { strategies: describeStrategies() } };
    case 'history.equity':
      return { result: { items: equityHistory(), nextCursor: null } };
    case 'accounts.create': {
      const accountId = desk.openAccount(ops[op].args.parse(args).name);
      return { result: { status: 'accepted', seq: desk.seq, accountId } };
    }
    case 'bots.create': {
      const botId = desk.createBot(ops[op].args.parse(args));
      return { result: { status: 'accepted', seq: desk.seq, botId } };
    }
    case 'bots.clone': {
      const { botId, name } = ops[op].args.parse(args);
      const copy = desk.createBot({ ...desk.bot(botId), name });
      return { result: { status: 'accepted', seq: desk.seq, botId: copy } };
    }
    case 'bots.startAll':
      return { result: { ...allBots(desk, 'starting'), refusals: desk.notStarted } };
    case 'bots.stopAll':
      return { result: allBots(desk, 'stopping') };
    case 'bots.start':
      desk.setState(ops[op].args.parse(args).botId, 'starting', {
        code: 'loads_history',
        figures: { bars: 250 },
      });
      return accepted();
    case 'bots.resume':
      desk.setState(ops[op].args.parse(args).botId, 'running');
      return accepted();
    case 'bots.pause':
      desk.setState(ops[op].args.parse(args).botId, 'paused');
      return accepted();
    case 'bots.stop':
      desk.setState(ops[op].args.parse(args).botId, 'stopping', { code: 'asks_venue', figures: {} });
      return accepted();
    case 'positions.close':
    case 'positions.setStop':
    case 'orders.cancel':
    case 'bots.delete':
    case 'bots.update':
      return accepted();
    case 'alerts.dismiss':
      desk.emit('AlertResolved', { alertId: ops[op].args.parse(args).alertId });
      return accepted();
    case 'accounts.resolveForeign':
      for (const account of Object.values(desk.view.accounts))
        desk.emit('ForeignResolved', { account: { ...account, foreign: null } });
      return accepted();
    case 'limits.set':
      return setLimits(desk, ops[op].args.parse(args));
    case 'emergency.stop':
      return ops[op].args.parse(args).preview ? { result: emergencyPreview(desk) } : beginEmergency(desk);
    case 'emergency.release':
      for (const account of Object.values(desk.view.accounts))
        desk.emit('LatchReleased', { account: { ...account, latch: null } });
      for (const limits of Object.values(desk.view.limits))
        desk.emit('LimitChanged', { limits: { ...limits, breaches: [] } });
      return accepted();
    default:
      return { error: sampleError('unavailable', `${op} is not scripted`) };
  }
}

function allBots(desk: FixtureDesk, state: 'starting' | 'stopping') {
  const botIds = Object.keys(desk.view.bots);
  for (const botId of botIds) desk.setState(botId, state);
  return { status: 'accepted', seq: desk.seq, botIds };
}

function equityHistory() {
  const now = Date.now();
  return Array.from({ length: HISTORY_POINTS }, (_, index) => {
    const equity = decFromFloat(
      10_000 + 60 * Math.sin(index / 11) - 0.9 * index + 20 * Math.sin(index / 3),
      2,
    );
    return { accountId: 'acc1', ts: now - index * SPACING_MS, equity, balance: equity };
  });
}

/** A preview, or the acceptance of an order that nothing becomes of. */
export function submitOrder(
  desk: FixtureDesk,
  { size, symbol, preview }: OpArgs<'orders.submit'>,
  denials: readonly Denial[] | undefined,
): Outcome {
  if (!preview) return { result: { status: 'accepted', seq: desk.seq, orderId: 'o-by-hand' } };
  const notional = mul(size, priceOf(symbol));
  const tooLittle: Denial = {
    limit: 'balance',
    figures: { actual: notional, allowed: dec('10000'), coin: 'USDT' },
  };
  return { result: { ...previewOf({ size, symbol }), denials: denials ?? [tooLittle] } };
}

function previewOf({ size, symbol }: { size: ReturnType<typeof dec>; symbol: string }) {
  const notional = mul(size, priceOf(symbol));
  return {
    status: 'preview',
    effect: 'adds',
    notional,
    margin: mul(notional, dec('0.5')),
    fee: mul(notional, dec('0.0006')),
    position: {
      direction: 'long',
      size: mul(size, dec('2')),
      entryPrice: priceOf(symbol),
      margin: notional,
      liquidationPrice: mul(priceOf(symbol), dec('0.6')),
    },
    takeProfitRestsFrom: null,
  };
}

/** Everything asked for waits for midnight but a daily loss, which is tighter. */
function setLimits(desk: FixtureDesk, { accountId = '', values }: OpArgs<'limits.set'>): Outcome {
  const limits = desk.view.limits[accountId];
  if (limits === undefined) return { error: sampleError('not_found', `there is no account ${accountId}`) };
  const asked = { ...limits.values, ...values } as typeof limits.values;
  const now = { ...limits.values, dailyLoss: asked.dailyLoss };
  desk.emit('LimitChanged', {
    limits: { ...limits, values: now, pending: asked, version: limits.version + 1 },
  });
  return { result: { status: 'accepted', seq: desk.seq } };
}

const foundBy = (desk: FixtureDesk) =>
  Object.values(desk.view.positions).map(({ accountId, symbol, direction, size, botId }) => ({
    accountId,
    symbol,
    direction,
    size,
    botId,
  }));

const emergencyPreview = (desk: FixtureDesk) => ({
  status: 'preview',
  positions: foundBy(desk),
  orders: 2 * Object.keys(desk.view.orders).length,
  orderRows: Object.values(desk.view.orders).flatMap(
    ({ accountId, symbol, side, type, purpose, size, price, botId }) => {
      const stop = {
        ...{ accountId, symbol, side, type, purpose, size, price, botId },
        origin: botId === null ? 'manual' : 'bot',
      };
      return [stop, { ...stop, type: 'limit', purpose: 'takeProfit', price: '65339.4' }];
    },
  ),
  accounts: Object.keys(desk.view.accounts).map((accountId) => ({
    accountId,
    source: 'books',
    asOf: Date.now(),
    reason: desk.unread,
  })),
});

function beginEmergency(desk: FixtureDesk): Outcome {
  const now = Date.now();
  for (const account of Object.values(desk.view.accounts))
    desk.emit('AccountChanged', { account: { ...account, latch: { reason: 'emergency', since: now } } });
  desk.emit('EmergencyStage', {
    emergency: {
      emergencyId: 'e1',
      accountIds: Object.keys(desk.view.accounts),
      by: 'user',
      deviceId: 'd2',
      stage: 'closing',
      startedAt: now,
      finishedAt: null,
      found: foundBy(desk),
      closed: [],
      confirmed: [],
      ordersCancelled: Object.keys(desk.view.orders).length,
      residual: [],
    },
  });
  return { result: { status: 'accepted', seq: desk.seq, emergencyId: 'e1' } };
}

/** The venue confirmed: everything of the running emergency stop is closed. */
export function finishEmergency(desk: FixtureDesk): void {
  const running = desk.view.emergencies.at(-1);
  if (running === undefined) throw new Error('no emergency stop runs');
  for (const bot of Object.values(desk.view.bots)) {
    desk.exit(bot.botId, 'bot_stop');
    desk.setState(bot.botId, 'stopped');
  }
  const closed = running.found.map(({ accountId, symbol, size }) => ({
    accountId,
    symbol,
    size,
    price: priceOf(symbol),
  }));
  desk.emit('EmergencyReceipt', {
    emergency: { ...running, stage: 'done', finishedAt: Date.now(), closed, confirmed: running.accountIds },
  });
}
