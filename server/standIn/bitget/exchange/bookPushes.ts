import { add, type Decimal, mulDiv, sub, ZERO } from '../../../../shared/domain/decimal.ts';
import type { AccountPush } from '../../../adapters/simulated/account/state.ts';
import type { VenueBill, VenueFill, VenueOrder, VenuePosition } from '../../../ports/venue.ts';
import type { Books } from './books.ts';
import type { Ids } from './ids.ts';
import { keyOf, placeOf } from './legs.ts';
import type { AccountEvent, FillRecord, OrderOrigin, OrderRecord, PositionRecord } from './records.ts';

/** BGB per USDT, about. */
const BGB_PRICE = '4' as Decimal;

export interface Booked {
  fills: FillRecord[];
  /** Positions that are flat now. */
  ended: PositionRecord[];
  events: AccountEvent[];
}

/** Takes what the simulated account says into the books, and tells what the user's sockets are told of it. */
export class BookPushes {
  readonly #books: Books;
  readonly #ids: Ids;
  /** Wallet balance up to here, as bills tell it. */
  balance: Decimal = ZERO;
  bgb: Decimal = ZERO;
  feeCoin: 'USDT' | 'BGB' = 'USDT';

  constructor(books: Books, ids: Ids) {
    this.#books = books;
    this.#ids = ids;
  }

  take(pushes: readonly AccountPush[]): Booked {
    const booked: Booked = { fills: [], ended: [], events: [] };
    for (const push of pushes) {
      if (push.type === 'order') this.#order(push.order, booked);
      else if (push.type === 'fill') booked.fills.push(this.#fill(push.fill, booked));
      else if (push.type === 'position') this.#position(push.position, booked);
      else if (push.type === 'bill') this.#bill(push.bill);
    }
    if (pushes.length > 0) booked.events.push({ kind: 'account' });
    return booked;
  }

  #order(told: VenueOrder, { events }: Booked): void {
    const order = this.#books.named(told.clientOrderId);
    if (order === undefined) return;
    // Only of stops, which are none of its, the size is not told.
    order.qty = told.size ?? order.qty;
    order.price = told.price;
    order.updated = told.ts;
    if (told.status === 'open') order.status = 'live';
    else if (told.status === 'partially_filled' || told.status === 'filled') order.status = told.status;
    else {
      order.status = 'cancelled';
      order.cancelReason = told.reason === 'requested' ? 'normal_cancel' : (told.reason ?? '');
    }
    if (order.status === 'filled' || order.status === 'cancelled') this.#books.working.delete(order.orderId);
    // A copy: the order goes on changing, this was how it was.
    events.push({ kind: 'order', order: { ...order } });
  }

