import type { LimitValues } from '../../shared/domain/account.ts';
import type { Actor } from '../../shared/domain/actor.ts';
import { add, type Decimal, dec, max, mul, roundToStep, sum, ZERO } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { Order, Side } from '../../shared/domain/order.ts';
import type { Position } from '../../shared/domain/position.ts';
import type { Command, OrderRequest } from '../core/commands.ts';
import { type AccountState, claimant, type Desk, limitsOver, openOrders, positionOf } from '../core/desk.ts';
import { unrealisedPnl } from '../core/rules/positionAfterFill.ts';
import type { Trial } from './faults.ts';
import { SYMBOLS } from './market.ts';
import { ADMIN, type Asked, commandFrom } from './users.ts';
import type { World } from './world.ts';

/** Users come close to a limit on purpose: each goes one step further where it finds one taken. False: none could be. */
export const TRIALS: Record<Trial, (world: World) => boolean> = {
  addition_by_hand: (world) => tried(world, addByHand),
  growth_in_flight: (world) => tried(world, growInFlight),
  loss_beside_breach: (world) => tried(world, loseBesideBreach),
  lost_day: (world) => tried(world, loseDay),
  // Counted where two break in one decision.
  two_breaches: (world) => {
    tried(world, breakTwo);
    return false;
  },
  account_under_stop: (world) => tried(world, openUnderStop),
};

interface Seen {
  world: World;
  desk: Desk;
  state: AccountState;
}

/** Each command of a step comes a little after the one before it; undefined: there is none to be taken. */
function tried(world: World, trial: (seen: Seen) => (Command | Asked)[] | undefined): boolean {
  const { random, log } = world;
  const deskId = random.pick(log.deskIds());
  const desk = log.committed(deskId)?.desk;
  if (desk === undefined || desk.accounts.size === 0) return false;
  const commands = trial({ world, desk, state: random.pick([...desk.accounts.values()]) });
  if (commands === undefined) return false;
  let afterMs = 0;
  for (const command of commands) {
    const asked: Asked = 'command' in command ? command : { command, actor: undefined };
    if (afterMs === 0) commandFrom(world, deskId, asked);
    else world.after(afterMs, () => commandFrom(world, deskId, asked));
    afterMs += random.between(1, 25);
  }
  return true;
}

/** Nothing keeps it from being traded on. */
function isFree({ desk, state }: Seen): boolean {
  const { account } = state;
  const isBreached = limitsOver(desk, state).some(({ breaches }) => breaches.length > 0);
  return account.status === 'ready' && account.latch === null && account.foreign === null && !isBreached;
}

/** Symbols that no bot claims, and whether something by hand is open there. */
function symbolsByHand({ desk, state }: Seen, isHeld: boolean): string[] {
  const { accountId } = state.account;
  return SYMBOLS.filter((symbol) => {
    const held = positionOf(desk, accountId, symbol);
    return (
      claimant(desk, accountId, symbol) === undefined &&
      (held !== undefined) === isHeld &&
      held?.foreign !== true
    );
  });
}

/** `fraction` of the mark beyond it, on the tick. */
function away({ world }: Seen, symbol: string, fraction: number): Decimal {
  const tick = instrumentOf(world, symbol).tickSize;
  return roundToStep(mul(world.market.quote(symbol).mark, dec((1 + fraction).toFixed(6))), tick, 'nearest');
}

function instrumentOf({ market }: World, symbol: string): Instrument {
  const instrument = market.instrument(symbol);
  if (instrument === undefined) throw new RangeError(symbol);
  return instrument;
}

function sizeWorth({ world }: Seen, symbol: string, notional: number): Decimal {
  const size = dec((notional / Number(world.market.quote(symbol).mark)).toFixed(6));
  return roundToStep(size, instrumentOf(world, symbol).sizeStep, 'up');
}

function order(
  { state }: Seen,
  symbol: string,
  side: Side,
  size: Decimal,
  other: Partial<OrderRequest> = {},
): Command {
  const { accountId } = state.account;
  const plain = { type: 'market', price: null, timeInForce: 'ioc', reduceOnly: false } as const;
  const request = { ...plain, stopPrice: null, takeProfitPrice: null, ...other };
  return { type: 'SubmitOrder', request: { accountId, symbol, side, size, ...request } };
}

const HIGH_LEVERAGE = 20;
/** Distances of stops from the mark: with that leverage, on either side of where a position is liquidated. */
const STOP_DISTANCES = [0.02, 0.038, 0.04, 0.0405, 0.045, 0.07] as const;
/** How far the price goes before a position is added to: against one without a stop, else in its favour. */
const MOVES = [0.008, 0.015, 0.025] as const;

