import { div, eq, isZero, ZERO } from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { VenuePosition } from '../../ports/venue.ts';
import { forgetOthers, isShownAgain, OF_POSITION } from '../ask/shownAgain.ts';
import { type AccountState, positionsOf } from '../desk.ts';
import type { InputOf } from '../inputs.ts';
import { reportForeign } from '../ledger/reportForeign.ts';
import { liquidationPrice } from '../rules/liquidationPrice.ts';
import { resolveAlertsOfPosition } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';

/**
 * Compares positions with those of a reading that no push has overtaken. One that differs is taken as the venue has it once
 * another reading shows the same: the first may have missed it, or been of a moment before; and not while something is to
 * explain it (`mayBeTaken`). Returns whether all agree by now.
 */
export function reconcilePositions(
  turn: Turn,
  state: AccountState,
  { state: venue, startedAt }: InputOf<'AccountRead'>,
  mayBeTaken: boolean,
): boolean {
  const { accountId } = state.account;
  const theirs = new Map(venue.positions.filter((p) => !isZero(p.size)).map((p) => [p.symbol, p]));
  const ours = new Map(positionsOf(turn.desk, accountId).map((p) => [p.symbol, p]));
  const doubted = new Set<string>();
  for (const symbol of new Set([...ours.keys(), ...theirs.keys()])) {
    const [held, seen] = [ours.get(symbol), theirs.get(symbol)];
    const subject = `${OF_POSITION}${symbol}`;
    if (held !== undefined && seen !== undefined && isSameHolding(held, seen)) takeTerms(turn, held, seen);
    else if (!isShownAgain(turn, state, subject, `${say(seen)}, not ${say(held)}`, startedAt) || !mayBeTaken)
      doubted.add(subject);
    else if (seen !== undefined) adoptPosition(turn, state, held, seen);
    else if (held !== undefined) endPosition(turn, state, held);
  }
  forgetOthers(turn, state, OF_POSITION, doubted);
  return doubted.size === 0;
}

type Holding = Pick<VenuePosition, 'direction' | 'size'>;

const isSameHolding = (a: Holding, b: Holding): boolean => eq(a.size, b.size) && a.direction === b.direction;

const say = (held: Holding | undefined): string =>
  held === undefined ? 'flat' : `${held.direction} ${held.size}`;

/** The fills that closed it are beyond the venue's memory, or it never was: the venue has the last word. */
function endPosition(turn: Turn, state: AccountState, ours: Position): void {
  turn.emit('PositionChanged', {
    position: { ...ours, size: ZERO, cost: ZERO, stop: null, unprotectedSince: null },
    trade: null,
  });
  resolveAlertsOfPosition(turn, ours.accountId, ours.symbol);
  reportForeign(turn, state, { code: 'closed', figures: { symbol: ours.symbol } }, ours.foreign);
}

/** Where it is liquidated and with which leverage is the venue's to say. */
function takeTerms(turn: Turn, ours: Position, seen: VenuePosition): void {
  const { liquidationPrice: price, leverage, marginMode } = seen;
  if (ours.liquidationPrice === price && ours.leverage === leverage && ours.marginMode === marginMode) return;
  const position = { ...ours, liquidationPrice: price, leverage, marginMode };
  turn.emit('PositionChanged', { position, trade: null });
}

function adoptPosition(
  turn: Turn,
  state: AccountState,
  ours: Position | undefined,
  seen: VenuePosition,
): void {
  // The one that these were about has ended.
  if (ours !== undefined && ours.direction !== seen.direction)
    resolveAlertsOfPosition(turn, ours.accountId, ours.symbol);
  const instrument = turn.context.instrument(state.account.venue, seen.symbol);
  const liquidation =
    seen.liquidationPrice ??
    (instrument === undefined
      ? null
      : liquidationPrice(
          instrument,
          seen.direction,
          div(seen.cost, seen.size),
          seen.leverage,
          seen.marginMode,
        ));
  turn.emit('PositionChanged', {
    position: {
      accountId: state.account.accountId,
      symbol: seen.symbol,
      botId: null,
      fees: ZERO,
      funding: ZERO,
      realisedPnl: ZERO,
      openedAt: turn.context.marketTime(state.account.venue),
      stop: null,
      protection: {
        stopLossPct: null,
        trailing: null,
        breakEvenAtPct: null,
        breakEvenDone: false,
        takeProfits: [],
        waits: [],
        exits: [],
        partialsTaken: [],
        close: null,
      },
      closedSize: ZERO,
      closedValue: ZERO,
      unprotectedSince: null,
      unprotectedMs: 0,
      ...(ours?.direction === seen.direction ? ours : { foreign: true }),
      direction: seen.direction,
      size: seen.size,
      cost: seen.cost,
      openedSize: seen.size,
      openedCost: seen.cost,
      leverage: seen.leverage,
      marginMode: seen.marginMode,
      liquidationPrice: liquidation,
      updatedAt: turn.wallTime,
    },
    trade: null,
  });
  const { direction, size, symbol } = seen;
  reportForeign(turn, state, { code: 'position', figures: { direction, size, symbol } }, ours?.foreign);
}
