import {
  add,
  type Decimal,
  isZero,
  mul,
  mulDiv,
  neg,
  ONE,
  sub,
  ZERO,
} from '../../../../shared/domain/decimal.ts';
import type { Side } from '../../../../shared/domain/order.ts';
import type { VenueBill } from '../../../ports/venue.ts';
import { SETTLE_COIN } from '../prices/instruments.ts';
import { positionView } from './margin.ts';
import {
  configOf,
  type HeldPosition,
  type KeptFill,
  mustInstrument,
  newId,
  type VenueTurn,
} from './state.ts';

export interface Execution {
  venueOrderId: string;
  clientOrderId: string | null;
  symbol: string;
  side: Side;
  price: Decimal;
  size: Decimal;
  liquidity: 'maker' | 'taker';
  source: KeptFill['source'];
}

export const sideOf = (position: HeldPosition): Side => (position.direction === 'long' ? 'buy' : 'sell');
export const closingSide = (position: HeldPosition): Side => (position.direction === 'long' ? 'sell' : 'buy');

/**
 * Books one execution: position, balance, fill. It must not cross flat: the caller splits an execution that turns a
 * position around into the part that closes and the part that opens. True: the position is flat now.
 */
export function bookExecution(turn: VenueTurn, execution: Execution): boolean {
  const { state, market } = turn;
  const { symbol, side, price, size } = execution;
  const value = mul(price, size);
  const instrument = mustInstrument(market, symbol);
  const rate = execution.liquidity === 'maker' ? instrument.makerFeeRate : instrument.takerFeeRate;
  const fee = mulDiv(value, rate, ONE);
  const held = state.positions[symbol];
  let realised: Decimal = ZERO;
  let after: HeldPosition;
  if (held === undefined) {
    after = { symbol, direction: side === 'buy' ? 'long' : 'short', size, cost: value };
  } else if (sideOf(held) === side) {
    after = { ...held, size: add(held.size, size), cost: add(held.cost, value) };
  } else {
    const released = size === held.size ? held.cost : mulDiv(held.cost, size, held.size);
    realised = held.direction === 'long' ? sub(value, released) : sub(released, value);
    after = { ...held, size: sub(held.size, size), cost: sub(held.cost, released) };
  }
  const { otherFeeCoin } = turn.profile;
  const feeCoin = otherFeeCoin !== null && state.cursors.fills % 2 === 1 ? otherFeeCoin : SETTLE_COIN;
  state.balance = sub(add(state.balance, realised), feeCoin === SETTLE_COIN ? fee : ZERO);
  const flat = isZero(after.size);
  if (flat) delete state.positions[symbol];
  else state.positions[symbol] = after;
  turn.out.push({
    type: 'fill',
    accountId: state.accountId,
    fill: {
      fillId: newId(state, 'f'),
      ...execution,
      fee,
      feeCoin,
      realisedPnl: realised,
      ts: turn.now,
      cursor: ++state.cursors.fills,
    },
  });
  pushPosition(turn, after, flat);
  return flat;
}

function pushPosition(turn: VenueTurn, position: HeldPosition, flat: boolean): void {
  const { state, market } = turn;
  const view = flat
    ? { ...position, ...configOf(state, position.symbol), liquidationPrice: null }
    : positionView(state, market, position);
  turn.out.push({ type: 'position', accountId: state.accountId, position: view });
}

/** Changes the balance other than by trading; nothing happens for an amount of zero. */
export function bookBill(
  turn: VenueTurn,
  kind: VenueBill['kind'],
  amount: Decimal,
  symbol: string | null,
): void {
  if (isZero(amount)) return;
  const { state } = turn;
  state.balance = add(state.balance, amount);
  turn.out.push({
    type: 'bill',
    accountId: state.accountId,
    bill: {
      billId: newId(state, 'b'),
      coin: SETTLE_COIN,
      symbol,
      kind,
      amount,
      ts: turn.now,
      cursor: ++state.cursors.bills,
    },
  });
}

/** Longs pay shorts `rate` × notional at the mark when it is positive, and the other way round. */
export function bookFunding(turn: VenueTurn, rateOf: (symbol: string) => Decimal): void {
  for (const position of Object.values(turn.state.positions)) {
    const notional = mul(position.size, turn.market.quote(position.symbol).mark);
    const paid = mulDiv(notional, rateOf(position.symbol), ONE);
    bookBill(turn, 'funding', position.direction === 'long' ? neg(paid) : paid, position.symbol);
  }
}