  #fill(told: VenueFill, { events }: Booked): FillRecord {
    const order = this.#books.named(told.clientOrderId) ?? this.#madeByVenue(told);
    const place = placeOf(told.symbol);
    const held = this.#books.positions.get(told.symbol);
    const opensWith = held === undefined || (held.direction === 'long') === (told.side === 'buy');
    const inBgb = this.feeCoin === 'BGB';
    const fill: FillRecord = {
      ...place,
      fillId: this.#ids.next(),
      order,
      side: told.side,
      price: told.price,
      size: told.size,
      value: told.price === ZERO ? ZERO : mulDiv(told.price, told.size, '1' as Decimal),
      fee: inBgb ? mulDiv(told.fee, '1' as Decimal, BGB_PRICE) : told.fee,
      feeCoin: this.feeCoin,
      pnl: told.realisedPnl ?? ZERO,
      maker: told.liquidity === 'maker',
      closed: !opensWith,
      ts: told.ts,
    };
    if (inBgb) this.bgb = sub(this.bgb, fill.fee);
    order.filled = add(order.filled, fill.size);
    order.value = add(order.value, fill.value);
    order.fee = add(order.fee, fill.fee);
    order.pnl = add(order.pnl, fill.pnl);
    order.lastFill = fill;
    order.updated = told.ts;
    if (told.clientOrderId === null)
      order.status = order.filled === order.qty ? 'filled' : 'partially_filled';
    this.#books.fills.push(fill);
    this.balance = sub(add(this.balance, fill.pnl), inBgb ? ZERO : fill.fee);
    this.#books.bills.push({
      billId: this.#ids.next(),
      symbol: place.symbol,
      kind: 'trade',
      marginMode: place.marginMode,
      coin: 'USDT',
      amount: fill.pnl,
      fee: inBgb ? ZERO : fill.fee,
      balance: this.balance,
      fill,
      ts: fill.ts,
    });
    events.push({ kind: 'fill', fill });
    if (told.clientOrderId === null) events.push({ kind: 'order', order: { ...order } });
    return fill;
  }

  /** Liquidation and auto-deleveraging fill orders that nobody placed. */
  #madeByVenue(told: VenueFill): OrderRecord {
    const orderId = this.#ids.next();
    const origin: OrderOrigin = told.source === 'liquidation' ? 'liquidation' : 'adl';
    const order: OrderRecord = {
      ...placeOf(told.symbol),
      name: orderId,
      orderId,
      clientOid: '',
      side: told.side,
      type: 'market',
      qty: told.size,
      price: null,
      timeInForce: 'gtc',
      closes: true,
      attached: null,
      origin,
      status: 'filled',
      filled: ZERO,
      value: ZERO,
      fee: ZERO,
      pnl: ZERO,
      cancelReason: '',
      leverage: 1,
      created: told.ts,
      updated: told.ts,
      lastFill: null,
    };
    this.#books.add(order);
    this.#books.working.delete(orderId);
    return order;
  }

  /** Follows each fill: the position after it. */
  #position(told: VenuePosition, booked: Booked): void {
    const fill = booked.fills.at(-1);
    const held = this.#books.positions.get(told.symbol);
    if (fill === undefined || keyOf(fill) !== told.symbol) {
      if (held !== undefined) booked.events.push({ kind: 'position', position: { ...held } });
      return;
    }
    const before = held ?? this.#opened(told, fill);
    const after: PositionRecord = {
      ...before,
      size: told.size,
      cost: told.cost,
      realised: add(before.realised, fill.pnl),
      updated: fill.ts,
      ...(fill.closed
        ? {
            closed: add(before.closed, fill.size),
            closedValue: add(before.closedValue, fill.value),
            closeFee: add(before.closeFee, fill.fee),
          }
        : {
            opened: add(before.opened, fill.size),
            openedValue: add(before.openedValue, fill.value),
            openFee: add(before.openFee, fill.fee),
          }),
    };
    if (told.size === ZERO) {
      this.#books.positions.delete(told.symbol);
      this.#books.ended.push(after);
      booked.ended.push(after);
    } else this.#books.positions.set(told.symbol, after);
    booked.events.push({ kind: 'position', position: after });
  }

  #opened(told: VenuePosition, fill: FillRecord): PositionRecord {
    return {
      ...placeOf(told.symbol),
      positionId: this.#ids.next(),
      direction: told.direction,
      size: ZERO,
      cost: ZERO,
      opened: ZERO,
      openedValue: ZERO,
      closed: ZERO,
      closedValue: ZERO,
      realised: ZERO,
      openFee: ZERO,
      closeFee: ZERO,
      funding: ZERO,
      created: fill.ts,
      updated: fill.ts,
    };
  }

  #bill(told: VenueBill): void {
    const place = told.symbol === null ? undefined : placeOf(told.symbol);
    const held = told.symbol === null ? undefined : this.#books.positions.get(told.symbol);
    this.balance = add(this.balance, told.amount);
    if (held !== undefined && told.kind === 'funding')
      this.#books.positions.set(keyOf(held), { ...held, funding: add(held.funding, told.amount) });
    const isIn = !told.amount.startsWith('-');
    this.#books.bills.push({
      billId: this.#ids.next(),
      symbol: place?.symbol ?? '',
      kind: told.kind === 'funding' ? 'funding' : isIn ? 'transfer_in' : 'transfer_out',
      marginMode: place?.marginMode ?? 'cross',
      coin: told.coin,
      amount: told.amount,
      fee: ZERO,
      balance: this.balance,
      fill: null,
      ts: told.ts,
    });
  }
}
