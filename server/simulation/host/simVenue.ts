import type { MarginMode } from '../../../shared/domain/account.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import {
  type AmendChange,
  type PlaceOrder,
  type Venue,
  type VenueAccountRef,
  type VenueAccountState,
  type VenueAnswer,
  type VenueBill,
  type VenueCapabilities,
  type VenueFill,
  type VenueOrder,
  type VenueOrderRef,
  type VenuePush,
  VenueUnavailable,
} from '../../ports/venue.ts';
import { noteSilence, noteThrottled } from '../history.ts';
import { isInjected } from '../injected.ts';
import { checkAmendDoor, checkDoor, checkLease } from '../invariants/door.ts';
import { deskOf } from '../invariants/owner.ts';
import { checkPause, checkRate, countRequest } from '../invariants/pace.ts';
import { ANSWER_TIMEOUT_MS, IN_VAIN } from '../line.ts';
import {
  type AtVenue,
  amending,
  cancelling,
  closing,
  configuring,
  opening,
  placing,
  type Send,
} from '../sending.ts';
import type { SimProcess } from '../simProcess.ts';
import type { World } from '../world.ts';
import type { DecidedAmends } from './decidedAmends.ts';

/** The longest that the venue takes nothing from anybody, world ms. */
const THROTTLED_MS = 12_000;

/** By how much fills overtake the answer of their order at most, world ms. */
const MOST_OVERTAKEN_MS = 3_000;

/** Of orders whose fills overtake their answer, those whose fills do not name them. */
const NAMELESS_SHARE = 0.7;

/** The world's venue as a port of one process: over the lossy line, watched at its door. */
export class SimVenue implements Venue {
  readonly venue: string;
  readonly capabilities: VenueCapabilities;
  readonly writeWindowMs: number;
  readonly #world: World;
  readonly #process: SimProcess;
  readonly #amends: DecidedAmends;
  #listener: (push: VenuePush) => void = () => {};
  /** World times of the calls within the time that a named rate is of. */
  readonly #calls: number[] = [];
  /** World time until which the venue takes nothing, as it has told the process. */
  #closedUntil = 0;

  constructor(world: World, process: SimProcess, amends: DecidedAmends) {
    this.#world = world;
    this.#process = process;
    this.#amends = amends;
    const { setup } = world;
    this.venue = setup.venue;
    this.capabilities = setup.profile.capabilities;
    this.writeWindowMs = ANSWER_TIMEOUT_MS * setup.speed;
  }

  push(push: VenuePush): void {
    this.#listener(push);
  }

  async openAccount({ accountId }: VenueAccountRef, deposit: Decimal): Promise<void> {
    const answer = await this.#write(accountId, () => opening(this.#world, accountId, deposit, false));
    if (answer.outcome === 'accepted') return;
    const error = new VenueUnavailable('unknown' === answer.outcome ? answer.message : answer.code);
    if (answer.outcome === 'rejected' && answer.retryAfterMs !== undefined)
      error.retryAfterMs = answer.retryAfterMs;
    throw error;
  }

  resetAccount({ accountId }: VenueAccountRef, deposit: Decimal): Promise<VenueAnswer> {
    return this.#write(accountId, () => opening(this.#world, accountId, deposit, true));
  }

