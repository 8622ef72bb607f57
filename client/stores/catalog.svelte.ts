import { scaleOf } from '../../shared/domain/decimal.ts';
import type { Instrument, MarketsNow } from '../../shared/domain/instrument.ts';
import type { OpResult } from '../../shared/protocol/ops.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';

export type StrategyInfo = OpResult<'strategies.list'>['strategies'][number];
export type VenueInfo = OpResult<'venues.list'>['venues'][number];

/** How long after a failure it is asked again, while connected, ms. */
const RETRY_MS = 3_000;

/** Why a market takes no entries: it is over, or it has had no price since then (server time, ms since 1970). */
export type MarketTrouble = { kind: 'ended' } | { kind: 'still'; since: number };

/** What the server offers: venues, strategies, and markets as they are now, which it tells whenever they change. */
export class CatalogStore {
  venues = $state.raw<VenueInfo[]>([]);
  strategies = $state.raw<StrategyInfo[]>([]);
  #markets = $state.raw<Readonly<Record<string, MarketsNow>>>({});
  #loading = false;
  readonly #client: Pick<FillwireClient, 'request' | 'status' | 'onStatus' | 'subscribe'>;

  constructor(client: Pick<FillwireClient, 'request' | 'status' | 'onStatus' | 'subscribe'>) {
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
        venues.map(async ({ venue }): Promise<[string, MarketsNow]> => {
          const { instruments } = await this.#client.request('market.instruments', { venue });
          return [venue, { instruments, standstills: [] }];
        }),
      );
      this.#markets = Object.fromEntries(lists);
      this.venues = venues;
      this.strategies = strategies;
      for (const { venue } of venues) this.#follow(venue);
    } catch {
      setTimeout(() => {
        if (this.#client.status.state === 'live') void this.#load();
      }, RETRY_MS);
    } finally {
      this.#loading = false;
    }
  }

  #follow(venue: string): void {
    this.#client.subscribe(`markets:${venue}`, (push) => {
      if (push.kind === 'markets') this.#markets = { ...this.#markets, [venue]: push.data };
    });
  }

  instruments(venue: string): Instrument[] {
    return this.#markets[venue]?.instruments ?? [];
  }

  /** Null: it takes entries, or says in its status why not. */
  trouble(venue: string, symbol: string): MarketTrouble | null {
    if (this.instrument(venue, symbol)?.status === 'ended') return { kind: 'ended' };
    const still = this.#markets[venue]?.standstills.find((one) => one.symbol === symbol);
    return still === undefined ? null : { kind: 'still', since: still.since };
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
