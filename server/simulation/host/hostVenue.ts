import type { MarginMode } from '../../../shared/domain/account.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type {
  AmendChange,
  PlaceOrder,
  Venue,
  VenueAccountRef,
  VenueAccountState,
  VenueAnswer,
  VenueBill,
  VenueCapabilities,
  VenueFill,
  VenueOrder,
  VenueOrderRef,
  VenuePush,
} from '../../ports/venue.ts';
import type { VenueModel } from '../venueModel.ts';

/** The simulation's venue behind the port of a process. Answers at once: what lies between is the host's. */
export class HostVenue implements Venue {
  readonly venue: string;
  readonly capabilities: VenueCapabilities;
  readonly writeWindowMs: number;
  readonly #model: VenueModel;
  #listener: (push: VenuePush) => void = () => {};

  constructor(model: VenueModel, facts: Pick<Venue, 'venue' | 'capabilities' | 'writeWindowMs'>) {
    this.#model = model;
    this.venue = facts.venue;
    this.capabilities = facts.capabilities;
    this.writeWindowMs = facts.writeWindowMs;
  }

  push(push: VenuePush): void {
    this.#listener(push);
  }

  async openAccount({ accountId }: VenueAccountRef, deposit: Decimal): Promise<void> {
    this.#model.open(accountId, deposit);
  }

  async resetAccount({ accountId }: VenueAccountRef, deposit: Decimal): Promise<VenueAnswer> {
    return this.#model.reset(accountId, deposit);
  }

  async configureSymbol(
    { accountId }: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer> {
    return this.#model.configure(accountId, symbol, leverage, marginMode);
  }

  async placeOrder(order: PlaceOrder): Promise<VenueAnswer> {
    return this.#model.place(order, 'keep');
  }

  async amendOrder(
    { accountId }: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer> {
    return this.#model.amend(accountId, symbol, ref, change);
  }

  async cancelOrder(
    { accountId }: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
  ): Promise<VenueAnswer> {
    return this.#model.cancel(accountId, symbol, ref);
  }

  async closePosition({ accountId }: VenueAccountRef, symbol: string): Promise<VenueAnswer> {
    return this.#model.closePosition(accountId, symbol);
  }

  async findOrder(
    { accountId }: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
  ): Promise<VenueOrder | undefined> {
    return this.#model.find(accountId, symbol, ref);
  }

  async readAccount({ accountId }: VenueAccountRef): Promise<VenueAccountState> {
    return this.#model.read(accountId);
  }

  async fillsSince({ accountId }: VenueAccountRef, cursor: number): Promise<VenueFill[]> {
    return this.#model.fillsSince(accountId, cursor);
  }

  async billsSince({ accountId }: VenueAccountRef, cursor: number): Promise<VenueBill[]> {
    return this.#model.billsSince(accountId, cursor);
  }

  async ordersSince({ accountId }: VenueAccountRef, ts: number): Promise<VenueOrder[]> {
    return this.#model.ordersSince(accountId, ts);
  }

  async start(listener: (push: VenuePush) => void): Promise<void> {
    this.#listener = listener;
  }

  async watch(): Promise<void> {}

  async stop(): Promise<void> {
    this.#listener = () => {};
  }
}
