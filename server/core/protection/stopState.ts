import type { Cause } from '../../../shared/domain/cause.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position, StopState } from '../../../shared/domain/position.ts';
import { pauseForStop } from '../botState/pauseForStop.ts';
import { type AccountState, openOrders, positionOf } from '../desk.ts';
import { flatten } from '../order/flatten.ts';
import { unprotectedFrom, unprotectedUntil } from '../rules/unprotected.ts';
import { raiseAlert, resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

type StopChange = Partial<NonNullable<Position['stop']>>;

/**
 * Records where the stop stands, and how long nothing protects the position. `at`: the market time of what is recorded,
 * when the venue has told it.
 */
export function setStop(
  turn: Turn,
  position: Position,
  stopState: StopState,
  change: StopChange = {},
  at: number = marketTimeOf(turn, position),
): Position {
  if (position.stop === null) return position;
  const stop = { ...position.stop, ...change, state: stopState };
  const next: Position = {
    ...position,
    ...measured(position, stopState, at),
    stop,
    updatedAt: turn.wallTime,
  };
  const kind =
    stopState !== 'resting'
      ? 'PositionChanged'
      : position.stop.state === 'replacing'
        ? 'StopReplaced'
        : 'StopPlaced';
  if (kind === 'PositionChanged') turn.emit(kind, { position: next, trade: null });
  else turn.emit(kind, { position: next });
  if (next.unprotectedSince === null)
    resolveAlert(turn, `unprotected:${position.accountId}:${position.symbol}`);
  return next;
}

export function marketTimeOf(turn: Turn, position: Position): number {
  return turn.context.marketTime(turn.desk.accounts.get(position.accountId)?.account.venue ?? '');
}

function measured(
  position: Position,
  to: StopState,
  at: number,
): Pick<Position, 'unprotectedSince' | 'unprotectedMs'> {
  // One that was to come with the entry and is not there never was.
  const from = position.stop?.state === 'attached' ? position.openedAt : at;
  if (to === 'none' || to === 'failed') return unprotectedFrom(position, from);
  // Fired, the position is being closed; gone without a word, it counts until something is known.
  if (to === 'triggered' || to === 'placing') return position;
  return unprotectedUntil(position, at);
}

/**
 * A stop of an open position was taken away at market time `at`, by whomever: from then on nothing protects it, or the
 * one that it was to replace still does.
 */
export function stopTaken(turn: Turn, stop: Order, at: number): void {
  const position = positionOf(turn.desk, stop.accountId, stop.symbol);
  if (position?.stop?.state === 'replacing' && position.stop.orderId !== stop.orderId)
    keepFormer(turn, position, position.stop.orderId);
  if (position?.stop?.orderId !== stop.orderId || position.unprotectedSince !== null) return;
  if (position.stop.state !== 'resting' && position.stop.state !== 'replacing') return;
  const since = Math.min(at, marketTimeOf(turn, position));
  turn.emit('PositionChanged', {
    position: { ...position, ...unprotectedFrom(position, since) },
    trade: null,
  });
}

/** What was to replace a stop is gone; unless another is on its way, the former one is looked at anew. */
function keepFormer(turn: Turn, position: Position, orderId: string | null): void {
  const { accountId, symbol } = position;
  const venue = turn.desk.accounts.get(accountId)?.account.venue ?? '';
  if (turn.context.venue(venue)?.capabilities.amendStop !== false) return;
  let former: Order | undefined;
  for (const order of openOrders(turn.desk, accountId, symbol)) {
    if (order.purpose !== 'stop' || order.cancelRequested || order.foreign === true) continue;
    if (order.orderId !== orderId) return;
    former = order;
  }
  if (former === undefined || former.triggerPrice === null) return;
  setStop(turn, position, 'resting', { triggerPrice: former.triggerPrice, size: former.size });
}

/** The venue fired the stop: said once, whether its order or its fill arrives first. */
export function stopTriggered(turn: Turn, position: Position): void {
  if (position.stop === null || position.stop.state === 'triggered') return;
  turn.emit('StopTriggered', { position: { ...position, stop: { ...position.stop, state: 'triggered' } } });
}

/** No stop can be had for this position: it is closed, aloud, and its bot does not go back in by itself. */
export function stopFailed(turn: Turn, state: AccountState, position: Position, reason: Cause): void {
  if (position.stop === null || position.stop.state === 'failed') return;
  const { accountId, symbol, botId } = position;
  const failed: Position = {
    ...position,
    ...measured(position, 'failed', marketTimeOf(turn, position)),
    stop: { ...position.stop, state: 'failed', orderId: null },
    updatedAt: turn.wallTime,
  };
  turn.emit('StopFailed', { position: failed, reason });
  raiseAlert(turn, {
    alertId: `stop:${accountId}:${symbol}`,
    severity: 'critical',
    code: 'stop_failed',
    figures: { symbol, cause: reason },
    accountId,
    botId,
  });
  pauseForStop(turn, position, reason);
  flatten(turn, state, symbol, 'stop_failed');
}

/** A stop set by hand cannot be had: the position was open without one before, by its owner's choice, and is so again. */
export function dropStopByHand(turn: Turn, position: Position, reason: Cause): void {
  const { accountId, symbol, botId } = position;
  turn.emit('PositionChanged', {
    position: {
      ...position,
      ...unprotectedUntil(position, marketTimeOf(turn, position)),
      stop: null,
      updatedAt: turn.wallTime,
    },
    trade: null,
  });
  // What was said of its stop is over with it.
  for (const name of ['unprotected', 'liquidation', 'stop_differs'])
    resolveAlert(turn, `${name}:${accountId}:${symbol}`);
  raiseAlert(turn, {
    alertId: `stop:${accountId}:${symbol}`,
    severity: 'warning',
    code: 'stop_replace_refused',
    figures: { symbol, cause: reason, left: 'none' },
    accountId,
    botId,
  });
}
