import type { Quote } from '../../../shared/domain/market.ts';
import { emptyView } from '../../../shared/view/view.ts';
import type { GatewayDeps } from '../../gateway/deps.ts';
import type { Clock } from '../../ports/clock.ts';
import { TICKERS, tickerSymbol } from './fanoutExchanges.ts';

const DAY_MS = 86_400_000;

export const benchClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

const notAsked = (): never => {
  throw new Error('this benchmark does not ask for that');
};

/**
 * Everything around the gateway, so thin that the gateway alone is measured: a token is its user's id, desks are empty,
 * quotes come from the returned function.
 */
export function stubDeps(): { deps: GatewayDeps; quote: (quote: Quote) => void } {
  let onQuote: (quote: Quote) => void = () => undefined;
  const symbols = new Set(Array.from({ length: TICKERS }, (_, index) => tickerSymbol(index)));
  const device = { name: 'bench', kind: 'program', createdAt: 0, lastSeenAt: 0, revokedAt: null } as const;
  const silent = (): void => undefined;
  const deps: GatewayDeps = {
    clock: benchClock,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    config: {
      allowedOrigins: [],
      hosts: [],
      trustedProxyHops: 0,
      secureCookies: false,
      // 10,000 sockets of 100 users.
      limits: { connectionsPerUser: 200 },
    },
    authenticator: {
      verifyAccess: async (token) => {
        const expiresAt = Date.now() + DAY_MS;
        const grant = {
          userId: token,
          sessionId: token,
          deviceId: token,
          role: 'user',
          scopes: [],
          expiresAt,
        } as const;
        return { ok: true, grant };
      },
      claimDevice: async (grant) => ({ ...device, deviceId: grant.deviceId, userId: grant.userId }),
      listDevices: async (userId) => [{ ...device, deviceId: userId, userId }],
      register: notAsked,
      login: notAsked,
      refresh: notAsked,
      logout: notAsked,
      onRevoked: () => undefined,
      revokedSince: async () => [],
      hasUsers: async () => true,
      prune: async () => undefined,
      revokeDevice: notAsked,
    },
    admin: { execute: async () => ({ ok: true, result: {} }) },
    commands: { open: async () => undefined, attend: async () => undefined, execute: notAsked },
    keys: { set: notAsked, remove: notAsked },
    queries: {
      query: notAsked,
      accountTest: notAsked,
      previewOrder: notAsked,
      previewEmergency: notAsked,
      strategies: notAsked,
      venues: notAsked,
      valuations: () => [],
      botLog: () => [],
    },
    history: { orders: notAsked, fills: notAsked, trades: notAsked, equity: notAsked, bills: notAsked },
    deskHistory: {
      epoch: async () => 'bench',
      heads: async (deskIds) => new Map(deskIds.map((deskId) => [deskId, 0])),
      framesAfter: async () => [],
      baseView: async () => ({ seq: 0, view: emptyView() }),
    },
    market: {
      onQuote: (handler) => {
        onQuote = handler;
      },
      onCandle: silent,
      watchCandles: silent,
      latestQuote: () => undefined,
      marketTimes: () => ({}),
      candles: async () => [],
      openCandle: async () => null,
      instruments: async () => undefined,
      marketsNow: () => undefined,
      onInstruments: silent,
      hasMarket: (venue, symbol) => venue === 'sim' && symbols.has(symbol),
    },
    stream: {
      isConnected: true,
      listen: silent,
      follow: async () => undefined,
      unfollow: async () => undefined,
      close: async () => undefined,
    },
    staticDir: null,
    docsDir: null,
    docPagesDir: null,
    health: { degradation: null, onChange: () => {} },
    deskHealth: { trouble: () => null, onChange: () => {} },
    isStandby: () => false,
    readiness: () => ({ ready: true, checks: {}, stuckDesks: 0, awakeDesks: 0 }),
  };
  return { deps, quote: (quote) => onQuote(quote) };
}