/** A position by hand at high leverage, first mostly without a stop, grows by additions with and without stops far away. */
function addByHand(seen: Seen): Command[] | undefined {
  const { world, desk, state } = seen;
  const { random } = world;
  const { accountId, leverage } = state.account;
  if (!isFree(seen)) return undefined;
  const held = symbolsByHand(seen, true);
  if (held.length === 0) {
    if (leverage !== HIGH_LEVERAGE)
      return [
        {
          type: 'UpdateAccount',
          accountId,
          leverage: HIGH_LEVERAGE,
          name: undefined,
          marginMode: 'isolated',
        },
      ];
    const free = symbolsByHand(seen, false);
    if (free.length === 0) return undefined;
    const symbol = random.pick(free);
    const side = random.pick(['buy', 'sell'] as const);
    const stopPrice = random.chance(0.3) ? stopOf(seen, symbol, side) : null;
    return [order(seen, symbol, side, sizeWorth(seen, symbol, random.pick([300, 2_000])), { stopPrice })];
  }
  const symbol = random.pick(held);
  const position = positionOf(desk, accountId, symbol) as Position;
  const side = position.direction === 'long' ? 'buy' : 'sell';
  const entry = Number(position.cost) / Number(position.size);
  const moved = Math.abs(Number(world.market.quote(symbol).mark) / entry - 1);
  if (moved < MOVES[0] && random.chance(0.6)) {
    const isUp = (side === 'buy') === (position.stop !== null);
    world.market.jump(symbol, entry * (1 + random.pick(MOVES) * (isUp ? 1 : -1)));
    return [];
  }
  if (position.stop !== null && random.chance(0.4))
    return [{ type: 'SetStop', accountId, symbol, triggerPrice: stopOf(seen, symbol, side) }];
  if (random.chance(0.1)) {
    // More than there is, the other way.
    const flipped = side === 'buy' ? 'sell' : 'buy';
    return [
      order(seen, symbol, flipped, mul(position.size, dec('2')), {
        stopPrice: stopOf(seen, symbol, flipped),
      }),
    ];
  }
  const size = roundToStep(
    mul(position.size, dec(random.pick(['0.2', '1', '3']))),
    instrumentOf(world, symbol).sizeStep,
    'up',
  );
  return [
    order(seen, symbol, side, size, {
      stopPrice: position.stop === null ? stopOf(seen, symbol, side) : null,
    }),
  ];
}

function stopOf(seen: Seen, symbol: string, side: Side): Decimal {
  const distance = seen.world.random.pick(STOP_DISTANCES);
  return away(seen, symbol, side === 'buy' ? -distance : distance);
}

/** What an account may still take beyond what it has when its exposure is limited first, in the settlement coin. */
const ROOM = 6_000;
/** Too little for orders that a venue takes. */
const LEAST_ROOM = 1_500;

/** A working order is to become larger, and before the venue has answered another comes that alone would fit. */
function growInFlight(seen: Seen): Command[] | undefined {
  const { world, desk, state } = seen;
  const { random } = world;
  const { accountId } = state.account;
  if (!isFree(seen)) return undefined;
  const used = exposure(seen);
  const limit = state.limits.values.maxTotalNotional;
  if (limit === null) {
    const values = { maxTotalNotional: roundToStep(add(used, dec(String(ROOM))), dec('1'), 'up') };
    return [{ type: 'SetLimits', accountId, values, timeZone: undefined }];
  }
  const room = Number(limit) - Number(used);
  const free = [...symbolsByHand(seen, false), ...symbolsByHand(seen, true)];
  const working = [...openOrders(desk, accountId)].filter(mayGrow);
  // Begins again.
  if (room < LEAST_ROOM && working.length > 0)
    return [{ type: 'CancelOrder', orderId: random.pick(working).orderId }];
  if (room < LEAST_ROOM || free.length === 0) return undefined;
  const symbol = random.pick(free);
  const side = random.pick(['buy', 'sell'] as const);
  const price = away(seen, symbol, side === 'buy' ? -0.008 : 0.008);
  if (working.length === 0)
    return [
      order(seen, symbol, side, sizeWorth(seen, symbol, room * 0.2), {
        type: 'limit',
        price,
        timeInForce: 'gtc',
      }),
    ];
  const growing = random.pick(working);
  const more = sizeWorth(seen, growing.symbol, room * random.pick([0.3, 0.8, 1.2]));
  return [
    { type: 'AmendOrder', orderId: growing.orderId, price: undefined, size: add(growing.size, more) },
    order(seen, symbol, side, sizeWorth(seen, symbol, room * 0.6)),
  ];
}

const mayGrow = (order: Order): boolean =>
  order.purpose === 'manual' &&
  order.type === 'limit' &&
  !order.reduceOnly &&
  order.foreign !== true &&
  order.venueOrderId !== null &&
  order.amending === undefined;

function exposure({ world, desk, state }: Seen): Decimal {
  const { accountId } = state.account;
  const entries = [...openOrders(desk, accountId)].filter(({ reduceOnly }) => !reduceOnly);
  const open = [...desk.positions.values()].filter((position) => position.accountId === accountId);
  return sum([
    ...open.map(({ cost }) => cost),
    ...entries.map(({ symbol, price, size }) => mul(size, price ?? world.market.quote(symbol).mark)),
  ]);
}

