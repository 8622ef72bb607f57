import type { RestCalls } from '../calls/restCalls.ts';
import type { MarketApi } from '../feed/marketApi.ts';
import { PRODUCT, V2 } from './endpoints.ts';
import { parseInstruments, parseMaintenanceRate } from './instruments.ts';
import { parseTickers } from './tickers.ts';

const READ = { lane: 'read' } as const;

/** Markets by the classic API, which works without an account of it. */
export function v2MarketApi(calls: RestCalls, now: () => number): MarketApi {
  const ask = (endpoint: (typeof V2)[keyof typeof V2], params = {}) =>
    calls.call(endpoint, { ...PRODUCT, ...params }, null, READ);
  return {
    path: '/v2/ws/public',
    tickerArg: (symbol) => ({ instType: 'USDT-FUTURES', channel: 'ticker', instId: symbol }),
    readPush: ({ topic, data, ts }, at) => (topic === 'ticker' ? parseTickers(data, ts ?? at) : []),
    readInstruments: async (venue) => parseInstruments(venue, await ask(V2.contracts), now()),
    readTickers: async () => parseTickers(await ask(V2.tickers), now()),
    readMaintenanceRate: async (symbol) => parseMaintenanceRate(await ask(V2.positionTier, { symbol })),
  };
}
