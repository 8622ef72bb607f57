import { type Decimal, eq, isZero } from '../../../shared/domain/decimal.ts';
import { isOpen, type Order, opposite } from '../../../shared/domain/order.ts';
import type { Position, StopState } from '../../../shared/domain/position.ts';
import { raiseAlert, resolveAlert } from '../alerts.ts';
import type { VenueFacts } from '../context.ts';
import { type AccountState, openOrders, positionOf } from '../desk.ts';
import { flatten } from '../order/flatten.ts';
import { requestCancel, submitOrder } from '../order/submit.ts';
import type { Turn } from '../turn.ts';
import { entryPrice, lossSide } from './stopPrice.ts';
import { unprotectedFrom, unprotectedUntil } from './unprotected.ts';

/**
 * Brings the resting stop of a position to what is wanted: placed where none is, resized and moved in the way the venue
 * allows, never taken away first. Called after everything that changes the position, its stop or our knowledge of it.
 */
export function guardPosition(turn: Turn, state: AccountState, symbol: string): void {
  const position = positionOf(turn.desk, state.account.accountId, symbol);
  const facts = turn.context.venue(state.account.venue);
  if (position === undefined || isZero(position.size) || facts === undefined) return;
  const stop = position.stop;
  if (stop === null) {
    placeFirstStop(turn, state, position);
    return;
  }
  const order = stop.orderId === null ? undefined : turn.desk.orders.get(stop.orderId);
  switch (stop.state) {
    case 'attached': {
      // The stop may have been told before the fill that made it.
      const known = [...openOrders(turn.desk, state.account.accountId, symbol)].find(
        (other) =>
          other.purpose === 'stop' &&
          other.venueOrderId !== null &&
          !other.cancelRequested &&
          other.triggerPrice === stop.triggerPrice,
      );
      if (known !== undefined) stopRests(turn, state, known);
      return;
    }
    case 'placing':
    case 'replacing':
    case 'triggered':
      // In flight: its answer, a push or a read brings it on.
      return;
    case 'none':
      if (!wasJustRefused(turn, position)) placeStop(turn, state, position, stop.triggerPrice);
      return;
    case 'failed':
      flatten(turn, state, symbol, 'stop_failed');
      return;
    case 'resting':
      if (order === undefined || !isOpen(order)) {
        // It ended without us: fired, or cancelled by somebody. What the venue has decides.
        const now = turn.context.marketTime(state.account.venue);
        const fired = order?.status === 'filled';
        setStop(turn, fired ? position : { ...position, ...unprotectedFrom(position, now) }, 'triggered');
        readAccount(turn, state);
        return;
      }
      if (needsChange(order, stop.triggerPrice, position.size, facts)) {
        replaceStop(turn, state, facts, position, order);
      }
  }
}

/** Closed orders looked through for a refused stop, newest first. */
const REFUSALS_LOOKED_AT = 20;

/** A venue that says "not now" is asked again at the next look, not at once: it would only say so again. */
function wasJustRefused(turn: Turn, position: Position): boolean {
  const { desk, context } = turn;
  for (const orderId of desk.closedOrderIds.slice(-REFUSALS_LOOKED_AT)) {
    const order = desk.orders.get(orderId);
    if (order?.purpose !== 'stop' || order.status !== 'rejected' || order.symbol !== position.symbol)
      continue;
    const isRecent = Math.abs(turn.wallTime - order.updatedAt) < context.settings.closeRetryMs;
    if (order.accountId === position.accountId && isRecent) return true;
  }
  return false;
}

function placeFirstStop(turn: Turn, state: AccountState, position: Position): void {
  const pct = position.protection.stopLossPct;
  const instrument = turn.context.instrument(state.account.venue, position.symbol);
  // By hand, without a stop asked for.
  if (pct === null || instrument === undefined) return;
  const triggerPrice = lossSide(position.direction, entryPrice(position), pct, instrument.tickSize);
  placeStop(turn, state, position, triggerPrice);
}

