import type { VenueEnding } from '../../../shared/domain/cause.ts';
import { add, type Decimal, dec, gt, gte, isZero, mul, sub, ZERO } from '../../../shared/domain/decimal.ts';
import { type Order, opposite } from '../../../shared/domain/order.ts';
import { isMeant } from '../../adapters/simulated/account/orderRef.ts';
import { type Holding, positionAfterFill } from '../../core/rules/positionAfterFill.ts';
import type {
  AmendChange,
  VenueAccountState,
  VenueBill,
  VenueFill,
  VenueOrder,
  VenuePosition,
  VenuePush,
} from '../../ports/venue.ts';
import { orderRef } from '../../runtime/orderRef.ts';

type TradeOptions = Partial<
  Pick<
    VenueFill,
    'source' | 'fee' | 'feeCoin' | 'realisedPnl' | 'liquidity' | 'clientOrderId' | 'venueOrderId'
  >
>;

const FEE_RATE = dec('0.0006');

/**
 * One account at a venue that does exactly what a test says: it keeps its own books, and what it would push lies in
 * `pushes` until the test delivers, reorders or loses it.
 */
export class ScriptedVenue {
  readonly orders = new Map<string, VenueOrder>();
  readonly fills: VenueFill[] = [];
  readonly bills: VenueBill[] = [];
  readonly positions = new Map<string, Holding>();
  pushes: VenuePush[] = [];
  balance: Decimal = ZERO;
  leverage = 1;
  marginMode: 'isolated' | 'cross' = 'isolated';
  /** Of each position; null: it tells none. */
  liquidationPrice: Decimal | null = null;
  marketTime = 0;
  /** Whether a stop made of an attached one names the entry it came with. */
  namesParent = true;
  /** Whether an amendment puts another order into the place of the one that was. */
  renames = false;
  /** Whether a stop that fires becomes an order of the venue's own. */
  firesAnew = false;
  readonly #attached = new Map<string, NonNullable<Order['attachedStop']>>();
  /** Of the newest fill and bill. */
  readonly cursors = { fills: 0, bills: 0 };
  #made = 0;

  constructor(readonly accountId: string) {}

  bill(kind: VenueBill['kind'], amount: string, symbol: string | null = null): VenueBill {
    this.cursors.bills += 1;
    const bill: VenueBill = {
      billId: `b${this.cursors.bills}`,
      coin: 'USDT',
      symbol,
      kind,
      amount: dec(amount),
      ts: this.marketTime,
      cursor: this.cursors.bills,
    };
    this.balance = add(this.balance, bill.amount);
    this.bills.push(bill);
    this.pushes.push({ type: 'bill', accountId: this.accountId, bill });
    return bill;
  }

  place(order: Order): VenueOrder {
    const seen = this.rest({
      clientOrderId: order.orderId,
      symbol: order.symbol,
      side: order.side,
      type: order.type,
      size: order.size,
      price: order.price,
      triggerPrice: order.triggerPrice,
      triggerBy: order.triggerBy,
      reduceOnly: order.reduceOnly,
    });
    if (order.attachedStop !== null) this.#attached.set(seen.venueOrderId, order.attachedStop);
    return seen;
  }

  /** Puts an order into the venue's book, whoever it is from. */
  rest(order: Partial<VenueOrder> & Pick<VenueOrder, 'symbol' | 'side' | 'type' | 'size'>): VenueOrder {
    const seen: VenueOrder = {
      venueOrderId: this.#nextId(),
      clientOrderId: null,
      parentClientOrderId: null,
      replacesOrderId: null,
      becameOrderId: null,
      price: null,
      triggerPrice: null,
      triggerBy: null,
      reduceOnly: false,
      status: 'open',
      filledSize: ZERO,
      reason: null,
      ts: this.marketTime,
      ...order,
    };
    return this.#keep(seen);
  }

  /** Executes `size` of a working order at `price`; the first fill of an entry makes its attached stop. */
  trade(venueOrderId: string, size: Decimal, price: Decimal, options: TradeOptions = {}): VenueFill {
    const order = this.get(venueOrderId);
    const filledSize = add(order.filledSize, size);
    const status = gte(filledSize, order.size ?? filledSize) ? 'filled' : 'partially_filled';
    const fill = this.execute(order, size, price, options);
    const stop = this.#attached.get(venueOrderId);
    if (stop !== undefined) {
      this.#attached.delete(venueOrderId);
      this.rest({
        parentClientOrderId: this.namesParent ? order.clientOrderId : null,
        symbol: order.symbol,
        side: opposite(order.side),
        type: 'stop_market',
        size: order.size,
        triggerPrice: stop.triggerPrice,
        triggerBy: stop.triggerBy,
        reduceOnly: true,
      });
    }
    this.#keep({ ...order, filledSize, status });
    return fill;
  }

