import type { Bot } from '../../../shared/domain/bot.ts';
import {
  type Decimal,
  dec,
  gte,
  isPositive,
  lt,
  min,
  mul,
  roundToStep,
  sub,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { DecidedExit, Position } from '../../../shared/domain/position.ts';
import { type AccountState, botPosition, type ExitFailures, openOrders } from '../desk.ts';
import { isPausing, slotFailures } from '../order/exitFailures.ts';
import { sliceOf } from '../order/flatten.ts';
import { submitOrder } from '../order/submit.ts';
import { raiseAlert, resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { isCloseDue } from './closeDue.ts';

/** Failures in a row of one exit before its owner is told; it is tried on. */
const TOLD_AFTER = 3;

/** An exit of all that is open ends with the position, not with an order that was filled. */
export const isWhole = ({ share }: Pick<DecidedExit, 'share'>): boolean => gte(share, dec('1'));

/** What an exit of this slot took of the position so far. */
export function takenBy(position: Position, slot: string): Decimal {
  return position.protection.takenSizes?.[slot] ?? ZERO;
}

/**
 * What the exit still has to take: the whole position, or its share of the size that was opened less what it took.
 * Undefined: it is done, or what is left of it is less than the venue takes an order for.
 */
export function exitLeft(position: Position, exit: DecidedExit, instrument: Instrument): Decimal | undefined {
  if (position.protection.partialsTaken.includes(exit.slot)) return undefined;
  const share = roundToStep(mul(position.openedSize, exit.share), instrument.sizeStep, 'down');
  const left = isWhole(exit) ? position.size : min(sub(share, takenBy(position, exit.slot)), position.size);
  const isDust = lt(left, instrument.minSize) && left !== position.size;
  return isPositive(left) && !isDust ? left : undefined;
}

/** Written down with the position: from now on it is asked for until it is done, over refusals, bars and restarts. */
export function decideExit(turn: Turn, position: Position, exit: DecidedExit): void {
  showExits(turn, position, [...position.protection.exits, exit]);
}

function showExits(turn: Turn, position: Position, exits: DecidedExit[]): void {
  turn.emit('PositionChanged', {
    position: { ...position, protection: { ...position.protection, exits } },
    trade: null,
  });
}

/**
 * Brings the decided exits of a bot's position one step on: one order at a time, again for what the market did not give,
 * after a pause where it gave nothing. What is being closed as a whole needs none.
 */
export function bringSignalExits(turn: Turn, state: AccountState, bot: Bot): void {
  const position = botPosition(turn.desk, bot);
  if (position === undefined || position.protection.exits.length === 0) return;
  const instrument = turn.context.instrument(state.account.venue, bot.symbol);
  if (instrument === undefined || isClosing(turn, bot, position)) return;
  const { accountId, symbol } = position;
  for (const order of openOrders(turn.desk, accountId, symbol))
    if (order.purpose === 'exit' || order.purpose === 'close') return;
  const { exits } = position.protection;
  const left = exits.filter((exit) => exitLeft(position, exit, instrument) !== undefined);
  if (left.length !== exits.length) showExits(turn, position, left);
  if (left.length === 0) resolveAlert(turn, exitAlert(position));
  for (const exit of left) {
    const failures = slotFailures(turn.desk, position, exit.slot);
    if (failures !== undefined && failures.count >= TOLD_AFTER) sayRefused(turn, position, failures);
    if (isPausing(turn, failures)) continue;
    send(turn, state, position, exit, instrument);
    return;
  }
}

function isClosing(turn: Turn, bot: Bot, position: Position): boolean {
  return (
    bot.closing || bot.state === 'stopping' || position.stop?.state === 'failed' || isCloseDue(turn, position)
  );
}

function send(
  turn: Turn,
  state: AccountState,
  position: Position,
  exit: DecidedExit,
  instrument: Instrument,
): void {
  const left = exitLeft(position, exit, instrument);
  if (left === undefined) return;
  const { accountId, symbol } = position;
  submitOrder(turn, state, {
    orderId: turn.id('exit', accountId, symbol, turn.desk.seq),
    botId: position.botId,
    symbol,
    side: position.direction === 'long' ? 'sell' : 'buy',
    type: 'market',
    purpose: 'exit',
    slot: exit.slot,
    size: sliceOf(left, instrument, undefined),
    price: null,
    triggerPrice: null,
    timeInForce: 'ioc',
    reduceOnly: true,
    attachedStop: null,
  });
}

const exitAlert = ({ accountId, symbol }: Position): string => `exit:${accountId}:${symbol}`;

function sayRefused(turn: Turn, position: Position, { reason: cause }: ExitFailures): void {
  const { accountId, symbol, botId } = position;
  raiseAlert(turn, {
    alertId: exitAlert(position),
    severity: 'warning',
    code: 'exit_refused',
    figures: { symbol, cause },
    accountId,
    botId,
  });
}