/** Sends a stop of its own for the whole position. */
export function placeStop(turn: Turn, state: AccountState, position: Position, triggerPrice: Decimal): void {
  const orderId = turn.id('stop', position.symbol, turn.desk.seq);
  const stop = { state: 'placing' as const, orderId, triggerPrice, size: position.size };
  turn.emit('PositionChanged', {
    position: {
      ...position,
      stop,
      ...unprotectedFrom(position, turn.context.marketTime(state.account.venue)),
      updatedAt: turn.wallTime,
    },
    trade: null,
  });
  submitStop(turn, state, position, orderId, triggerPrice);
}

function submitStop(
  turn: Turn,
  state: AccountState,
  position: Position,
  orderId: string,
  trigger: Decimal,
): void {
  submitOrder(turn, state, {
    orderId,
    botId: position.botId,
    symbol: position.symbol,
    side: opposite(position.direction === 'long' ? 'buy' : 'sell'),
    type: 'stop_market',
    purpose: 'stop',
    slot: 'stop',
    size: position.size,
    price: null,
    triggerPrice: trigger,
    timeInForce: 'gtc',
    reduceOnly: true,
    attachedStop: null,
  });
}

function needsChange(order: Order, trigger: Decimal, size: Decimal, facts: VenueFacts): boolean {
  if (order.triggerPrice === null || !eq(order.triggerPrice, trigger)) return true;
  return facts.capabilities.sizedStop && !eq(order.size, size);
}

/** Whether `order` still is the stop of a position as it was before the move that is under way. */
export function awaitsMove(turn: Turn, state: AccountState, position: Position, order: Order): boolean {
  const facts = turn.context.venue(state.account.venue);
  if (position.stop === null || facts === undefined || position.stop.orderId !== order.orderId) return false;
  return needsChange(order, position.stop.triggerPrice, position.stop.size, facts);
}

/** Amended in place where the venue can; else a new one first, and the old one cancelled once the new one rests. */
function replaceStop(
  turn: Turn,
  state: AccountState,
  facts: VenueFacts,
  position: Position,
  order: Order,
): void {
  if (position.stop === null) return;
  const { triggerPrice } = position.stop;
  if (facts.capabilities.amendStop) {
    setStop(turn, position, 'replacing', { size: position.size });
    const size = facts.capabilities.sizedStop ? { size: position.size } : {};
    turn.effect({ type: 'AmendOrder', venue: state.account.venue, order, change: { triggerPrice, ...size } });
    return;
  }
  // One stop only and no amending: the old one stays, looser but resting.
  if (facts.capabilities.positionStops === 'one') return;
  setStop(turn, position, 'replacing', { size: position.size });
  submitStop(turn, state, position, turn.id('stop', position.symbol, turn.desk.seq), triggerPrice);
}

/** A move whose answer is overdue is asked for again: meanwhile the stop rests where it was. */
export function retryMove(turn: Turn, state: AccountState, position: Position): void {
  const order = position.stop?.orderId == null ? undefined : turn.desk.orders.get(position.stop.orderId);
  const facts = turn.context.venue(state.account.venue);
  const isDue = turn.wallTime - position.updatedAt >= turn.context.settings.stopReadBackMs;
  if (!isDue || facts?.capabilities.amendStop !== true || order === undefined || !isOpen(order)) return;
  replaceStop(turn, state, facts, position, order);
}

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
  return next;
}

