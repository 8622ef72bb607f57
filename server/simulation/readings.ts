import { type Decimal, dec, isZero, lt, mul, mulDiv, roundToStep, sub } from '../../shared/domain/decimal.ts';
import type { Input } from '../core/inputs.ts';
import type { VenueAccountState, VenueOrder, VenueOrderRef, VenuePosition } from '../ports/venue.ts';
import type { World } from './world.ts';

/** How long what was missed once is shown for sure, where nobody ever asks for it again, world ms. */
const SHOWN_FOR_MS = 300_000;

/**
 * What the venue shows of its accounts when it is asked: not always all of it, nor of now. It misses an entry once, and not
 * again before somebody has decided by a reading, or a look-up, that had it.
 */
export class Readings {
  readonly #world: World;
  /** World time at which something was missed, by account or order. */
  readonly #missedAt = new Map<string, number>();
  /** World time at which each reading was taken, of those that missed nothing. */
  readonly #whole = new WeakMap<VenueAccountState, number>();

  constructor(world: World) {
    this.#world = world;
  }

  read(accountId: string): VenueAccountState {
    const whole = this.#lagging(accountId, this.#world.venue.read(accountId));
    const shown = this.#missing(accountId, whole);
    if (shown === whole) this.#whole.set(shown, this.#world.now);
    return this.#world.venue.shown(shown, whole);
  }

  find(accountId: string, symbol: string, ref: VenueOrderRef): VenueOrder | undefined {
    const { venue } = this.#world;
    const now = venue.find(accountId, symbol, ref);
    const then = venue.find(accountId, symbol, ref, this.#momentAgo(accountId));
    const isChanged = JSON.stringify(now) !== JSON.stringify(then);
    const found = isChanged && this.#world.hit('reading_lags') ? then : now;
    const isMissed =
      found !== undefined && this.#misses(ref.clientOrderId ?? ref.venueOrderId ?? '', 'reading_omits');
    return isMissed || found === undefined ? undefined : venue.told(found);
  }

  endedSince(accountId: string, ts: number): VenueOrder[] {
    const { venue } = this.#world;
    const now = venue.ordersSince(accountId, ts);
    const then = venue.ordersSince(accountId, ts, this.#momentAgo(accountId));
    const ended = then.length < now.length && this.#world.hit('reading_lags') ? then : now;
    return ended.map((order) => venue.told(order));
  }

  /** By a whole reading, or by what a look-up showed, it is known that what was missed before is there. */
  decided(input: Input): void {
    if (input.type === 'OrderFound' && input.order !== null) this.#missedAt.delete(input.orderId);
    if (input.type !== 'AccountRead') return;
    const takenAt = this.#whole.get(input.state);
    const missedAt = this.#missedAt.get(input.accountId);
    if (takenAt !== undefined && missedAt !== undefined && takenAt > missedAt)
      this.#missedAt.delete(input.accountId);
  }

  /** Before its last change, where that is so late. */
  #momentAgo(accountId: string): number {
    const { setup, random, now, venue } = this.#world;
    const lagMs = setup.profile.capabilities.readingLagMs ?? 0;
    return now - random.between(Math.min(Math.ceil(now - venue.changedAt(accountId)) + 1, lagMs), lagMs);
  }

  /** As it was a while ago: all of it, or some of its parts. */
  #lagging(accountId: string, now: VenueAccountState): VenueAccountState {
    const { random, venue } = this.#world;
    const then = venue.read(accountId, this.#momentAgo(accountId));
    const isWhole = random.chance(0.3);
    const old = {
      balances: isWhole || random.chance(0.5),
      positions: isWhole || random.chance(0.5),
      orders: isWhole || random.chance(0.5),
      cursors: isWhole || random.chance(0.2),
    };
    const shown: VenueAccountState = {
      balances: old.balances ? then.balances : now.balances,
      positions: old.positions ? then.positions : now.positions,
      orders: old.orders ? then.orders : now.orders,
      cursors: old.cursors ? then.cursors : now.cursors,
      marketTime: isWhole ? then.marketTime : now.marketTime,
    };
    const { marketTime: _, ...differs } = shown;
    const { marketTime: __, ...is } = now;
    const isOld = JSON.stringify(differs) !== JSON.stringify(is);
    return isOld && this.#world.hit('reading_lags') ? venue.shown(shown, old.cursors ? then : now) : now;
  }

  /** Without one of its positions or orders, or with a part of a position. */
  #missing(accountId: string, shown: VenueAccountState): VenueAccountState {
    const { random } = this.#world;
    const { positions, orders } = shown;
    const at = random.below(Math.max(positions.length + orders.length, 1));
    if (positions.length + orders.length > 0 && this.#misses(accountId, 'reading_omits')) {
      if (at < positions.length) return { ...shown, positions: positions.filter((_, index) => index !== at) };
      return { ...shown, orders: orders.filter((_, index) => index !== at - positions.length) };
    }
    const partial = random.below(Math.max(positions.length, 1));
    const held = positions[partial];
    const part = held === undefined ? undefined : this.#partOf(held);
    if (part === undefined || !this.#misses(accountId, 'reading_partial')) return shown;
    return { ...shown, positions: positions.map((one, index) => (index === partial ? part : one)) };
  }

  /** Undefined: it has no part that the instrument's steps allow. */
  #partOf(held: VenuePosition): VenuePosition | undefined {
    const { market, random } = this.#world;
    const step = market.instrument(held.symbol)?.sizeStep;
    const share: Decimal = dec(random.pick(['0.1', '0.5', '0.9']));
    const size = step === undefined ? held.size : roundToStep(mul(held.size, share), step, 'down');
    if (isZero(size) || !lt(size, held.size)) return undefined;
    return { ...held, size, cost: sub(held.cost, mulDiv(held.cost, sub(held.size, size), held.size)) };
  }

  #misses(subject: string, fault: 'reading_omits' | 'reading_partial'): boolean {
    const { now } = this.#world;
    const missedAt = this.#missedAt.get(subject);
    if (missedAt !== undefined && now - missedAt < SHOWN_FOR_MS) return false;
    if (!this.#world.hit(fault)) return false;
    this.#missedAt.set(subject, now);
    return true;
  }
}
