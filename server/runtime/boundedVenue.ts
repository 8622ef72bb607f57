import type { MarginMode } from '../../shared/domain/account.ts';
import type { CheckRow } from '../../shared/domain/accountCheck.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Clock } from '../ports/clock.ts';
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
} from '../ports/venue.ts';
import { NoAnswer, within } from './deadline.ts';
import { noAnswerRows, testByReading } from './testByReading.ts';

/** How long any call to a venue may take, ms of elapsed time: longer than adapters wait themselves. */
export const VENUE_ANSWER_MS = 10_000;
/** How long the test of an account may take: it is several calls. */
const TEST_MS = 20_000;

/**
 * A venue that always answers: past the deadline a read is VenueUnavailable and a write `unknown`. What an adapter
 * answers later is ignored, so that one call that hangs holds up nothing that is asked after it.
 */
export class BoundedVenue implements Venue {
  readonly venue: string;
  readonly #inner: Venue;
  readonly #clock: Clock;

  constructor(inner: Venue, clock: Clock) {
    this.venue = inner.venue;
    this.#inner = inner;
    this.#clock = clock;
  }

  get capabilities(): VenueCapabilities {
    return this.#inner.capabilities;
  }

  get writeWindowMs(): number {
    return this.#inner.writeWindowMs;
  }

  openAccount(account: VenueAccountRef, deposit: Decimal): Promise<void> {
    return this.#ask('openAccount', () => this.#inner.openAccount(account, deposit));
  }

  resetAccount(account: VenueAccountRef, deposit: Decimal): Promise<VenueAnswer> {
    return this.#write('resetAccount', () => this.#inner.resetAccount(account, deposit));
  }

  configureSymbol(
    account: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer> {
    return this.#write('configureSymbol', () =>
      this.#inner.configureSymbol(account, symbol, leverage, marginMode),
    );
  }

  placeOrder(order: PlaceOrder): Promise<VenueAnswer> {
    return this.#write('placeOrder', () => this.#inner.placeOrder(order));
  }

  amendOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer> {
    return this.#write('amendOrder', () => this.#inner.amendOrder(account, symbol, ref, change));
  }

  cancelOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueAnswer> {
    return this.#write('cancelOrder', () => this.#inner.cancelOrder(account, symbol, ref));
  }

  closePosition(account: VenueAccountRef, symbol: string): Promise<VenueAnswer> {
    return this.#write('closePosition', () => this.#inner.closePosition(account, symbol));
  }

  findOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    return this.#ask('findOrder', () => this.#inner.findOrder(account, symbol, ref));
  }

  readAccount(account: VenueAccountRef): Promise<VenueAccountState> {
    return this.#ask('readAccount', () => this.#inner.readAccount(account));
  }

  fillsSince(account: VenueAccountRef, cursor: number): Promise<VenueFill[]> {
    return this.#ask('fillsSince', () => this.#inner.fillsSince(account, cursor));
  }

  billsSince(account: VenueAccountRef, cursor: number): Promise<VenueBill[]> {
    return this.#ask('billsSince', () => this.#inner.billsSince(account, cursor));
  }

  ordersSince(account: VenueAccountRef, ts: number): Promise<VenueOrder[]> {
    return this.#ask('ordersSince', () => this.#inner.ordersSince(account, ts));
  }

  /** By a reading where the venue has no test of its own. */
  async testAccount(account: VenueAccountRef): Promise<CheckRow[]> {
    const inner = this.#inner;
    if (inner.testAccount === undefined) return testByReading(this, account, this.#clock);
    try {
      return await within(this.#clock, TEST_MS, `${this.venue} testAccount`, inner.testAccount(account));
    } catch (error) {
      if (error instanceof NoAnswer) return noAnswerRows(TEST_MS);
      throw error;
    }
  }

  async forgetAccount(account: VenueAccountRef): Promise<void> {
    await this.#ask('forgetAccount', async () => this.#inner.forgetAccount?.(account));
  }

  start(listener: (push: VenuePush) => void): Promise<void> {
    return this.#ask('start', () => this.#inner.start(listener));
  }

  watch(account: VenueAccountRef): Promise<void> {
    return this.#ask('watch', () => this.#inner.watch(account));
  }

  stop(): Promise<void> {
    return this.#ask('stop', () => this.#inner.stop());
  }

  async #ask<T>(call: string, ask: () => Promise<T>): Promise<T> {
    try {
      return await within(this.#clock, VENUE_ANSWER_MS, `${this.venue} ${call}`, ask());
    } catch (error) {
      throw error instanceof NoAnswer ? new VenueUnavailable(error.message) : error;
    }
  }

  async #write(call: string, send: () => Promise<VenueAnswer>): Promise<VenueAnswer> {
    try {
      return await this.#ask(call, send);
    } catch (error) {
      if (error instanceof VenueUnavailable) return { outcome: 'unknown', message: error.message };
      throw error;
    }
  }
}
