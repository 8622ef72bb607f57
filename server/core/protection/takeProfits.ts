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
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { raiseAlert } from '../alerts.ts';
import { type AccountState, botPosition, openOrders } from '../desk.ts';
import { submitOrder } from '../order/submit.ts';
import type { Turn } from '../turn.ts';
import { isCloseDue } from './closeDue.ts';
import { takenBy } from './partialExit.ts';
import { entryPrice, gainSide } from './stopPrice.ts';

/** Attempts at placing one take-profit before its owner is told; its stop protects meanwhile. */
const TAKE_PROFIT_ATTEMPTS = 3;

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
  for (const rung of ladder(position, instrument)) {
    if (
      position.protection.partialsTaken.includes(rung.slot) ||
      working.some((order) => order.slot === rung.slot)
    )
      continue;
    const size = sub(rung.size, takenBy(position, rung.slot));
    // What is left of it is dust: no venue takes an order for it.
    if (lt(size, instrument.minSize) && size !== position.size) continue;
    const tried = attemptsOf(turn, position, rung.slot);
    const attempt = tried.length;
    if (attempt >= TAKE_PROFIT_ATTEMPTS) {
      raiseAlert(turn, {
        alertId: `take_profit:${position.accountId}:${position.symbol}`,
        severity: 'warning',
        code: 'take_profit_refused',
        message: `The venue refused take-profit ${rung.slot} of ${position.symbol}; its stop still protects it.`,
        accountId: position.accountId,
        botId: bot.botId,
      });
      continue;
    }
    submitOrder(turn, state, {
      orderId: turn.id('tp', bot.botId, bot.symbol, position.openedAt, rung.slot, attempt),
      botId: bot.botId,
      symbol: bot.symbol,
      side: position.direction === 'long' ? 'sell' : 'buy',
      type: 'limit',
      purpose: 'take_profit',
      slot: rung.slot,
      size,
      price: gainSide(position.direction, entryPrice(position), rung.atPct, instrument.tickSize),
      triggerPrice: null,
      timeInForce: 'gtc',
      reduceOnly: true,
      attachedStop: null,
    });
  }
}

/** Orders already tried for this rung of this position, which ended before the rung was taken. */
function attemptsOf(turn: Turn, position: Position, slot: string): Order[] {
  const { botId, symbol, openedAt } = position;
  const tried: Order[] = [];
  while (tried.length < TAKE_PROFIT_ATTEMPTS) {
    const order = turn.desk.orders.get(turn.id('tp', botId ?? '', symbol, openedAt, slot, tried.length));
    if (order === undefined) break;
    tried.push(order);
  }
  return tried;
}