/** Of an account: what its limits measure, in the settlement coin; undefined before its first risk day. */
function lossOf({ world, desk, state }: Seen): { day: number; drawdownPct: number } | undefined {
  const { account, limits } = state;
  if (limits.dayStart === null || limits.peakEquity === null) return undefined;
  let equity = account.balances.USDT ?? ZERO;
  for (const position of desk.positions.values())
    if (position.accountId === account.accountId)
      equity = add(equity, unrealisedPnl(position, world.market.quote(position.symbol).mark));
  const peak = Number(max(limits.peakEquity, equity));
  return {
    day: Number(limits.dayStart.equity) - Number(equity),
    drawdownPct: peak > 0 ? (100 * (peak - Number(equity))) / peak : 0,
  };
}

/** A limit about at what is lost already: kept for the moment, or just broken. */
const TIGHTNESS = [0.8, 1.01, 1.03] as const;

function tighten({ state }: Seen, values: Partial<LimitValues>): Command[] {
  return [{ type: 'SetLimits', accountId: state.account.accountId, values, timeZone: undefined }];
}

/** A drawdown that holds is broken, and then the day's loss, which closes, comes to its limit. */
function loseBesideBreach(seen: Seen): Command[] | undefined {
  const { world, state } = seen;
  const lost = lossOf(seen);
  const { breaches } = state.limits;
  if (lost === undefined || breaches.some(({ limit }) => limit === 'daily_loss')) return undefined;
  if (breaches.length === 0) {
    if (lost.drawdownPct < 0.02) return undefined;
    const drawdownPct = dec((lost.drawdownPct * 0.9).toFixed(4));
    return tighten(seen, { drawdownPct, drawdownPolicy: 'hold' });
  }
  if (lost.day <= 1) return undefined;
  const dailyLoss = dec((lost.day * world.random.pick(TIGHTNESS)).toFixed(2));
  return tighten(seen, { dailyLoss, dailyLossPolicy: 'flatten' });
}

/** The day's loss is at its limit, whatever is done then. */
function loseDay(seen: Seen): Command[] | undefined {
  const { world, state } = seen;
  const { random } = world;
  const lost = lossOf(seen);
  if (lost === undefined || lost.day <= 1 || state.limits.breaches.length > 0) return undefined;
  const dailyLoss = dec((lost.day * random.pick(TIGHTNESS)).toFixed(2));
  return tighten(seen, { dailyLoss, dailyLossPolicy: random.pick(['flatten', 'hold'] as const) });
}

/** Limits a little beyond what is lost, so that the price breaks them together, or below it: they are broken at once. */
const BESIDE = [0.98, 1.02] as const;
/** How far, and how long after they were set, the price goes against what is held, world ms. */
const AGAINST = 0.015;
const AGAINST_AFTER_MS = 500;

/** Two limits come to break in the same look: of the account alone, or of it and of its book. */
function breakTwo(seen: Seen): Command[] | undefined {
  const { world, desk, state } = seen;
  const { random, market } = world;
  const { accountId, book } = state.account;
  const lost = lossOf(seen);
  const held = [...desk.positions.values()].find((position) => position.accountId === accountId);
  if (!isFree(seen) || held === undefined || lost === undefined || lost.day <= 1) return undefined;
  const beside = random.pick(BESIDE);
  const dailyLoss = dec((lost.day * beside).toFixed(2));
  const policy = random.pick(['flatten', 'hold'] as const);
  if (beside > 1)
    world.after(AGAINST_AFTER_MS, () => {
      const further = held.direction === 'long' ? 1 - AGAINST : 1 + AGAINST;
      market.jump(held.symbol, Number(market.quote(held.symbol).mark) * further);
    });
  if (desk.accounts.size > 1 || random.chance(0.5)) {
    const drawdownPct = dec(Math.max(lost.drawdownPct * beside, 0.01).toFixed(4));
    return tighten(seen, { dailyLoss, dailyLossPolicy: policy, drawdownPct, drawdownPolicy: 'hold' });
  }
  const values = { dailyLoss, dailyLossPolicy: policy };
  return [{ type: 'SetLimits', book, values, timeZone: undefined }, ...tighten(seen, values)];
}

const MOST_ACCOUNTS = 3;

/** Everything is stopped, by the user or an administrator, and then one more account is opened. */
function openUnderStop({ world, desk }: Seen): Asked[] | undefined {
  const { random, setup } = world;
  if (desk.accounts.size >= MOST_ACCOUNTS) return undefined;
  const isStopped = [...desk.accounts.values()].every(({ account }) => account.latch !== null);
  if (!isStopped) {
    const actor: Actor | undefined = random.chance(0.5) ? ADMIN : undefined;
    return [{ command: { type: 'EmergencyStop', scope: {} }, actor }];
  }
  const command: Command = {
    type: 'CreateAccount',
    name: `another ${random.below(1_000_000)}`,
    venue: setup.venue,
    leverage: 5,
    marginMode: 'isolated',
    deposit: dec('20000'),
  };
  return [{ command, actor: undefined }];
}
