import { type Candle, INTERVAL_MS } from '../../../../shared/domain/market.ts';
import type { RestCalls } from '../calls/restCalls.ts';
import { parseCandles } from '../told/quotePart.ts';
import { PRODUCT, V2 } from '../v2/endpoints.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
/** What one answer holds, of the last weeks and of before. */
const MOST_RECENT = 1_000;
const MOST_PAST = 200;

/**
 * Minutes of the past, by the classic API for either family: it reaches further back than the unified one, and asks for no
 * account. Oldest first, closed ones only.
 */
export class CandleHistory {
  readonly #calls: RestCalls;
  readonly #now: () => number;

  constructor(calls: RestCalls, now: () => number) {
    this.#calls = calls;
    this.#now = now;
  }

  /** Bars with openTime < `before`, at most `limit`; fewer where history ends. */
  async before(symbol: string, before: number, limit: number): Promise<Candle[]> {
    const end = Math.min(before, this.#now() - (this.#now() % MINUTE_MS));
    let bars = await this.#page(V2.candles, symbol, { before: end, limit: Math.min(limit, MOST_RECENT) });
    while (bars.length < limit) {
      const [oldest] = bars;
      const wanted = { before: oldest?.openTime ?? end, limit: Math.min(limit - bars.length, MOST_PAST) };
      const older = await this.#page(V2.historyCandles, symbol, wanted);
      if (older.length === 0) break;
      bars = [...older, ...bars];
    }
    return bars;
  }

  async #page(
    endpoint: typeof V2.candles,
    symbol: string,
    { before, limit }: { before: number; limit: number },
  ): Promise<Candle[]> {
    // Whether the end belongs to it is not said: one more is asked for, and what lies beyond left out.
    const params = {
      ...PRODUCT,
      symbol,
      granularity: '1m',
      endTime: before,
      limit: Math.min(limit + 1, mostOf(endpoint)),
    };
    const data = await this.#calls.call(endpoint, params, null, { lane: 'read' });
    return parseCandles(endpoint.path, data)
      .filter(({ openTime }) => openTime < before)
      .slice(-limit);
  }
}

const mostOf = (endpoint: typeof V2.candles): number =>
  endpoint === V2.historyCandles ? MOST_PAST : MOST_RECENT;
