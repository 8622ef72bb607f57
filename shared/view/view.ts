import type { Account, Limits } from '../domain/account.ts';
import type { Alert, Emergency } from '../domain/alert.ts';
import type { Bot } from '../domain/bot.ts';
import type { Fill, Trade } from '../domain/fill.ts';
import type { Order } from '../domain/order.ts';
import type { Position } from '../domain/position.ts';

/** How much of the past a view holds; the rest is history by cursor. */
export const VIEW_LIMITS = { fills: 200, closedOrders: 200, trades: 100, emergencies: 5 } as const;

/** What a client sees of its desk: folded from frames by reduceView, equally on both sides. Plain JSON. */
export interface View {
  accounts: Record<string, Account>;
  limits: Record<string, Limits>;
  bots: Record<string, Bot>;
  /** Working orders by orderId. */
  orders: Record<string, Order>;
  /** Open positions by positionKey. */
  positions: Record<string, Position>;
  alerts: Record<string, Alert>;
  /** Newest last. */
  fills: Fill[];
  closedOrders: Order[];
  trades: Trade[];
  emergencies: Emergency[];
}

export function emptyView(): View {
  return {
    accounts: {},
    limits: {},
    bots: {},
    orders: {},
    positions: {},
    alerts: {},
    fills: [],
    closedOrders: [],
    trades: [],
    emergencies: [],
  };
}

export function positionKey(accountId: string, symbol: string): string {
  return `${accountId}:${symbol}`;
}
