import { z } from 'zod';
import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
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
import { CallNotSent, type VenueLink } from './venueLink.ts';
import type { CallName, Welcome } from './wire.ts';

const answerSchema = z.discriminatedUnion('outcome', [
  z.looseObject({ outcome: z.literal('accepted'), venueOrderId: z.string() }),
  z.looseObject({ outcome: z.literal('rejected'), code: z.string(), message: z.string() }),
  z.looseObject({ outcome: z.literal('unknown'), message: z.string() }),
]);

/** A venue in another process. A write that may have arrived and was not answered is `unknown`, and never sent again. */
export class RemoteVenue implements Venue {
  readonly #link: VenueLink;
  readonly #marketTime: () => number;
  #welcome: Welcome | undefined;
  #listener: ((push: VenuePush) => void) | undefined;
  readonly #watched = new Map<string, VenueAccountRef>();

  constructor(link: VenueLink, marketTime: () => number) {
    this.#link = link;
    this.#marketTime = marketTime;
  }

  get venue(): string {
    return this.#facts().venue;
  }

  get capabilities(): VenueCapabilities {
    return this.#facts().capabilities;
  }

  get writeWindowMs(): number {
    return this.#facts().writeWindowMs;
  }

  async openAccount(account: VenueAccountRef, deposit: Decimal): Promise<void> {
    await this.#link.call('openAccount', [account, deposit], null);
  }

  resetAccount(account: VenueAccountRef, deposit: Decimal): Promise<VenueAnswer> {
    return this.#write('resetAccount', [account, deposit]);
  }

  configureSymbol(
    account: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer> {
    return this.#write('configureSymbol', [account, symbol, leverage, marginMode]);
  }

  placeOrder(order: PlaceOrder): Promise<VenueAnswer> {
    return this.#write('placeOrder', [order]);
  }

  amendOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer> {
    return this.#write('amendOrder', [account, symbol, ref, change]);
  }

  cancelOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueAnswer> {
    return this.#write('cancelOrder', [account, symbol, ref]);
  }

  closePosition(account: VenueAccountRef, symbol: string): Promise<VenueAnswer> {
    return this.#write('closePosition', [account, symbol]);
  }

  async findOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
  ): Promise<VenueOrder | undefined> {
    return (await this.#link.call('findOrder', [account, symbol, ref], null)) as VenueOrder | undefined;
  }

  async readAccount(account: VenueAccountRef): Promise<VenueAccountState> {
    return (await this.#link.call('readAccount', [account], null)) as VenueAccountState;
  }

  async fillsSince(account: VenueAccountRef, cursor: number): Promise<VenueFill[]> {
    return (await this.#link.call('fillsSince', [account, cursor], null)) as VenueFill[];
  }

  async billsSince(account: VenueAccountRef, cursor: number): Promise<VenueBill[]> {
    return (await this.#link.call('billsSince', [account, cursor], null)) as VenueBill[];
  }

  async ordersSince(account: VenueAccountRef, ts: number): Promise<VenueOrder[]> {
    return (await this.#link.call('ordersSince', [account, ts], null)) as VenueOrder[];
  }

  async start(listener: (push: VenuePush) => void): Promise<void> {
    if (this.#listener !== undefined) throw new Error('the private stream has its listener already');
    this.#listener = listener;
  }

  async watch(account: VenueAccountRef): Promise<void> {
    this.#watched.set(account.accountId, account);
    await this.#link.call('watch', [account], null);
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
  }

  push(push: VenuePush): void {
    this.#listener?.(push);
  }

  lost(reason: string): void {
    this.#listener?.({ type: 'interrupted', accountIds: 'all', reason });
  }

  /** Connected: watches again what was watched before it calls the stream restored. */
  async connected(welcome: Welcome): Promise<void> {
    const again = this.#welcome !== undefined;
    this.#welcome = welcome;
    if (!again) return;
    try {
      await Promise.all(
        [...this.#watched.values()].map((account) => this.#link.call('watch', [account], null)),
      );
      this.#listener?.({ type: 'restored' });
    } catch {
      // Lost again meanwhile: the next connection restores the stream.
    }
  }

  async #write(name: CallName, args: unknown[]): Promise<VenueAnswer> {
    if (this.#welcome === undefined) return notSent('the venue was never connected');
    try {
      const deadline = this.#marketTime() + this.#welcome.writeWindowMs;
      const answer = answerSchema.safeParse(await this.#link.call(name, args, deadline));
      return answer.success
        ? (answer.data as VenueAnswer)
        : { outcome: 'unknown', message: 'the answer says nothing' };
    } catch (error) {
      const message = error instanceof Error ? error.message : 'failed';
      return error instanceof CallNotSent ? notSent(message) : { outcome: 'unknown', message };
    }
  }

  #facts(): Welcome {
    if (this.#welcome === undefined) throw new VenueUnavailable('the venue was never connected');
    return this.#welcome;
  }
}

const notSent = (message: string): VenueAnswer => ({ outcome: 'rejected', code: 'maintenance', message });