  /** A fill that no order of ours caused, or one of the venue's own. */
  execute(
    order: Pick<VenueOrder, 'symbol' | 'side' | 'venueOrderId' | 'clientOrderId'>,
    size: Decimal,
    price: Decimal,
    options: TradeOptions = {},
  ): VenueFill {
    const effect = positionAfterFill(this.positions.get(order.symbol), order.side, price, size);
    if (isZero(effect.after.size)) this.positions.delete(order.symbol);
    else this.positions.set(order.symbol, effect.after);
    this.cursors.fills += 1;
    const fill: VenueFill = {
      fillId: `f${this.cursors.fills}`,
      venueOrderId: order.venueOrderId,
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      price,
      size,
      fee: mul(mul(price, size), FEE_RATE),
      feeCoin: 'USDT',
      realisedPnl: effect.realised,
      liquidity: 'taker',
      source: 'order',
      ts: this.marketTime,
      cursor: this.cursors.fills,
      ...options,
    };
    this.balance = add(this.balance, sub(effect.realised, fill.feeCoin === 'USDT' ? fill.fee : ZERO));
    this.fills.push(fill);
    this.pushes.push({ type: 'fill', accountId: this.accountId, fill });
    return fill;
  }

  /** A resting stop fires and closes what is open, up to its size. */
  trigger(venueOrderId: string, price: Decimal): VenueFill {
    const open = this.positions.get(this.get(venueOrderId).symbol)?.size ?? ZERO;
    if (this.firesAnew)
      return this.trade(this.fire(venueOrderId).venueOrderId, open, price, { source: 'stop' });
    const stop = this.#keep({ ...this.get(venueOrderId), status: 'triggered' });
    const size = stop.size ?? open;
    const fill = this.trade(venueOrderId, gt(size, open) ? open : size, price, { source: 'stop' });
    // What it was too large for ends with the position: a stop that fired does not rest any more.
    if (this.get(venueOrderId).status !== 'filled') this.end(venueOrderId, 'cancelled', 'position_closed');
    return fill;
  }

  /** A stop fires, and becomes the order that is returned: nothing has traded yet. */
  fire(venueOrderId: string): VenueOrder {
    const stop = this.get(venueOrderId);
    const becameOrderId = this.#nextId();
    this.#keep({ ...stop, status: 'triggered', becameOrderId });
    const { symbol, side } = stop;
    const size = this.positions.get(symbol)?.size ?? ZERO;
    return this.rest({ venueOrderId: becameOrderId, symbol, side, size, type: 'market', reduceOnly: true });
  }

  end(venueOrderId: string, status: 'cancelled' | 'expired', reason: VenueEnding | null = null): VenueOrder {
    return this.#keep({ ...this.get(venueOrderId), status, reason });
  }

  amend(venueOrderId: string, change: AmendChange): VenueOrder {
    const before = this.get(venueOrderId);
    if (!this.renames) return this.#keep({ ...before, ...change });
    this.orders.delete(venueOrderId);
    return this.rest({ ...before, ...change, venueOrderId: this.#nextId(), replacesOrderId: venueOrderId });
  }

  /** The venue shows an order otherwise than it was asked for. */
  rewrite(venueOrderId: string, change: Partial<VenueOrder>): VenueOrder {
    return this.#keep({ ...this.get(venueOrderId), ...change });
  }

  /** By the name that goes out for it. */
  find(order: Order): VenueOrder | null {
    const ref = orderRef(order);
    for (const seen of this.orders.values()) if (isMeant(order.symbol, ref, seen)) return seen;
    return null;
  }

  /** Working orders and resting stops. */
  working(): VenueOrder[] {
    return [...this.orders.values()].filter(
      (order) => order.status === 'open' || order.status === 'partially_filled',
    );
  }

  /** The stop that came with an entry, where nothing else works. */
  madeStop(): VenueOrder {
    const [made] = this.working();
    if (made === undefined) throw new Error('the venue made no stop');
    return made;
  }

  state(): VenueAccountState {
    const positions: VenuePosition[] = [...this.positions].map(([symbol, held]) => ({
      symbol,
      direction: held.direction,
      size: held.size,
      cost: held.cost,
      leverage: this.leverage,
      marginMode: this.marginMode,
      liquidationPrice: this.liquidationPrice,
    }));
    return {
      balances: { USDT: this.balance },
      positions,
      orders: this.working(),
      cursors: { ...this.cursors },
      marketTime: this.marketTime,
    };
  }

  get(venueOrderId: string): VenueOrder {
    const order = this.orders.get(venueOrderId);
    if (order === undefined) throw new Error(`the venue has no order ${venueOrderId}`);
    return order;
  }

  #nextId(): string {
    this.#made += 1;
    return `v${this.#made}`;
  }

  #keep(order: VenueOrder): VenueOrder {
    const kept = { ...order, ts: this.marketTime };
    this.orders.set(kept.venueOrderId, kept);
    this.pushes.push({ type: 'order', accountId: this.accountId, order: kept });
    return kept;
  }
}
