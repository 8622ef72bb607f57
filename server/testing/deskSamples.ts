import type { Account } from '../../shared/domain/account.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { Fill } from '../../shared/domain/fill.ts';
import type { Order } from '../../shared/domain/order.ts';

/** What a client sends to create a bot. */
export const NEW_BOT = {
  name: 'mine',
  accountId: 'a',
  symbol: 'BTCUSDT',
  interval: '1m',
  strategy: 's',
  allocationPct: '1',
} as const;

/** Entities with every field filled, for tests that care about one or two of them. */
export function sampleBot(overrides: Partial<Bot> & { botId: string }): Bot {
  return {
    name: overrides.botId,
    accountId: 'account-1',
    venue: 'sim',
    symbol: 'BTCUSDT',
    interval: '1m',
    strategy: 'momentum',
    params: {},
    allocationPct: dec('10'),
    leverage: 1,
    marginMode: 'isolated',
    onRestart: 'hold',
    state: 'stopped',
    closing: false,
    reason: null,
    version: 1,
    changedBy: { deviceId: null, action: 'create', at: 0 },
    note: null,
    lastBarTime: null,
    plan: null,
    cooldownUntil: null,
    stats: { trades: 0, wins: 0, realisedPnl: dec('0'), fees: dec('0'), funding: dec('0') },
    createdAt: 0,
    startedAt: null,
    ...overrides,
  };
}

const ACCOUNT: Account = {
  accountId: '',
  name: 'Demo',
  venue: 'sim',
  book: 'simulated',
  leverage: 1,
  marginMode: 'isolated',
  status: 'ready',
  statusReason: null,
  latch: null,
  foreign: null,
  balances: { USDT: dec('10000') },
  deposit: dec('10000'),
  version: 1,
  createdAt: 0,
};

export function sampleAccount(accountId: string): Account {
  return { ...ACCOUNT, accountId };
}

export function sampleFill(overrides: Partial<Fill> & { fillId: string }): Fill {
  return {
    orderId: null,
    venueOrderId: 'v-1',
    accountId: 'account-1',
    botId: null,
    symbol: 'BTCUSDT',
    side: 'buy',
    price: dec('20000'),
    size: dec('0.1'),
    fee: dec('1.2'),
    realisedPnl: dec('0'),
    liquidity: 'taker',
    source: 'order',
    ts: 0,
    ingestedAt: 0,
    ...overrides,
  };
}

export function sampleOrder(overrides: Partial<Order> & { orderId: string }): Order {
  return {
    venueOrderId: null,
    accountId: 'account-1',
    botId: null,
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'limit',
    purpose: 'manual',
    slot: '',
    size: dec('0.1'),
    price: dec('19000'),
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    attachedStop: null,
    status: 'open',
    cancelRequested: false,
    unanswered: false,
    shownAt: null,
    filledSize: dec('0'),
    filledNotional: dec('0'),
    feePaid: dec('0'),
    reason: null,
    notAfter: null,
    createdAt: 0,
    updatedAt: 0,
    ...overrides,
  };
}
