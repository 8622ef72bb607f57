import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { VenueRefusal } from '../../../../shared/domain/cause.ts';
import { type Decimal, gt, min, sub, ZERO } from '../../../../shared/domain/decimal.ts';
import type {
  AmendChange,
  PlaceOrder,
  VenueAccountState,
  VenueAnswer,
  VenueOrderRef,
} from '../../../ports/venue.ts';
import { SETTLE_COIN } from '../prices/instruments.ts';
import type { Profile } from '../profiles.ts';
import { amendLive } from './amend.ts';
import { ClientIds } from './clientIds.ts';
import { cancelEntries, closeAtMarket, deleverage, settlePosition } from './forced.ts';
import { bookBill, bookFunding } from './ledger.ts';
import { liquidate } from './liquidation.ts';
import { available, initialMargin, positionView } from './margin.ts';
import { crosses, fillResting, fillsAtOnce, matchAsMaker, matchAsTaker } from './matching.ts';
import { describeRef, isMeant } from './orderRef.ts';
import { endOrder, pushOrder } from './orders.ts';
import { checkClosing, checkLeverage, checkOrder } from './refusals.ts';
import {
  type AccountPush,
  configOf,
  type LiveOrder,
  type MarketNow,
  newId,
  orderView,
  type SimulatedAccount,
  type VenueTurn,
} from './state.ts';
import { fireStops } from './stops.ts';

/** What an input did: its answer, and what the account's owner is told, in order. */
export interface Outcome {
  answer: VenueAnswer;
  pushes: AccountPush[];
}

/**
 * One account at the simulated venue: a deterministic state machine. The same inputs at the same market times on the
 * same prices give the same state, pushes and ids; nothing in here waits, reads a clock or draws a random number.
 */
export class VenueAccount {
  readonly #market: MarketNow;
  readonly #profile: Profile;
  readonly clientIds: ClientIds;
  #taken = new Map<string, Decimal>();
  #takenAt = -1;

  constructor(
    readonly state: SimulatedAccount,
    market: MarketNow,
    profile: Profile,
    idMemoryMs: number,
  ) {
    this.#market = market;
    this.#profile = profile;

    this.clientIds = new ClientIds(idMemoryMs);
  }

  place(order: PlaceOrder, now: number): Outcome {
    const turn = this.#turn(now);
    const duplicate =
      this.#profile.duplicateScope === 'remembered'
        ? this.clientIds.has(order.clientOrderId, now)
        : this.state.orders.some((live) => live.clientOrderId === order.clientOrderId);
    if (duplicate) return refused('duplicate_client_id', `client order id ${order.clientOrderId} was used`);
    if (this.clientIds.full(now)) return refused('rate_limited', 'too many orders in a day');
    const refusal = checkOrder(turn, order);
    if (refusal !== undefined) return refused(refusal.code, refusal.message);
    const live = this.#toLive(order, now);
    const hopeless = this.#cannotMatch(turn, live);
    if (hopeless !== undefined && this.#profile.matchRefusals === 'answer') {
      return refused(hopeless, 'cannot be matched as asked');
    }
    live.venueOrderId = newId(this.state, 'o');
    this.clientIds.add(order.clientOrderId, now);
    this.state.orders.push(live);
    pushOrder(turn, live);
    if (hopeless !== undefined) endOrder(turn, live, 'cancelled', hopeless);
    else if (live.type === 'market' || (live.type === 'limit' && crosses(turn, live)))
      matchAsTaker(turn, live);
    else if (live.timeInForce === 'ioc' && live.type === 'limit') endOrder(turn, live, 'cancelled', 'ioc');
    return { answer: { outcome: 'accepted', venueOrderId: live.venueOrderId }, pushes: turn.out };
  }

  amend(symbol: string, ref: VenueOrderRef, change: AmendChange, now: number): Outcome {
    const turn = this.#turn(now);
    const order = this.#working(symbol, ref);
    if (order === undefined) return refused('no_such_order', `no open order ${describeRef(ref)}`);
    const refusal = amendLive(turn, order, change);
    if (refusal !== undefined) return refused(refusal.code, refusal.message);
    return { answer: { outcome: 'accepted', venueOrderId: order.venueOrderId }, pushes: turn.out };
  }

  cancel(symbol: string, ref: VenueOrderRef, now: number): Outcome {
    const turn = this.#turn(now);
    const order = this.#working(symbol, ref);
    if (order === undefined) return refused('no_such_order', `no open order ${describeRef(ref)}`);
    endOrder(turn, order, 'cancelled', 'requested');
    return { answer: { outcome: 'accepted', venueOrderId: order.venueOrderId }, pushes: turn.out };
  }

  /** All of a position, however small; what the book does not give at once stays open. */
  closePosition(symbol: string, now: number): Outcome {
    const turn = this.#turn(now);
    const refusal = checkClosing(turn, symbol);
    if (refusal !== undefined) return refused(refusal.code, refusal.message);
    const venueOrderId = closeAtMarket(turn, symbol);
    return { answer: { outcome: 'accepted', venueOrderId }, pushes: turn.out };
  }