  configureSymbol(
    { accountId }: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer> {
    return this.#write(accountId, () =>
      configuring(this.#world, accountId, symbol, { leverage, marginMode }),
    );
  }

  async placeOrder(order: PlaceOrder): Promise<VenueAnswer> {
    const world = this.#world;
    const { accountId } = order.account;
    const { clientOrderId: orderId } = order;
    const isOvertaken = order.type === 'market' && world.hit('fill_before_answer');
    if (isOvertaken && world.random.chance(NAMELESS_SHARE)) world.history.nameless.add(orderId);
    const answerAfterMs = isOvertaken ? world.random.between(50, MOST_OVERTAKEN_MS) : 0;
    const leaving = (): Send => {
      checkDoor(world, deskOf(world.log, accountId) ?? '', { ...order, accountId, orderId });
      return placing(world, order);
    };
    const answer = await this.#write(accountId, leaving, answerAfterMs);
    if (isInjected(answer)) world.history.injected.add(orderId);
    // Without effect: it may be sent again.
    if (answer.outcome === 'rejected' && answer.code === 'rate_limited') world.history.sent.delete(orderId);
    return answer;
  }

  amendOrder(
    { accountId }: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer> {
    const world = this.#world;
    const at: AtVenue = { accountId, symbol, ref };
    return this.#write(accountId, () => {
      const amend = this.#amends.find(at, change);
      if (amend !== undefined) checkAmendDoor(world, deskOf(world.log, accountId) ?? '', amend);
      return amending(world, at, change, this.#typeOf(at) === 'stop_market');
    });
  }

  cancelOrder({ accountId }: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueAnswer> {
    const at: AtVenue = { accountId, symbol, ref };
    return this.#write(accountId, () => cancelling(this.#world, at, this.#typeOf(at) === 'limit'));
  }

  closePosition({ accountId }: VenueAccountRef, symbol: string): Promise<VenueAnswer> {
    return this.#write(accountId, () => closing(this.#world, accountId, symbol));
  }

  findOrder(
    { accountId }: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
  ): Promise<VenueOrder | undefined> {
    return this.#read(accountId, () => this.#world.readings.find(accountId, symbol, ref));
  }

  readAccount({ accountId }: VenueAccountRef): Promise<VenueAccountState> {
    const world = this.#world;
    const deskId = deskOf(world.log, accountId);
    if (deskId !== undefined && this.#process.isAlive) world.watched(() => countRequest(world, deskId));
    return this.#read(accountId, () => world.readings.read(accountId));
  }

  fillsSince({ accountId }: VenueAccountRef, cursor: number): Promise<VenueFill[]> {
    return this.#read(accountId, () => this.#world.venue.fillsSince(accountId, cursor));
  }

  billsSince({ accountId }: VenueAccountRef, cursor: number): Promise<VenueBill[]> {
    return this.#read(accountId, () => this.#world.venue.billsSince(accountId, cursor));
  }

  ordersSince({ accountId }: VenueAccountRef, ts: number): Promise<VenueOrder[]> {
    return this.#read(accountId, () => this.#world.readings.endedSince(accountId, ts));
  }

  async start(listener: (push: VenuePush) => void): Promise<void> {
    this.#listener = listener;
  }

  async watch(): Promise<void> {}

  async stop(): Promise<void> {
    this.#listener = () => {};
  }

  /** `leaving` looks at what leaves and says what becomes of it at the venue. */
  #write(accountId: string, leaving: () => Send, answerAfterMs = 0): Promise<VenueAnswer> {
    const [world, process] = [this.#world, this.#process];
    return new Promise((resolve) => {
      if (!this.#goesOn()) return;
      const throttledMs = world.random.between(1, THROTTLED_MS);
      const isThrottled = world.hit('lane_wait');
      const crashes = world.hit('crash_after_effect');
      const deskId = deskOf(world.log, accountId);
      const send = world.watched(() => {
        this.#call();
        checkLease(world, process);
        if (deskId !== undefined) countRequest(world, deskId);
        return leaving();
      });
      const answered = (answer: VenueAnswer): void => {
        const isLimited = answer.outcome === 'rejected' && answer.code === 'rate_limited';
        if (isLimited) noteThrottled(world);
        process.wake(() => {
          if (isLimited)
            this.#closedUntil = Math.max(this.#closedUntil, world.now + (answer.retryAfterMs ?? 0));
          resolve(answer);
        });
      };
      if (isThrottled) {
        world.timer(1, () => answered(throttled(throttledMs)));
        return;
      }
      world.line.write(
        () => {
          const answer = send();
          if (crashes)
            world.after(0, () => world.crash(process, world.random.chance(0.5) ? 'written' : 'lost'));
          return answer;
        },
        answered,
        answerAfterMs,
      );
    });
  }

  #read<T>(accountId: string, run: () => T): Promise<T> {
    const [world, process] = [this.#world, this.#process];
    return new Promise((resolve, reject) => {
      if (!this.#goesOn()) return;
      world.watched(() => this.#call());
      world.line.read(
        run,
        (result) => process.wake(() => resolve(result)),
        (reason) => {
          // Nobody answers: whoever asked knows how long to wait.
          if (reason === IN_VAIN) noteSilence(world, accountId);
          else process.wake(() => reject(new VenueUnavailable(reason)));
        },
      );
    });
  }

  /** Neither in a pause that the venue asked for, nor beyond the rate that it names. */
  #call(): void {
    const { rateLimit } = this.capabilities;
    checkPause(this.#world, this.#process, this.#closedUntil);
    if (rateLimit === undefined) return;
    checkRate(this.#world, this.#process, this.#calls, rateLimit);
    if (this.#calls.length >= rateLimit.calls / 2) this.#world.coverage.count('met:rate half used');
  }

  /** False: the process is dead, or dies here, between two things it was to do. */
  #goesOn(): boolean {
    const [world, process] = [this.#world, this.#process];
    if (process.isAlive && world.hit('crash_between_effects')) world.crash(process, 'lost');
    return process.isAlive;
  }

  #typeOf({ accountId, symbol, ref }: AtVenue): VenueOrder['type'] | undefined {
    return this.#world.venue.find(accountId, symbol, ref)?.type;
  }
}

/** The venue takes nothing from us for a while: what comes then waits in its lane. */
const throttled = (retryAfterMs: number): VenueAnswer => ({
  outcome: 'rejected',
  code: 'rate_limited',
  message: 'injected: rate_limited',
  retryAfterMs,
});
