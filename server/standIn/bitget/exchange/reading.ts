import { add, type Decimal, max, sub, sum, ZERO } from '../../../../shared/domain/decimal.ts';
import {
  available,
  liquidationPrice,
  maintenance,
  positionMargin,
  unrealised,
} from '../../../adapters/simulated/account/margin.ts';
import type { SimulatedAccount } from '../../../adapters/simulated/account/state.ts';
import type { Books } from './books.ts';
import { keyOf, symbolOf } from './legs.ts';
import type { Prices } from './prices.ts';
import type { BillRecord, FillRecord, OrderRecord, PositionRecord, StrategyRecord } from './records.ts';

/** A position with what prices make of it. */
export interface PositionView extends PositionRecord {
  mark: Decimal;
  unrealised: Decimal;
  margin: Decimal;
  maintenance: Decimal;
  maintenanceRate: Decimal;
  liquidation: Decimal | null;
  leverage: number;
  available: Decimal;
  frozen: Decimal;
}

export interface Money {
  balance: Decimal;
  unrealised: Decimal;
  equity: Decimal;
  available: Decimal;
  /** Margins of positions, and what orders set aside. */
  initial: Decimal;
  maintenance: Decimal;
  locked: Decimal;
}

/** What an account's queries show, of one moment. */
export interface Reading {
  money: Money;
  positions: PositionView[];
  openOrders: OrderRecord[];
  /** Orders that have ended, oldest first. */
  endedOrders: OrderRecord[];
  strategies: StrategyRecord[];
  fills: FillRecord[];
  bills: BillRecord[];
  endedPositions: PositionRecord[];
}

/** The books as they are whenever they are looked at; only what is asked for is reckoned. */
export class LiveReading implements Reading {
  readonly #books: Books;
  readonly #state: SimulatedAccount;
  readonly #prices: Prices;

  constructor(books: Books, state: SimulatedAccount, prices: Prices) {
    this.#books = books;
    this.#state = state;
    this.#prices = prices;
  }

  get money(): Money {
    return moneyOf(this.positions, this.#state, this.#prices);
  }

  get positions(): PositionView[] {
    return [...this.#books.positions.values()].map((held) =>
      viewOf(held, this.#books, this.#state, this.#prices),
    );
  }

  get openOrders(): OrderRecord[] {
    return [...this.#books.working.values()];
  }

  get endedOrders(): OrderRecord[] {
    return [...this.#books.orders.values()].filter(({ orderId }) => !this.#books.working.has(orderId));
  }

  get strategies(): StrategyRecord[] {
    return [...this.#books.strategies.values()];
  }

  get fills(): FillRecord[] {
    return this.#books.fills;
  }

  get bills(): BillRecord[] {
    return this.#books.bills;
  }

  get endedPositions(): PositionRecord[] {
    return this.#books.ended;
  }
}

export function viewOf(
  held: PositionRecord,
  books: Books,
  state: SimulatedAccount,
  prices: Prices,
): PositionView {
  const key = keyOf(held);
  const { mark } = prices.quote(key);
  const instrument = prices.instrument(key);
  const inner = { symbol: key, direction: held.direction, size: held.size, cost: held.cost };
  const closing = [...books.working.values()].filter((order) => order.closes && keyOf(order) === key);
  const frozen = sum(closing.map((order) => sub(order.qty, order.filled)));
  const rate = instrument?.maintenanceMarginRate ?? ZERO;
  const isOpen = state.positions[key] !== undefined;
  return {
    ...held,
    mark,
    unrealised: unrealised(inner, mark),
    margin: positionMargin(state, inner),
    maintenance: instrument === undefined ? ZERO : maintenance(inner, mark, instrument),
    maintenanceRate: rate,
    liquidation: isOpen ? liquidationPrice(state, prices, inner) : null,
    leverage: state.config[key]?.leverage ?? 1,
    frozen,
    available: max(sub(held.size, frozen), ZERO),
  };
}

function moneyOf(positions: PositionView[], state: SimulatedAccount, prices: Prices): Money {
  const profit = sum(positions.map((position) => position.unrealised));
  const equity = add(state.balance, profit);
  const free = max(available(state, prices), ZERO);
  return {
    balance: state.balance,
    unrealised: profit,
    equity,
    available: free,
    initial: sum(positions.map(({ margin }) => margin)),
    maintenance: sum(positions.map((position) => position.maintenance)),
    locked: max(sub(state.balance, free), ZERO),
  };
}

/** Whether anything of the account is at this symbol. */
export const isBusy = (state: SimulatedAccount, symbol?: string): boolean =>
  [...Object.keys(state.positions), ...state.orders.map((order) => order.symbol)].some(
    (key) => symbol === undefined || symbolOf(key) === symbol,
  );
