import type { RestCalls } from '../calls/restCalls.ts';
import type { MarketApi } from '../feed/marketApi.ts';
import { CATEGORY, V3 } from './endpoints.ts';
import { parseInstruments, parseMaintenanceRate } from './instruments.ts';
import { parseTickerPush, parseTickers } from './tickers.ts';

const READ = { lane: 'read' } as const;

/** Markets by the unified API. */
export function v3MarketApi(calls: RestCalls, now: () => number): MarketApi {
  const ask = (endpoint: (typeof V3)[keyof typeof V3], params = {}) =>
    calls.call(endpoint, { category: CATEGORY, ...params }, null, READ);
  return {
    path: '/v3/ws/public',
    tickerArg: (symbol) => ({ instType: 'usdt-futures', topic: 'ticker', symbol }),
    readPush: ({ topic, symbol, data, ts }, at) =>
      topic === 'ticker' ? parseTickerPush(symbol, data, ts ?? at) : [],
    readInstruments: async (venue) => parseInstruments(venue, await ask(V3.instruments), now()),
    readTickers: async () => parseTickers(await ask(V3.tickers), now()),
    readMaintenanceRate: async (symbol) => parseMaintenanceRate(await ask(V3.positionTier, { symbol })),
  };
}
