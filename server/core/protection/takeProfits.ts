import type { Bot } from '../../../shared/domain/bot.ts';
import {
  add,
  type Decimal,
  gte,
  isZero,
  lt,
  mul,
  roundToStep,
  sub,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Position, WaitingTarget } from '../../../shared/domain/position.ts';
import { type AccountState, botPosition, openOrders } from '../desk.ts';
import { requestCancel } from '../order/submit.ts';
import { entryPrice, gainSide } from '../rules/priceSides.ts';
import type { Turn } from '../turn/turn.ts';
import { isCloseDue } from './closeDue.ts';
import { takenBy } from './partialExit.ts';
import { hasStrayed, placeTarget, showWaits } from './targets.ts';

export interface Rung {
  slot: string;
  atPct: Decimal;
  size: Decimal;
}

/** Shares of the size that was opened, on the step grid; a rung below the minimum joins its neighbour, the last takes the rest. */
export function ladder(position: Position, instrument: Instrument): Rung[] {
  const { takeProfits } = position.protection;
  const rungs: Rung[] = [];
  let carried: Decimal = ZERO;
  let placed: Decimal = ZERO;
  takeProfits.forEach((rung, index) => {
    const isLast = index === takeProfits.length - 1;
    const share = roundToStep(mul(position.openedSize, rung.share), instrument.sizeStep, 'down');
    const size = isLast ? sub(position.openedSize, placed) : add(share, carried);
    if (!isLast && !gte(size, instrument.minSize)) {
      carried = size;
      return;
    }
    carried = ZERO;
    placed = add(placed, size);
    if (!isZero(size)) rungs.push({ slot: rung.slot, atPct: rung.atPct, size });
  });
  const last = rungs.at(-1);
  const former = rungs.at(-2);
  if (last === undefined || former === undefined || gte(last.size, instrument.minSize)) return rungs;
  // The rest would be dust that no venue takes: it goes with the rung before.
  return [...rungs.slice(0, -2), { ...former, size: add(former.size, last.size) }];
}

/** Places the rungs that neither rest nor were taken, once the entry has ended and its size is known. */
export function placeTakeProfits(turn: Turn, state: AccountState, bot: Bot): void {
  const position = botPosition(turn.desk, bot);
  const instrument = turn.context.instrument(state.account.venue, bot.symbol);
  if (position === undefined || instrument === undefined || bot.closing || bot.state === 'stopping') return;
  if (position.stop?.state === 'failed' || isCloseDue(turn, position)) return;
  const working = [...openOrders(turn.desk, bot.accountId, bot.symbol)];
  if (working.some((order) => order.purpose === 'entry' || order.purpose === 'close')) return;
  const mark = turn.context.quote(state.account.venue, bot.symbol)?.mark;
  const { direction } = position;
  const waits: WaitingTarget[] = [];
  for (const { slot, atPct, size: whole } of ladder(position, instrument)) {
    if (position.protection.partialsTaken.includes(slot)) continue;
    const price = gainSide(direction, entryPrice(position), atPct, instrument.tickSize);
    const resting = working.find((order) => order.slot === slot);
    if (resting !== undefined) {
      if (mark !== undefined && hasStrayed(resting, direction, price, mark))
        requestCancel(turn, state, resting);
      continue;
    }
    const size = sub(whole, takenBy(position, slot));
    // What is left of it is dust: no venue takes an order for it.
    if (lt(size, instrument.minSize) && size !== position.size) continue;
    const wait = placeTarget(turn, state, position, instrument, { slot, price, size });
    if (wait !== undefined) waits.push(wait);
  }
  showWaits(turn, bot.accountId, bot.symbol, waits);
}
