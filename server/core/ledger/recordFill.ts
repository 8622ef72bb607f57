import {
  abs,
  add,
  type Decimal,
  dec,
  div,
  gt,
  gte,
  isZero,
  max,
  mul,
  mulDiv,
  sub,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/fill.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { VenueFill } from '../../ports/venue.ts';
import { openedLate } from '../bot/openedLate.ts';
import { pauseForClose } from '../botState/pauseForClose.ts';
import { type AccountState, positionOf, SETTLEMENT_COIN } from '../desk.ts';
import { raiseLate, resolveAlertsOfOrder } from '../order/updateOrder.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { exitLeft, isWhole, takenBy } from '../protection/partialExit.ts';
import { stopTriggered } from '../protection/stopState.ts';
import { isAdding } from '../risk/incoming.ts';
import { beginRiskDays } from '../risk/riskDays.ts';
import { liquidationPrice } from '../rules/liquidationPrice.ts';
import { type Holding, positionAfterFill } from '../rules/positionAfterFill.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { closedAt } from './closedAt.ts';
import { endedPosition, endTrade } from './endTrade.ts';
import { tellForced } from './forced.ts';
import { type Made, openedPosition, stopOf } from './openedPosition.ts';
import { isOfUnseenStop, type Listed, orderOfFill } from './orderOfFill.ts';
import { reportForeign } from './reportForeign.ts';

/**
 * Takes one execution into the books, once: fill, its order, the position, the balance. Every fill counts, whoever
 * ordered it; one that nobody here ordered freezes entries as well. `listed`: what worked at the venue when it was read.
 */
export function recordFill(
  turn: Turn,
  state: AccountState,
  seen: VenueFill,
  ingestedAt: number,
  listed: Listed,
): void {
  beginRiskDays(turn, state, seen.ts);
  const { accountId } = state.account;
  const order = orderOfFill(turn.desk, accountId, seen, listed);
  const before = positionOf(turn.desk, accountId, seen.symbol);
  const isStops = order === undefined ? isOfUnseenStop(turn.desk, accountId, seen) : order.purpose === 'stop';
  const source = seen.source ?? (isStops ? 'stop' : 'order');
  const byStop = order?.foreign !== true && (source === 'stop' || order?.purpose === 'stop');
  if (byStop && before !== undefined) stopTriggered(turn, before);
  const held = positionOf(turn.desk, accountId, seen.symbol);
  const effect = positionAfterFill(held, seen.side, seen.price, seen.size);
  const botId = order !== undefined ? order.botId : madeByVenue(source) ? (held?.botId ?? null) : null;
  // A fill that was held by a former version says nothing of it.
  const otherFee =
    seen.feeCoin != null && seen.feeCoin !== SETTLEMENT_COIN
      ? { coin: seen.feeCoin, amount: seen.fee }
      : undefined;
  const fill: Fill = {
    fillId: seen.fillId,
    orderId: order?.orderId ?? null,
    venueOrderId: seen.venueOrderId,
    accountId,
    botId,
    symbol: seen.symbol,
    side: seen.side,
    price: seen.price,
    size: seen.size,
    fee: otherFee === undefined ? seen.fee : ZERO,
    realisedPnl: effect.realised,
    liquidity: seen.liquidity,
    source,
    ts: seen.ts,
    ingestedAt,
  };
  if (otherFee !== undefined) fill.otherFee = otherFee;
  turn.emit('FillRecorded', { fill, cursor: seen.cursor });
  if (order !== undefined) fillOrder(turn, order, fill);
  changeBalance(turn, state, sub(effect.realised, fill.fee));
  const endFee = held !== undefined && effect.ended !== null ? feeOfEnd(held, fill) : fill.fee;
  const endsAt = held === undefined ? fill.ts : closedAt(turn, state, held, fill.ts);
  const ended =
    held === undefined ? undefined : endedPosition(held, effect, { ...fill, fee: endFee, ts: endsAt });
  if (ended !== undefined) endTrade(turn, state, ended, { order, fill, closedAt: endsAt });
  if (!isZero(effect.after.size)) {
    const rest = ended === undefined ? fill : { ...fill, fee: sub(fill.fee, endFee) };
    const made = { after: effect.after, order, fill: rest, botId };
    const position = nextPosition(turn, state, ended === undefined ? held : undefined, made);
    turn.emit('PositionChanged', { position, trade: null });
    if (held === undefined || ended !== undefined) openedLate(turn, position);
  }
  // Told out of order, it realised something else: a reading settles that.
  const isInOrder = turn.context.venue(state.account.venue)?.capabilities.tellsLate === undefined;
  if (isInOrder && seen.realisedPnl !== null && differs(effect.realised, seen.realisedPnl, seen)) {
    raiseAlert(turn, {
      alertId: `ledger:${accountId}`,
      severity: 'critical',
      code: 'ledger_mismatch',
      figures: {
        ...{ of: 'realised', coin: SETTLEMENT_COIN },
        ...{ theirs: seen.realisedPnl, ours: effect.realised },
      },
      accountId,
    });
  }
  // Of a foreign order that seemed to have ended without it: whoever resolved what was found has not seen this.
  const isUnseen = order === undefined || (order.foreign === true && !isOpen(order));
  if (isUnseen && !madeByVenue(source)) {
    const { side, size, symbol, price } = seen;
    reportForeign(turn, state, { code: 'fill', figures: { side, size, symbol, price } }, held?.foreign);
  }
  // However it was asked for: what its owner took by hand, the bot does not get again by itself.
  const owner = ended?.botId == null ? undefined : turn.desk.bots.get(ended.botId);
  if (owner !== undefined && order?.purpose === 'manual') pauseForClose(turn, owner);
  if (held !== undefined) tellForced(turn, held, effect.after, fill);
}

const madeByVenue = (source: Fill['source']): boolean => source !== 'order';

/** Of the value of a fill: what venues make of it in their last digits is no difference. */
const ROUNDING = dec('0.000001');

const differs = (ours: Decimal, theirs: Decimal, { price, size }: VenueFill): boolean =>
  gt(abs(sub(ours, theirs)), mul(mul(price, size), ROUNDING));

function fillOrder(turn: Turn, order: Order, fill: Fill): void {
  const filledSize = add(order.filledSize, fill.size);
  // A larger size on its way may have been made: then more is to come.
  const whole = order.amending === undefined ? order.size : max(order.size, order.amending.size);
  const status = gte(filledSize, whole)
    ? 'filled'
    : order.status === 'cancelled'
      ? 'cancelled'
      : 'partially_filled';
  const next: Order = {
    ...order,
    venueOrderId: order.venueOrderId ?? fill.venueOrderId,
    filledSize,
    filledNotional: add(order.filledNotional, mul(fill.price, fill.size)),
    feePaid: add(order.feePaid, fill.fee),
    status,
    reason: order.reason?.code === 'awaits_fills' ? null : order.reason,
    cancelRequested: status === 'filled' || status === 'cancelled' ? false : order.cancelRequested,
    updatedAt: turn.wallTime,
  };
  if (order.status === 'abandoned' || order.status === 'rejected') raiseLate(turn, order);
  resolveAlertsOfOrder(turn, writeOrder(turn, order, next));
}

function changeBalance(turn: Turn, state: AccountState, change: Decimal): void {
  const balances = { ...state.account.balances };
  balances[SETTLEMENT_COIN] = add(balances[SETTLEMENT_COIN] ?? ZERO, change);
  turn.emit('BalanceChanged', { account: { ...state.account, balances }, bill: null, cursor: null });
}

/** What a fill beyond flat cost of its fee to end the one position; the rest belongs to the one it opens. */
function feeOfEnd(held: Position, fill: Fill): Decimal {
  return mulDiv(fill.fee, held.size, fill.size);
}

/** Slots that count as taken once their order is filled. */
const PARTIAL_PURPOSES: ReadonlySet<Order['purpose']> = new Set(['take_profit', 'exit']);

function nextPosition(turn: Turn, state: AccountState, held: Position | undefined, made: Made): Position {
  const { after, order, fill } = made;
  const base = held ?? openedPosition(turn, state, made);
  return {
    ...base,
    ...after,
    liquidationPrice:
      held === undefined ? base.liquidationPrice : liquidationAfter(turn, state, held, after, fill),
    fees: add(base.fees, fill.fee),
    ...(held === undefined ? null : afterAdding(turn, state, held, order, fill)),
    protection: held === undefined ? base.protection : protectionAfter(turn, state, held, order, fill),
    updatedAt: turn.wallTime,
  };
}

/** What is added moves the average; until the venue tells, where it is liquidated follows from that. */
function liquidationAfter(
  turn: Turn,
  state: AccountState,
  held: Position,
  after: Holding,
  fill: Fill,
): Decimal | null {
  const instrument = turn.context.instrument(state.account.venue, fill.symbol);
  if (instrument === undefined || !isAdding(held, fill.side)) return held.liquidationPrice;
  const { direction, leverage, marginMode } = held;
  const entry = div(after.cost, after.size, 12);
  return liquidationPrice(instrument, direction, entry, leverage, marginMode) ?? held.liquidationPrice;
}

/** Counts what a partial exit took, by its slot. What is added by hand may bring a take-profit. */
function protectionAfter(
  turn: Turn,
  state: AccountState,
  held: Position,
  order: Order | undefined,
  fill: Fill,
): Position['protection'] {
  if (order === undefined) return held.protection;
  // One that the position has is its owner's to move.
  if (order.takeProfitPrice !== undefined && isAdding(held, fill.side))
    return { takeProfitPrice: order.takeProfitPrice, ...held.protection };
  if (!PARTIAL_PURPOSES.has(order.purpose)) return held.protection;
  const { slot } = order;
  const { partialsTaken } = held.protection;
  const takenSizes = { ...held.protection.takenSizes, [slot]: add(takenBy(held, slot), fill.size) };
  const next: Position = { ...held, protection: { ...held.protection, takenSizes } };
  if (partialsTaken.includes(slot) || !isSlotTaken(turn, state, next, order)) return next.protection;
  return { ...next.protection, partialsTaken: [...partialsTaken, slot] };
}

/** A rung is taken with its order, a decided share once all of it is, an exit of the whole only with the position. */
function isSlotTaken(turn: Turn, state: AccountState, held: Position, { orderId, slot }: Order): boolean {
  const decided = held.protection.exits.find((exit) => exit.slot === slot);
  const instrument = turn.context.instrument(state.account.venue, held.symbol);
  if (decided === undefined || instrument === undefined)
    return turn.desk.orders.get(orderId)?.status === 'filled';
  return !isWhole(decided) && exitLeft(held, decided, instrument) === undefined;
}

/** The stop that what is added brings along, where the position had none. */
function afterAdding(
  turn: Turn,
  state: AccountState,
  held: Position,
  order: Order | undefined,
  fill: Fill,
): Partial<Position> | null {
  if (held.stop !== null || order === undefined || order.attachedStop === null || !isAdding(held, fill.side))
    return null;
  return stopOf(turn, state, order, fill);
}