  configure(symbol: string, leverage: number, marginMode: MarginMode, now: number): Outcome {
    const turn = this.#turn(now);
    const instrument = this.#market.instrument(symbol);
    if (instrument === undefined) return refused('other', `unknown symbol ${symbol}`);
    const refusal = checkLeverage(instrument, leverage);
    if (refusal !== undefined) return refused(refusal.code, refusal.message);
    const current = configOf(this.state, symbol);
    const position = this.state.positions[symbol];
    const busy = position !== undefined || this.state.orders.some((order) => order.symbol === symbol);
    if (current.marginMode !== marginMode && busy) {
      return refused('mode', `${symbol} has a position or orders: its margin mode cannot change`);
    }
    if (position !== undefined && leverage < current.leverage) {
      const before = initialMargin(position.cost, current.leverage);
      const more = sub(initialMargin(position.cost, leverage), before);
      if (gt(more, available(this.state, this.#market)))
        return refused('insufficient_balance', `needs ${more} more margin`);
    }
    this.state.config[symbol] = { leverage, marginMode };
    if (position !== undefined) {
      const view = positionView(this.state, this.#market, position);
      turn.out.push({ type: 'position', accountId: this.state.accountId, position: view });
    }
    return { answer: { outcome: 'accepted', venueOrderId: '' }, pushes: turn.out };
  }

  deposit(amount: Decimal, now: number): Outcome {
    const turn = this.#turn(now);
    bookBill(turn, 'transfer', amount, null);
    return { answer: { outcome: 'accepted', venueOrderId: '' }, pushes: turn.out };
  }

  /** Brings a flat account to `deposit` by a transfer. Its history stays, and what its symbols are set to. */
  reset(deposit: Decimal, now: number): Outcome {
    const positions = Object.keys(this.state.positions).length;
    const orders = this.state.orders.length;
    if (positions > 0 || orders > 0)
      return refused('other', `not flat: ${positions} positions, ${orders} open orders`);
    return this.deposit(sub(deposit, this.state.balance), now);
  }

  /** One step of market time, in the order: funding, liquidation, stops, working orders. */
  step(now: number, fundingRate: ((symbol: string) => Decimal) | undefined): AccountPush[] {
    const turn = this.#turn(now);
    if (fundingRate !== undefined) bookFunding(turn, fundingRate);
    liquidate(turn);
    const working = this.state.orders.filter(
      (order) => order.type !== 'stop_market' || order.status === 'triggered',
    );
    fireStops(turn);
    for (const order of working) {
      if (!this.state.orders.includes(order)) continue;
      if (order.type === 'limit') matchAsMaker(turn, order);
      else matchAsTaker(turn, order);
    }
    return turn.out;
  }

  /** Auto-deleveraging of up to `size` of a position. */
  deleverage(symbol: string, size: Decimal, now: number): AccountPush[] {
    const turn = this.#turn(now);
    deleverage(turn, symbol, size);
    return turn.out;
  }

  /** The symbol takes no entries any more; with `ended`, nothing at all, and what is open is settled. */
  delist(symbol: string, ended: boolean, now: number): AccountPush[] {
    const turn = this.#turn(now);
    if (ended) settlePosition(turn, symbol);
    else cancelEntries(turn, symbol);
    return turn.out;
  }

  /** Somebody trades against up to `size` of a resting limit order, wherever the last price is. */
  tradeAgainst(venueOrderId: string, size: Decimal, now: number): AccountPush[] {
    const turn = this.#turn(now);
    const order = this.state.orders.find((live) => live.venueOrderId === venueOrderId);
    if (order?.type === 'limit') fillResting(turn, order, size);
    return turn.out;
  }

  read(now: number): VenueAccountState {
    return {
      balances: { [SETTLE_COIN]: this.state.balance },
      positions: Object.values(this.state.positions).map((held) =>
        positionView(this.state, this.#market, held),
      ),
      orders: this.state.orders.map(orderView),
      cursors: { ...this.state.cursors },
      marketTime: now,
    };
  }

  #working(symbol: string, ref: VenueOrderRef): LiveOrder | undefined {
    return this.state.orders.find((order) => isMeant(symbol, ref, order) && order.status !== 'triggered');
  }

  #toLive(order: PlaceOrder, now: number): LiveOrder {
    const { account: _account, notAfter: _notAfter, ...asked } = order;
    const position = this.state.positions[order.symbol];
    const capped = order.reduceOnly && order.type === 'market' && position !== undefined;
    const whole = order.reduceOnly && order.type === 'stop_market' && !this.#profile.capabilities.sizedStop;
    return {
      ...asked,
      venueOrderId: '',
      parentClientOrderId: null,
      replacesOrderId: null,
      becameOrderId: null,
      size:
        position === undefined
          ? order.size
          : whole
            ? position.size
            : capped
              ? min(order.size, position.size)
              : order.size,
      // A stop that fired closes what it must, in as many steps as that takes.
      timeInForce: order.type === 'stop_market' ? 'gtc' : order.timeInForce,
      status: 'open',
      filledSize: ZERO,
      reason: null,
      ts: now,
      stopOrderId: null,
    };
  }

  #cannotMatch(turn: VenueTurn, order: LiveOrder): VenueRefusal | undefined {
    if (order.type === 'stop_market') return undefined;
    if (order.timeInForce === 'post_only' && crosses(turn, order)) return 'post_only';
    if (order.timeInForce === 'fok' && !fillsAtOnce(turn, order)) return 'other';
    return undefined;
  }

  #turn(now: number): VenueTurn {
    if (this.#takenAt !== this.#market.stepTime) {
      this.#taken = new Map();
      this.#takenAt = this.#market.stepTime;
    }
    return {
      state: this.state,
      market: this.#market,
      profile: this.#profile,
      now,
      out: [],
      taken: this.#taken,
    };
  }
}

function refused(code: VenueRefusal, message: string): Outcome {
  return { answer: { outcome: 'rejected', code, message }, pushes: [] };
}
