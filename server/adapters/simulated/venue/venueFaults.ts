import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { VenueRefusal } from '../../../../shared/domain/cause.ts';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Clock } from '../../../ports/clock.ts';
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
} from '../../../ports/venue.ts';

export type VenueCallName = Exclude<
  keyof Venue,
  'venue' | 'capabilities' | 'writeWindowMs' | 'start' | 'stop' | 'watch'
>;

/**
 * What goes wrong with a call:
 * - `drop_request`: never arrives; `drop_response`: takes effect, the answer is lost; both answer unknown after `afterMs`
 * - `late`: unknown at once, takes effect after `afterMs`
 * - `delay`: all is well, `afterMs` later
 * - `reject`: the venue refuses it
 */
export type CallFault =
  | { kind: 'drop_request' | 'drop_response' | 'late' | 'delay'; afterMs: number }
  | { kind: 'reject'; code: VenueRefusal };
export type PushFault = 'drop' | 'duplicate';

/** Decides what goes wrong; undefined: nothing. Implementations may be scripted or drawn from a seed. */
export interface VenueFaults {
  onCall(call: {
    name: VenueCallName;
    account: VenueAccountRef;
    order: PlaceOrder | undefined;
  }): CallFault | undefined;
  onPush(push: VenuePush): PushFault | undefined;
  /** While true no call arrives and no push leaves. */
  disconnected(): boolean;
  /** Told how to announce that the connection was lost or is back. */
  onAttach(announce: (push: VenuePush) => void): void;
}

/** A venue behind an unreliable line. */
export class FaultyVenue implements Venue {
  readonly #inner: Venue;
  readonly #faults: VenueFaults;
  readonly #clock: Clock;
  readonly venue: string;
  readonly capabilities: VenueCapabilities;
  readonly writeWindowMs: number;

  constructor(inner: Venue, faults: VenueFaults, clock: Clock) {
    this.#inner = inner;
    this.#faults = faults;
    this.#clock = clock;

    this.venue = inner.venue;
    this.capabilities = inner.capabilities;
    this.writeWindowMs = inner.writeWindowMs;
  }

  openAccount(account: VenueAccountRef, deposit: Decimal): Promise<void> {
    return this.#read('openAccount', account, () => this.#inner.openAccount(account, deposit));
  }

  resetAccount(account: VenueAccountRef, deposit: Decimal): Promise<VenueAnswer> {
    return this.#write('resetAccount', account, () => this.#inner.resetAccount(account, deposit));
  }

  configureSymbol(
    account: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer> {
    return this.#write('configureSymbol', account, () =>
      this.#inner.configureSymbol(account, symbol, leverage, marginMode),
    );
  }

  placeOrder(order: PlaceOrder): Promise<VenueAnswer> {
    return this.#write('placeOrder', order.account, () => this.#inner.placeOrder(order), order);
  }

  amendOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer> {
    return this.#write('amendOrder', account, () => this.#inner.amendOrder(account, symbol, ref, change));
  }

  cancelOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueAnswer> {
    return this.#write('cancelOrder', account, () => this.#inner.cancelOrder(account, symbol, ref));
  }

  closePosition(account: VenueAccountRef, symbol: string): Promise<VenueAnswer> {
    return this.#write('closePosition', account, () => this.#inner.closePosition(account, symbol));
  }

  findOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    return this.#read('findOrder', account, () => this.#inner.findOrder(account, symbol, ref));
  }

  readAccount(account: VenueAccountRef): Promise<VenueAccountState> {
    return this.#read('readAccount', account, () => this.#inner.readAccount(account));
  }

  fillsSince(account: VenueAccountRef, cursor: number): Promise<VenueFill[]> {
    return this.#read('fillsSince', account, () => this.#inner.fillsSince(account, cursor));
  }

  billsSince(account: VenueAccountRef, cursor: number): Promise<VenueBill[]> {
    return this.#read('billsSince', account, () => this.#inner.billsSince(account, cursor));
  }

  ordersSince(account: VenueAccountRef, ts: number): Promise<VenueOrder[]> {
    return this.#read('ordersSince', account, () => this.#inner.ordersSince(account, ts));
  }

  start(listener: (push: VenuePush) => void): Promise<void> {
    this.#faults.onAttach(listener);
    return this.#inner.start((push) => {
      if (this.#faults.disconnected()) return;
      const fault = this.#faults.onPush(push);
      if (fault === 'drop') return;
      listener(push);
      if (fault === 'duplicate') listener(push);
    });
  }

  watch(account: VenueAccountRef): Promise<void> {
    return this.#inner.watch(account);
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }

  async #write(
    name: VenueCallName,
    account: VenueAccountRef,
    run: () => Promise<VenueAnswer>,
    order?: PlaceOrder,
  ): Promise<VenueAnswer> {
    const fault = this.#faultOf(name, account, order);
    if (fault === undefined) return await run();
    if (fault.kind === 'reject')
      return { outcome: 'rejected', code: fault.code, message: 'refused by an injected fault' };
    if (fault.kind === 'delay') return await this.#wait(fault.afterMs).then(run);
    if (fault.kind === 'drop_response') await run();
    if (fault.kind === 'late') void this.#wait(fault.afterMs).then(run);
    else await this.#wait(fault.afterMs);
    return { outcome: 'unknown', message: `no answer (${fault.kind})` };
  }

  async #read<T>(name: VenueCallName, account: VenueAccountRef, run: () => Promise<T>): Promise<T> {
    const fault = this.#faultOf(name, account, undefined);
    if (fault === undefined) return await run();
    if (fault.kind === 'delay') return await this.#wait(fault.afterMs).then(run);
    if (fault.kind === 'drop_response') await run();
    if (fault.kind !== 'reject') await this.#wait(fault.afterMs);
    throw new VenueUnavailable(`no answer (${fault.kind})`);
  }

  #faultOf(
    name: VenueCallName,
    account: VenueAccountRef,
    order: PlaceOrder | undefined,
  ): CallFault | undefined {
    if (this.#faults.disconnected()) return { kind: 'drop_request', afterMs: 0 };
    return this.#faults.onCall({ name, account, order });
  }

  #wait(ms: number): Promise<void> {
    if (ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}
