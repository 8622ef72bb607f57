import { scaleOf } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { OpResult } from '../../shared/protocol/ops.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

export type StrategyInfo = OpResult<'strategies.list'>['strategies'][number];
export type VenueInfo = OpResult<'venues.list'>['venues'][number];

/** How long after a failure it is asked again, while connected, ms. */
const RETRY_MS = 3_000;

/** What the server offers: venues, instruments, strategies. Asked for once a connection; it hardly changes. */
export class CatalogStore {
  venues = $state.raw<VenueInfo[]>([]);
  strategies = $state.raw<StrategyInfo[]>([]);
  #instruments = $state.raw<Readonly<Record<string, Instrument[]>>>({});
  #loading = false;
  readonly #client: Pick<FillwireClient, 'request' | 'status' | 'onStatus'>;

  constructor(client: Pick<FillwireClient, 'request' | 'status' | 'onStatus'>) {
    this.#client = client;
    client.onStatus((status) => {
      if (status.state === 'live') void this.#load();
    });
  }

  /** Without an answer the lists stay empty until a later attempt. */
  async #load(): Promise<void> {
    if (this.#loading || this.strategies.length > 0) return;
    this.#loading = true;
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
      setTimeout(() => {
        if (this.#client.status.state === 'live') void this.#load();
      }, RETRY_MS);
    } finally {
      this.#loading = false;
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