function marketTimeOf(turn: Turn, position: Position): number {
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

/** The stop of an open position was taken away at market time `at`, by whomever: from then on nothing protects it. */
export function stopTaken(turn: Turn, stop: Order, at: number): void {
  const position = positionOf(turn.desk, stop.accountId, stop.symbol);
  if (position?.stop?.orderId !== stop.orderId || position.unprotectedSince !== null) return;
  if (position.stop.state !== 'resting' && position.stop.state !== 'replacing') return;
  const since = Math.min(at, marketTimeOf(turn, position));
  turn.emit('PositionChanged', {
    position: { ...position, ...unprotectedFrom(position, since) },
    trade: null,
  });
}

/** The venue fired the stop: said once, whether its order or its fill arrives first. */
export function stopTriggered(turn: Turn, position: Position): void {
  if (position.stop === null || position.stop.state === 'triggered') return;
  turn.emit('StopTriggered', { position: { ...position, stop: { ...position.stop, state: 'triggered' } } });
}

export function readAccount(turn: Turn, state: AccountState): void {
  turn.effect({
    type: 'ReadAccount',
    accountId: state.account.accountId,
    venue: state.account.venue,
    cursor: state.cursor,
  });
}

/** A stop of ours is known to rest at the venue: the position is protected by it. `since`: market time, if told. */
export function stopRests(turn: Turn, state: AccountState, order: Order, since?: number): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  // One that is being cancelled protects no longer, whatever is still told of it.
  if (position?.stop == null || order.triggerPrice === null || order.cancelRequested) return;
  const former = position.stop.orderId;
  if (position.stop.state === 'resting' && former === order.orderId) {
    guardPosition(turn, state, order.symbol);
    return;
  }
  const current = former === null ? undefined : turn.desk.orders.get(former);
  if (
    position.stop.state === 'resting' &&
    current !== undefined &&
    isOpen(current) &&
    !current.cancelRequested
  ) {
    // A second one beside it: what is known to rest stays.
    if (order.botId === position.botId) requestCancel(turn, state, order);
    return;
  }
  setStop(turn, position, 'resting', { orderId: order.orderId, size: order.size }, since);
  resolveAlert(turn, `unprotected:${order.accountId}:${order.symbol}`);
  resolveAlert(turn, `stop:${order.accountId}:${order.symbol}`);
  // The former one goes last, and only ours.
  const old = former === null || former === order.orderId ? undefined : turn.desk.orders.get(former);
  if (old !== undefined && isOpen(old)) requestCancel(turn, state, old);
  guardPosition(turn, state, order.symbol);
}

/** What kind of refusal: not now, nothing to protect, or not at all. */
export type RefusedStop = 'passing' | 'no_position' | 'final';

/** A stop was refused: what protected before stays; where nothing did, the position is closed. */
export function stopRefused(
  turn: Turn,
  state: AccountState,
  order: Order,
  reason: string,
  why: RefusedStop,
): void {
  const position = positionOf(turn.desk, order.accountId, order.symbol);
  if (position?.stop == null) return;
  if (why === 'no_position') {
    // The venue has closed it already; the fills that say so are on their way.
    setStop(turn, position, 'triggered', { orderId: null });
    readAccount(turn, state);
    return;
  }
  const resting = [...openOrders(turn.desk, order.accountId, order.symbol)].find(
    (other) =>
      other.purpose === 'stop' &&
      other.orderId !== order.orderId &&
      other.venueOrderId !== null &&
      !other.cancelRequested,
  );
  if (resting !== undefined && resting.triggerPrice !== null) {
    setStop(turn, position, 'resting', { orderId: resting.orderId, triggerPrice: resting.triggerPrice });
    raiseAlert(turn, {
      alertId: `stop:${order.accountId}:${order.symbol}`,
      severity: 'warning',
      code: 'stop_replace_refused',
      message: `The venue refused to move the stop of ${order.symbol} (${reason}); the former one still rests.`,
      accountId: order.accountId,
      botId: order.botId,
    });
    return;
  }
  if (why === 'passing') {
    setStop(turn, position, 'none', { orderId: null });
    return;
  }
  const failed: Position = {
    ...position,
    ...measured(position, 'failed', marketTimeOf(turn, position)),
    stop: { ...position.stop, state: 'failed', orderId: null },
  };
  turn.emit('StopFailed', { position: failed, reason });
  raiseAlert(turn, {
    alertId: `stop:${order.accountId}:${order.symbol}`,
    severity: 'critical',
    code: 'stop_failed',
    message: `The venue refused the stop of ${order.symbol} (${reason}); the position is being closed.`,
    accountId: order.accountId,
    botId: order.botId,
  });
  flatten(turn, state, order.symbol, 'stop_failed');
}
