import type { Quote } from '../../shared/domain/market.ts';
import type { Clock } from '../ports/clock.ts';
import type { VenuePush } from '../ports/venue.ts';
import type { BarHub } from './barHub/barHub.ts';
import type { HubBar } from './barHub/hubBar.ts';
import type { BoundedVenue } from './boundedVenue.ts';
import type { Engine } from './engine.ts';
import type { SleepingAccounts } from './sleepingAccounts.ts';

export interface IntakeOptions {
  engine: Engine;
  sleeping: SleepingAccounts;
  hub: BarHub;
  venues: ReadonlyMap<string, BoundedVenue>;
  /** Stamps what is pushed: the machine's. */
  clock: Clock;
}

/** What markets and venues tell, as inputs of the desks that it concerns. */
export class Intake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
    options.hub.onBarClosed((bar) => this.#onBar(bar));
    options.hub.onQuote((quote) => this.#onQuote(quote));
  }

  /** Listens to the pushes of all venues. */
  async start(): Promise<void> {
    for (const venue of this.#options.venues.values()) await venue.start((push) => this.#onPush(push));
  }

  #onBar(bar: HubBar): void {
    const { engine } = this.#options;
    const { venue, symbol, interval } = bar;
    const { openTime } = bar.candle;
    for (const deskId of engine.index.desksOfBar(venue, symbol, interval)) {
      engine.submit(deskId, { type: 'BarArrived', venue, symbol, interval, openTime });
    }
  }

  #onQuote(quote: Quote): void {
    const { engine } = this.#options;
    const { venue, symbol } = quote;
    for (const deskId of engine.index.desksOfPrice(venue, symbol)) {
      engine.submit(deskId, { type: 'PriceMoved', venue, symbol });
    }
  }

  /** What a venue tells of an account, to the desk that it belongs to. */
  #onPush(push: VenuePush): void {
    const { engine, sleeping, clock } = this.#options;
    if (push.type === 'interrupted' || push.type === 'restored') {
      this.#onStream(push);
      return;
    }
    const deskId = engine.index.deskOfAccount(push.accountId);
    const { accountId } = push;
    if (deskId === undefined) {
      sleeping.told(accountId);
      return;
    }
    if (push.type === 'fill') {
      engine.submit(deskId, { type: 'VenueFillSeen', accountId, fill: push.fill, ingestedAt: clock.now() });
    } else if (push.type === 'order')
      engine.submit(deskId, { type: 'VenueOrderSeen', accountId, order: push.order });
    else if (push.type === 'bill')
      engine.submit(deskId, { type: 'VenueBillSeen', accountId, bill: push.bill });
  }

  #onStream(push: Extract<VenuePush, { type: 'interrupted' | 'restored' }>): void {
    const { engine, sleeping } = this.#options;
    sleeping.beginAnew();
    const named = push.accountIds === 'all' ? undefined : push.accountIds;
    const reason = push.type === 'interrupted' ? push.reason : 'the stream of the venue is back; comparing';
    for (const [accountId, deskId] of engine.index.accounts()) {
      if (named === undefined || named.includes(accountId)) {
        engine.submit(deskId, { type: 'StreamInterrupted', accountId, reason });
      }
    }
  }
}
