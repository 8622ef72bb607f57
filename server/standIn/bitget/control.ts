import { dec } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Exchange } from './exchange/exchange.ts';
import type { ReadingPart } from './exchange/lag.ts';
import { keyOf } from './exchange/legs.ts';
import type { HandPrice } from './exchange/prices.ts';
import type { User, UserSpec } from './exchange/user.ts';
import type { Fault } from './http/faults.ts';
import { BAN_MS } from './http/limits.ts';
import type { StandInHttp } from './http/standInHttp.ts';
import type { LostPush } from './sockets/pushFaults.ts';
import type { StandInSockets } from './sockets/standInSockets.ts';
import type { Switches } from './switches.ts';

/** Announced upgrades cut connections within this, ms. */
const UPGRADE_MS = 60_000;

export interface ControlParts {
  exchange: Exchange;
  http: StandInHttp;
  sockets: StandInSockets;
  clock: Clock;
}

/** The hand of a test, or of whoever develops against the stand-in: prices, users and everything that goes wrong. */
export class Control {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  user(spec: UserSpec): User {
    return this.#parts.exchange.addUser(spec);
  }

  /** From now on the symbol trades at this; null: on the made-up market again. */
  price(symbol: string, price: HandPrice | string | null): void {
    this.#parts.exchange.setPrice(symbol, price);
  }

  /** Looks at the market now, instead of within the second. */
  tick(): void {
    this.#parts.exchange.tick();
  }

  /** Other facts of a symbol, as in a list of instruments that is read again. */
  instrument(symbol: string, change: Partial<Instrument>): void {
    this.#parts.exchange.prices.list(symbol, change);
  }

  switches(change: Partial<Switches>): void {
    Object.assign(this.#parts.exchange.switches, change);
  }

  /** The exchange's clock is so far ahead of everybody's. */
  skew(ms: number): void {
    this.#parts.exchange.skew(ms);
  }

  /** Befalls the next requests that match. */
  fault(fault: Fault): void {
    this.#parts.http.faults.add(fault);
  }

  /** Private calls, or with `all` every call, are answered with this code; null: it is over. */
  maintenance(code: string | null, all = false): void {
    this.#parts.http.maintenance = code === null ? null : { code, all };
  }

  /** Gone: connections are cut, and new ones as they come. */
  down(): void {
    this.#parts.http.isUp = false;
    this.#parts.sockets.dropAll();
    this.#parts.http.server.closeAllConnections();
  }

  up(): void {
    this.#parts.http.isUp = true;
  }

  /** Gone for so long, and back with everything it had. */
  restart(forMs: number): void {
    this.down();
    this.#parts.clock.after(forMs, () => this.up());
  }

  /** Tells of an upgrade on every socket (30033); they are cut later. */
  upgrade(afterMs: number = UPGRADE_MS): void {
    const { sockets, clock } = this.#parts;
    sockets.announceUpgrade();
    clock.after(afterMs, () => sockets.dropAll());
  }

  /** Sockets of one user, or all, are cut. */
  drop(apiKey?: string): void {
    this.#parts.sockets.dropAll(apiKey);
  }

  /** Queries of the account, or of these parts of it alone, show how it was so long ago; 0: how it is. */
  lag(apiKey: string, ms: number, parts?: readonly ReadingPart[]): void {
    this.#user(apiKey).trader.lag.set(ms, parts);
  }

  /** Money comes from another account, or with a minus goes there. */
  transfer(apiKey: string, amount: string): void {
    this.#user(apiKey).trader.deposit(dec(amount));
  }

  /** The user's private pushes wait; letting them go sends them in their order. */
  holdPushes(apiKey: string, isHeld: boolean): void {
    const { sockets } = this.#parts;
    if (isHeld) sockets.faults.held.add(apiKey);
    else sockets.faults.held.delete(apiKey);
    if (!isHeld) for (const session of sockets.sessions(apiKey)) session.release();
  }

  losePushes(match: LostPush): void {
    this.#parts.sockets.faults.lose(match);
  }

  /** The user's private sockets stay open, and nothing comes of them any more. */
  dead(apiKey: string, isDead: boolean): void {
    const { dead } = this.#parts.sockets.faults;
    if (isDead) dead.add(apiKey);
    else dead.delete(apiKey);
  }

  /** The next logins are not answered: their connections drop. */
  dropAtLogin(times = 1): void {
    this.#parts.sockets.faults.dropAtLogin += times;
  }

  refuseLogin(times = 1): void {
    this.#parts.sockets.faults.refuseLogin += times;
  }

  /** Stops that entries bring along do not come to rest. */
  loseAttachedStops(apiKey: string, isLost: boolean): void {
    this.#user(apiKey).trader.strategies.loseAttached = isLost;
  }

  ban(address: string, ms: number = BAN_MS): void {
    this.#parts.http.limits.ban(address, ms);
  }

  limits(enforced: boolean): void {
    this.#parts.http.limits.enforced = enforced;
  }

  /** Somebody else's bankruptcy takes up to `size` of the position. */
  deleverage(apiKey: string, symbol: string, size: string): void {
    const { trader } = this.#user(apiKey);
    for (const held of trader.books.positions.values())
      if (held.symbol === symbol) trader.deleverage(held, dec(size));
  }

  /** Somebody trades against up to `size` of a resting order. */
  tradeAgainst(apiKey: string, orderId: string, size: string): void {
    const { trader } = this.#user(apiKey);
    const order = trader.books.find({ orderId });
    if (order === undefined) throw new RangeError(`no order ${orderId}`);
    trader.tradeAgainst(order, dec(size));
  }

  /** What the account really is, whatever its queries and pushes show. */
  truth(apiKey: string): AccountTruth {
    const { trader } = this.#user(apiKey);
    const { money, positions, openOrders, strategies, fills } = trader.now();
    return {
      balance: money.balance,
      positions: positions.map((held) => ({ key: keyOf(held), direction: held.direction, size: held.size })),
      openOrders: openOrders.map(({ orderId, clientOid, symbol }) => ({ orderId, clientOid, symbol })),
      stops: strategies
        .filter(({ status }) => status === 'pending')
        .map(({ orderId, symbol, mode, qty, stopLoss, takeProfit }) => ({
          ...{ orderId, symbol, mode, qty },
          stopLoss: stopLoss?.price ?? null,
          takeProfit: takeProfit?.price ?? null,
        })),
      fills: fills.length,
    };
  }

  #user(apiKey: string): User {
    const user = this.#parts.exchange.user(apiKey);
    if (user === undefined) throw new RangeError(`no user ${apiKey}`);
    return user;
  }
}

export interface AccountTruth {
  balance: string;
  positions: { key: string; direction: 'long' | 'short'; size: string }[];
  openOrders: { orderId: string; clientOid: string; symbol: string }[];
  stops: {
    orderId: string;
    symbol: string;
    mode: 'full' | 'partial';
    qty: string;
    stopLoss: string | null;
    takeProfit: string | null;
  }[];
  fills: number;
}
