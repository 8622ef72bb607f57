import { type Decimal, isPositive } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { TradableFeed } from '../../../ports/tradableFeed.ts';
import { type VenueAccountRef, VenueUnavailable } from '../../../ports/venue.ts';
import type { AccountPush } from '../account/state.ts';
import type { VenueAccount } from '../account/venueAccount.ts';
import type { MatchingEngine } from './matchingEngine.ts';

/** Facts of an instrument that an exchange changes while people trade; what is left out stays. */
export type InstrumentChange = Partial<
  Pick<
    Instrument,
    | 'status'
    | 'tickSize'
    | 'sizeStep'
    | 'minSize'
    | 'minNotional'
    | 'maxLeverage'
    | 'maintenanceMarginRate'
    | 'priceBandRatio'
  >
>;

/**
 * What an exchange does of its own accord, for tests and rehearsals: no client may ask for it. Each resolves when it is
 * durable and told; rejects with VenueUnavailable when it cannot be done, having changed nothing.
 */
export interface VenueControl {
  /** Auto-deleveraging: closes up to `size` of a position at the mark; null: all of it. */
  deleverage(account: VenueAccountRef, symbol: string, size: Decimal | null): Promise<void>;
  /**
   * Other rules are in force from now on, until the venue's process ends. What rests stays as it was accepted, but for
   * entries of a symbol that becomes `close_only`: they are cancelled. A higher maintenance rate liquidates whoever no
   * longer has the margin, with the next step.
   */
  changeInstrument(symbol: string, change: InstrumentChange): Promise<void>;
  /** The symbol has ended: orders are cancelled, positions settled at the mark, and nobody knows it any more. */
  endInstrument(symbol: string): Promise<void>;
  /**
   * The market of a symbol jumps with the next step: from then on its prices are `ratio` times what they would have been,
   * until the venue's process ends.
   */
  movePrice(symbol: string, ratio: Decimal): Promise<void>;
}

export interface ControlledVenue {
  feed: TradableFeed;
  engine: MatchingEngine;
  /** Market time of an input; throws VenueUnavailable while the venue is not open. */
  now(): number;
  stage(account: VenueAccount, pushes: AccountPush[]): Promise<void>;
}

/** The hand of the exchange itself in a simulated venue of this process. */
export class LocalVenueControl implements VenueControl {
  readonly #venue: ControlledVenue;
  constructor(venue: ControlledVenue) {
    this.#venue = venue;
  }

  async deleverage({ accountId }: VenueAccountRef, symbol: string, size: Decimal | null): Promise<void> {
    const now = this.#venue.now();
    const account = this.#venue.engine.account(accountId);
    const held = account?.state.positions[symbol];
    if (account === undefined || held === undefined)
      throw new VenueUnavailable(`account ${accountId} has no position in ${symbol}`);
    if (size !== null && !isPositive(size)) throw new VenueUnavailable('the size must be above 0');
    await this.#acted(account, account.deleverage(symbol, size ?? held.size, now));
  }

  async changeInstrument(symbol: string, change: InstrumentChange): Promise<void> {
    const { engine } = this.#venue;
    const now = this.#venue.now();
    const known = this.#known(symbol);
    for (const [fact, value] of Object.entries(change)) {
      if (fact !== 'status' && !(Number(value) > 0))
        throw new VenueUnavailable(`${fact} must be above 0, not ${value}`);
    }
    engine.list(engine.instruments.map((one) => (one === known ? { ...one, ...change } : one)));
    await this.#toEach((account) =>
      change.status === 'close_only' ? account.delist(symbol, false, now) : [],
    );
  }

  async endInstrument(symbol: string): Promise<void> {
    const { engine } = this.#venue;
    const now = this.#venue.now();
    const known = this.#known(symbol);
    // Settled by the rules it had to the end; all of this is one turn, so that no order comes in between.
    const settled = this.#toEach((account) => account.delist(symbol, true, now));
    engine.list(engine.instruments.filter((one) => one !== known));
    await settled;
  }

  async movePrice(symbol: string, ratio: Decimal): Promise<void> {
    this.#known(symbol);
    if (!isPositive(ratio)) throw new VenueUnavailable(`the ratio must be above 0, not ${ratio}`);
    this.#venue.feed.move(symbol, ratio);
  }

  #known(symbol: string): Instrument {
    const known = this.#venue.engine.instruments.find((one) => one.symbol === symbol);
    if (known === undefined) throw new VenueUnavailable(`unknown symbol ${symbol}`);
    return known;
  }

  /** Tells of the rules once what they did to accounts is durable, or nobody knows whether it is: they are in force. */
  async #toEach(act: (account: VenueAccount) => AccountPush[]): Promise<void> {
    const { engine, feed } = this.#venue;
    try {
      await Promise.all([...engine.all()].map((account) => this.#acted(account, act(account))));
    } finally {
      feed.list(engine.instruments);
    }
  }

  #acted(account: VenueAccount, pushes: AccountPush[]): Promise<void> {
    // It may wait for other prices now, also where nothing was done to it: rules change them.
    this.#venue.engine.changed(account);
    return pushes.length === 0 ? Promise.resolve() : this.#venue.stage(account, pushes);
  }
}
