import { scaleOf } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { OpResult } from '../../shared/protocol/ops.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

export type StrategyInfo = OpResult<'strategies.list'>['strategies'][number];
export type VenueInfo = OpResult<'venues.list'>['venues'][number];

/** What the server offers: venues, instruments, strategies. Asked for once a connection; it hardly changes. */
export class CatalogStore {
  venues = $state.raw<VenueInfo[]>([]);
  strategies = $state.raw<StrategyInfo[]>([]);
  #instruments = $state.raw<Readonly<Record<string, Instrument[]>>>({});
  readonly #client: Pick<FillwireClient, 'request' | 'onStatus'>;

  constructor(client: Pick<FillwireClient, 'request' | 'onStatus'>) {
    this.#client = client;
    client.onStatus((status) => {
      if (status.state === 'live' && this.strategies.length === 0) void this.#load();
    });
  }

  /** Without an answer the lists stay empty, and the next time the connection is live it is asked again. */
  async #load(): Promise<void> {
    try {
      const [{ venues }, { strategies }] = await Promise.all([
        this.#client.request('venues.list', {}),
        this.#client.request('strategies.list', {}),
      ]);
      const lists = await Promise.all(
        venues.map(async ({ venue }) => {
          const { instruments } = await this.#client.request('market.instruments', { venue });
          return [venue, instruments] as const;
        }),
      );
      this.#instruments = Object.fromEntries(lists);
      this.venues = venues;
      this.strategies = strategies;
    } catch {
      this.strategies = [];
    }
  }

  instruments(venue: string): Instrument[] {
    return this.#instruments[venue] ?? [];
  }

  instrument(venue: string, symbol: string): Instrument | undefined {
    return this.instruments(venue).find((instrument) => instrument.symbol === symbol);
  }

  /** Digits after the point of this market's prices; undefined while unknown. */
  priceScale(venue: string, symbol: string): number | undefined {
    const found = this.instrument(venue, symbol);
    return found === undefined ? undefined : scaleOf(found.tickSize);
  }

  strategy(id: string): StrategyInfo | undefined {
    return this.strategies.find((strategy) => strategy.id === id);
  }
}
