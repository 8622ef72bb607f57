import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { readAccount } from '../ask/readAccount.ts';
import { type AccountState, openOrders, positionsOf } from '../desk.ts';
import { writeOrder } from '../order/writeOrder.ts';
import { stopFault } from '../protection/stopFault.ts';
import { unprotectedUntil } from '../rules/unprotected.ts';
import { settleSymbol } from '../settle/settleSymbol.ts';
import { raiseAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { noSuchAccount } from './accounts.ts';
import { type CommandOutcome, done } from './reply.ts';

/**
 * Opens entries again after something was found at the venue. `adopt`: it becomes its owner's, as if by hand, and a
 * position without a stop is asked for one. `ignore`: it stays foreign and untouched, and nobody enters on its symbol.
 */
export function resolveForeign(
  turn: Turn,
  accountId: string,
  decision: 'adopt' | 'ignore' = 'adopt',
): CommandOutcome {
  const state = turn.desk.accounts.get(accountId);
  if (state === undefined) return noSuchAccount(accountId);
  // What was ignored before can be adopted later.
  const symbols = decision === 'adopt' ? adoptAll(turn, state) : [];
  if (state.account.foreign === null && symbols.length === 0) return done();
  turn.emit('ForeignResolved', {
    account: { ...state.account, foreign: null, version: state.account.version + 1 },
  });
  for (const symbol of symbols) settleSymbol(turn, state, symbol);
  readAccount(turn, state);
  return done();
}

/** Symbols on which something was adopted. */
function adoptAll(turn: Turn, state: AccountState): string[] {
  const { accountId } = state.account;
  const symbols = new Set<string>();
  for (const order of [...openOrders(turn.desk, accountId)]) {
    if (order.foreign !== true) continue;
    writeOrder(turn, order, { ...order, foreign: false, updatedAt: turn.wallTime });
    symbols.add(order.symbol);
  }
  for (const position of positionsOf(turn.desk, accountId)) {
    if (position.foreign !== true) continue;
    adoptPosition(turn, position, stopsOf(turn, position));
    symbols.add(position.symbol);
  }
  return [...symbols];
}

function stopsOf(turn: Turn, position: Position): Order[] {
  return [...openOrders(turn.desk, position.accountId, position.symbol)].filter(
    (order) =>
      order.purpose === 'stop' &&
      order.botId === null &&
      !order.cancelRequested &&
      stopFault(position, order) === null,
  );
}

/** With the only stop that protects it; several are its owner's own arrangement. */
function adoptPosition(turn: Turn, position: Position, stops: readonly Order[]): void {
  const [stop] = stops;
  const taken =
    stop === undefined || stop.triggerPrice === null || stops.length > 1
      ? null
      : {
          state: 'resting' as const,
          orderId: stop.orderId,
          triggerPrice: stop.triggerPrice,
          size: stop.size,
        };
  const { accountId, symbol } = position;
  const venue = turn.desk.accounts.get(accountId)?.account.venue ?? '';
  const adopted: Position = {
    ...position,
    ...(taken === null ? null : unprotectedUntil(position, turn.context.marketTime(venue))),
    stop: taken,
    foreign: false,
    updatedAt: turn.wallTime,
  };
  turn.emit('PositionChanged', { position: adopted, trade: null });
  if (stops.length > 0) return;
  raiseAlert(turn, {
    alertId: `stop_missing:${accountId}:${symbol}`,
    severity: 'warning',
    code: 'stop_missing',
    figures: { symbol, direction: position.direction, size: position.size },
    accountId,
  });
}
