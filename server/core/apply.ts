import { isZero } from '../../shared/domain/decimal.ts';
import { isOpen, type Order } from '../../shared/domain/order.ts';
import { type AccountState, DESK_LIMITS, type Desk, symbolKey } from './desk.ts';
import type { DeskEvent } from './events.ts';

/** Folds one event into the desk, in place. Total: every event that was ever committed can be applied. */
export function apply(desk: Desk, event: DeskEvent): Desk {
  if (event.seq !== desk.seq + 1) {
    throw new Error(`desk ${desk.deskId}: event ${event.seq} after ${desk.seq}`);
  }
  desk.seq = event.seq;
  switch (event.kind) {
    case 'DeskOpened':
      desk.opened = true;
      break;
    case 'BotCreated':
    case 'BotUpdated':
    case 'BotStateChanged':
    case 'BotNote':
      desk.bots.set(event.data.bot.botId, event.data.bot);
      break;
    case 'BotDeleted':
      desk.bots.delete(event.data.botId);
      break;
    case 'OrderSubmitted':
    case 'OrderAccepted':
    case 'OrderUpdated':
    case 'OrderCancelled':
    case 'OrderRejected':
    case 'OrderUnknown':
      applyOrder(desk, event.data.order, event.kind);
      break;
    case 'FillRecorded':
      remember(desk.accounts.get(event.data.fill.accountId), event.data.fill.fillId, event.data.cursor);
      break;
    case 'PositionChanged':
    case 'StopPlaced':
    case 'StopReplaced':
    case 'StopTriggered':
    case 'StopFailed':
    case 'Unprotected': {
      const { position } = event.data;
      const key = symbolKey(position.accountId, position.symbol);
      if (isZero(position.size)) {
        desk.positions.delete(key);
        desk.closeFailures.delete(key);
        break;
      }
      // Another owner: what was refused to the former one is not tried on.
      if (desk.positions.get(key)?.botId !== position.botId) desk.closeFailures.delete(key);
      desk.positions.set(key, position);
      break;
    }
    case 'AccountChanged':
    case 'LatchReleased':
    case 'ForeignActivity':
    case 'ForeignResolved':
      applyAccount(desk, event.data.account);
      break;
    case 'BalanceChanged':
      applyAccount(desk, event.data.account);
      if (event.data.bill !== null && event.data.cursor !== null) {
        remember(desk.accounts.get(event.data.account.accountId), event.data.bill.billId, event.data.cursor);
      }
      break;
    case 'FundingPaid':
      remember(desk.accounts.get(event.data.accountId), event.data.bill.billId, event.data.cursor);
      break;
    case 'LimitChanged':
    case 'LimitBreached': {
      const state = desk.accounts.get(event.data.limits.accountId);
      if (state !== undefined) state.limits = event.data.limits;
      break;
    }
    case 'EmergencyStage':
    case 'EmergencyReceipt':
      desk.emergencies.set(event.data.emergency.emergencyId, event.data.emergency);
      dropOldest(desk.emergencies, DESK_LIMITS.emergencies);
      break;
    case 'AlertRaised':
      desk.alerts.set(event.data.alert.alertId, event.data.alert);
      dropOldest(desk.alerts, DESK_LIMITS.alerts);
      break;
    case 'AlertResolved':
      desk.alerts.delete(event.data.alertId);
      break;
    case 'Reconciled': {
      const state = desk.accounts.get(event.data.accountId);
      if (state === undefined) break;
      state.cursor = event.data.cursor;
      state.reconciledAt = event.data.ts;
      for (const [id, cursor] of state.seen) if (cursor <= event.data.cursor) state.seen.delete(id);
      break;
    }
    case 'SymbolConfigured': {
      const { accountId, symbol, leverage, marginMode } = event.data;
      desk.accounts.get(accountId)?.configured.set(symbol, { leverage, marginMode });
      break;
    }
    case 'EquityMarked': {
      const state = desk.accounts.get(event.data.accountId);
      if (state !== undefined) state.lastEquityAt = event.data.ts;
      break;
    }
  }
  return desk;
}

function applyAccount(desk: Desk, account: AccountState['account']): void {
  if (account.status === 'removed') {
    desk.accounts.delete(account.accountId);
    return;
  }
  const known = desk.accounts.get(account.accountId);
  if (known !== undefined) {
    known.account = account;
    return;
  }
  desk.accounts.set(account.accountId, {
    account,
    limits: {
      accountId: account.accountId,
      values: UNLIMITED,
      pending: null,
      timeZone: 'UTC',
      dayStart: null,
      peakEquity: null,
      breach: null,
      version: 1,
    },
    cursor: 0,
    seen: new Map(),
    configured: new Map(),
    reconciledAt: null,
    orderTimes: [],
    lastEquityAt: 0,
  });
}

/** Until the account's first LimitChanged, which is committed with the account itself. */
const UNLIMITED: AccountState['limits']['values'] = {
  dailyLoss: null,
  dailyLossPolicy: 'flatten',
  drawdownPct: null,
  drawdownPolicy: 'flatten',
  maxLeverage: null,
  maxPositions: null,
  maxOrderNotional: null,
  maxTotalNotional: null,
  maxOrdersPerMinute: null,
  priceBandPct: null,
  liquidationMarginPct: null,
  cooldownAfterStopMs: null,
};

/** Orders of the last minute that could add exposure count against the order-rate limit; exits never do. */
const RATE_WINDOW_MS = 60_000;

function applyOrder(desk: Desk, order: Order, kind: DeskEvent['kind']): void {
  const known = desk.orders.get(order.orderId);
  desk.orders.set(order.orderId, order);
  if (isOpen(order)) {
    desk.workingOrderIds.add(order.orderId);
    // It turned up after all: no longer among those that are forgotten in time.
    if (known !== undefined && !isOpen(known)) {
      desk.closedOrderIds = desk.closedOrderIds.filter((orderId) => orderId !== order.orderId);
    }
  } else desk.workingOrderIds.delete(order.orderId);
  const state = desk.accounts.get(order.accountId);
  if (kind === 'OrderSubmitted' && !order.reduceOnly && state !== undefined) {
    state.orderTimes = state.orderTimes.filter((ts) => ts > order.createdAt - RATE_WINDOW_MS);
    state.orderTimes.push(order.createdAt);
  }
  if (order.purpose === 'close' && kind === 'OrderRejected') {
    const key = symbolKey(order.accountId, order.symbol);
    const count = (desk.closeFailures.get(key)?.count ?? 0) + 1;
    desk.closeFailures.set(key, { count, reason: order.reason ?? 'rejected', lastAt: order.updatedAt });
  }
  if (isOpen(order) && known !== undefined && !isOpen(known)) {
    // Counted as lost or refused, and it works after all: it must not be forgotten with the closed ones.
    desk.closedOrderIds = desk.closedOrderIds.filter((id) => id !== order.orderId);
  }
  if (!isOpen(order) && (known === undefined || isOpen(known))) {
    desk.closedOrderIds.push(order.orderId);
    if (desk.closedOrderIds.length > DESK_LIMITS.closedOrders) {
      const oldest = desk.closedOrderIds.shift();
      if (oldest !== undefined) desk.orders.delete(oldest);
    }
  }
}

function remember(state: AccountState | undefined, id: string, cursor: number): void {
  state?.seen.set(id, cursor);
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  if (map.size <= limit) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
