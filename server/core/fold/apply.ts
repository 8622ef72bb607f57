import type { Bot } from '../../../shared/domain/bot.ts';
import { add, isNegative, isZero, lt, neg, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Fill, Trade } from '../../../shared/domain/fill.ts';
import { isOpen, type Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import {
  type AccountState,
  type Booked,
  DESK_LIMITS,
  type Desk,
  isUnderWay,
  noteOfOrder,
  SETTLEMENT_COIN,
  symbolKey,
} from '../desk.ts';
import type { DeskEvent, LedgerBill } from '../events.ts';
import { UNLIMITED } from '../rules/limitValues.ts';
import { countExitFailure, forgetExitFailures, forgetHandFailures } from './countExitFailures.ts';
import { endsFormer, outlive } from './outlived.ts';
import { tallyCancel, tallyFill } from './tally.ts';

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
    case 'DeskRecovered':
      desk.recoveredAt = event.data.ts;
      // What a former process was shown once is asked anew.
      for (const { noted } of desk.accounts.values()) noted.clear();
      break;
    case 'DeskLatched':
      desk.latch = event.data.latch;
      break;
    case 'BotCreated':
    case 'BotUpdated':
    case 'BotStateChanged':
    case 'BotNote':
      desk.bots.set(event.data.bot.botId, event.data.bot);
      noteCooldown(desk, event.data.bot);
      break;
    case 'BotDeleted': {
      const { botId, deletedBy } = event.data;
      desk.bots.delete(botId);
      if (deletedBy === undefined) break;
      desk.deletedBots = [...desk.deletedBots, { botId, deletedBy }].slice(-DESK_LIMITS.deletedBots);
      break;
    }
    case 'OrderSubmitted':
    case 'OrderAccepted':
    case 'OrderUpdated':
    case 'OrderCancelled':
    case 'OrderRejected':
    case 'OrderUnknown':
      applyOrder(desk, event.data.order, event.kind);
      break;
    case 'FillHeld': {
      const { accountId, fill, ingestedAt, heldAt } = event.data;
      const state = desk.accounts.get(accountId);
      state?.held.set(fill.fillId, { fill, ingestedAt, heldAt });
      const { cursor, symbol } = fill;
      state?.seenFills.set(fill.fillId, { cursor, symbol, size: ZERO, amount: ZERO });
      break;
    }
    case 'FillRecorded':
      rememberFill(desk, event.data.fill, event.data.cursor);
      tallyFill(desk, event.data.fill);
      break;
    case 'PositionChanged':
    case 'StopPlaced':
    case 'StopReplaced':
    case 'StopTriggered':
    case 'StopFailed':
    case 'Unprotected': {
      const { position } = event.data;
      const key = symbolKey(position.accountId, position.symbol);
      if (event.kind === 'PositionChanged') {
        countStopOut(desk, event.data.trade);
        noteTrade(desk, position, event.data.trade);
      }
      const isAnother = endsFormer(desk, position);
      if (isAnother) outlive(desk, position);
      if (isZero(position.size)) {
        desk.positions.delete(key);
        desk.stopSince.delete(key);
        desk.stopShortSince.delete(key);
        forgetExitFailures(desk, position.accountId, position.symbol);
        break;
      }
      // What was refused to the former one is not tried on.
      if (isAnother || !desk.positions.has(key))
        forgetExitFailures(desk, position.accountId, position.symbol);
      if (desk.positions.get(key)?.protection.takeProfitPrice !== position.protection.takeProfitPrice)
        forgetHandFailures(desk, position.accountId, position.symbol);
      if (!isSameStop(desk.positions.get(key)?.stop ?? null, position.stop))
        desk.stopSince.set(key, position.updatedAt);
      noteShortStop(desk, key, position);
      desk.positions.set(key, position);
      break;
    }
    case 'TradeChanged': {
      const { trade } = event.data;
      const state = desk.accounts.get(trade.accountId);
      if (state === undefined) break;
      state.endedTrades = state.endedTrades.map((ended) =>
        ended.trade.tradeId === trade.tradeId ? { ...ended, trade } : ended,
      );
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
        rememberBill(desk, event.data.account.accountId, event.data.bill, event.data.cursor);
        moveLastEquity(desk, event.data.account.accountId, event.data.bill);
      }
      break;
    case 'FundingPaid':
      rememberBill(desk, event.data.accountId, event.data.bill, event.data.cursor);
      break;
    case 'LimitChanged':
    case 'LimitBreached': {
      const { limits } = event.data;
      const state = desk.accounts.get(limits.accountId);
      if (limits.book !== undefined) desk.bookLimits.set(limits.book, limits);
      else if (state !== undefined) state.limits = limits;
      break;
    }
    case 'EmergencyStage':
    case 'EmergencyReceipt':
      desk.emergencies.set(event.data.emergency.emergencyId, event.data.emergency);
      dropOldestEnded(desk);
      break;
    case 'AlertRaised':
      desk.alerts.set(event.data.alert.alertId, event.data.alert);
      break;
    case 'AlertResolved':
      desk.alerts.delete(event.data.alertId);
      break;
    case 'Reconciled': {
      const state = desk.accounts.get(event.data.accountId);
      if (state === undefined) break;
      state.cursors = event.data.cursors;
      state.reconciledAt = event.data.ts;
      forgetUpTo(state.seenFills, state.cursors.fills);
      forgetUpTo(state.seenBills, state.cursors.bills);
      break;
    }
    case 'BarsGiven':
      desk.barsGiven.set(event.data.series, event.data.openTime);
      break;
    case 'BalanceCompared': {
      const state = desk.accounts.get(event.data.accountId);
      if (state === undefined) break;
      state.balanceGap = event.data.gap;
      state.balanceGapSince = event.data.ts;
      break;
    }
    case 'ReadingNoted': {
      const { accountId, subject, noted } = event.data;
      const known = desk.accounts.get(accountId)?.noted;
      if (noted === null) known?.delete(subject);
      else known?.set(subject, { ...noted, seq: event.seq });
      break;
    }
    case 'PositionsCompared': {
      const state = desk.accounts.get(event.data.accountId);
      const { differing, ts } = event.data;
      if (state !== undefined) state.differing = differing === null ? null : { what: differing, since: ts };
      break;
    }
    case 'SymbolConfigured': {
      const { accountId, symbol, leverage, marginMode } = event.data;
      desk.accounts.get(accountId)?.configured.set(symbol, { leverage, marginMode });
      break;
    }
    case 'EquityMarked': {
      const state = desk.accounts.get(event.data.accountId);
      if (state === undefined) break;
      state.lastEquityAt = event.data.ts;
      state.lastEquity = event.data.equity;
      break;
    }
  }
  return desk;
}

function isSameStop(before: Position['stop'], after: Position['stop']): boolean {
  if (before === null || after === null) return before === after;
  const { state, orderId, triggerPrice, size } = before;
  const isThere = state === after.state && orderId === after.orderId;
  return isThere && triggerPrice === after.triggerPrice && size === after.size;
}

/** Whatever fills go on coming, a stop is too small for its position since it first was. */
function noteShortStop(desk: Desk, key: string, { stop, size, updatedAt }: Position): void {
  if (stop === null || !lt(stop.size, size)) desk.stopShortSince.delete(key);
  else if (!desk.stopShortSince.has(key)) desk.stopShortSince.set(key, updatedAt);
}

/** What was moved in or out since the last point of the equity curve. */
function moveLastEquity(desk: Desk, accountId: string, bill: LedgerBill): void {
  const state = desk.accounts.get(accountId);
  if (state === undefined || state.lastEquity === null || bill.coin !== SETTLEMENT_COIN) return;
  state.lastEquity = add(state.lastEquity, bill.amount);
}

/** It holds for whatever bot is made, moved or started there, and outlives the one whose stop fired. */
function noteCooldown(desk: Desk, { accountId, symbol, cooldownUntil }: Bot): void {
  const cooldowns = desk.accounts.get(accountId)?.cooldowns;
  if (cooldownUntil === null || cooldowns === undefined) return;
  cooldowns.set(symbol, Math.max(cooldowns.get(symbol) ?? 0, cooldownUntil));
}

function countStopOut(desk: Desk, trade: Trade | null): void {
  const state = trade === null ? undefined : desk.accounts.get(trade.accountId);
  if (trade === null || state === undefined || trade.exit !== 'stop' || !isNegative(trade.netPnl)) return;
  state.stopOuts = [...state.stopOuts, trade.closedAt].slice(-DESK_LIMITS.stopOuts);
}

function noteTrade(desk: Desk, position: Position, trade: Trade | null): void {
  const state = trade === null ? undefined : desk.accounts.get(trade.accountId);
  if (trade === null || state === undefined) return;
  // One that a fill turned over ended at no size as well.
  const ended = { position: { ...position, size: ZERO, cost: ZERO }, trade };
  state.endedTrades = [...state.endedTrades, ended].slice(-DESK_LIMITS.endedTrades);
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
      // Until its first LimitChanged, which is committed with the account itself.
      values: UNLIMITED,
      pending: null,
      timeZone: 'UTC',
      dayStart: null,
      peakEquity: null,
      breaches: [],
      version: 1,
    },
    cursors: { fills: 0, bills: 0 },
    seenFills: new Map(),
    seenBills: new Map(),
    held: new Map(),
    differing: null,
    endedTrades: [],
    configured: new Map(),
    reconciledAt: null,
    balanceGap: null,
    balanceGapSince: 0,
    noted: new Map(),
    orderTimes: [],
    stopOuts: [],
    cooldowns: new Map(),
    lastEquityAt: 0,
    lastEquity: null,
  });
}

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
  // What was found at the venue was not sent by us.
  if (kind === 'OrderSubmitted' && order.venueOrderId === null && !order.reduceOnly && state !== undefined) {
    state.orderTimes = state.orderTimes.filter((ts) => ts > order.createdAt - RATE_WINDOW_MS);
    state.orderTimes.push(order.createdAt);
  }
  if (kind === 'OrderCancelled' && known !== undefined && isOpen(known)) tallyCancel(desk, order);
  countExitFailure(desk, known, order);
  if (!isOpen(order)) state?.noted.delete(noteOfOrder(order.orderId));
  if (isOpen(order) && known !== undefined && !isOpen(known)) {
    // Counted as lost or refused, and it works after all: it must not be forgotten with the closed ones.
    desk.closedOrderIds = desk.closedOrderIds.filter((id) => id !== order.orderId);
  }
  if (!isOpen(order) && (known === undefined || isOpen(known))) {
    desk.closedOrderIds.push(order.orderId);
    if (desk.closedOrderIds.length > DESK_LIMITS.closedOrders) {
      const oldest = desk.closedOrderIds.shift();
      if (oldest !== undefined) {
        desk.orders.delete(oldest);
        desk.outlived.delete(oldest);
      }
    }
  }
}

function rememberFill(desk: Desk, fill: Fill, cursor: number): void {
  const { symbol, side, realisedPnl, fee } = fill;
  const size = side === 'buy' ? fill.size : neg(fill.size);
  const booked = { cursor, symbol, size, amount: sub(realisedPnl, fee) };
  const state = desk.accounts.get(fill.accountId);
  state?.seenFills.set(fill.fillId, booked);
  state?.held.delete(fill.fillId);
}

function rememberBill(desk: Desk, accountId: string, bill: LedgerBill, cursor: number): void {
  const amount = bill.coin === SETTLEMENT_COIN ? bill.amount : ZERO;
  desk.accounts.get(accountId)?.seenBills.set(bill.billId, { cursor, symbol: null, size: ZERO, amount });
}

function forgetUpTo(seen: Map<string, Booked>, upTo: number): void {
  for (const [id, { cursor }] of seen) if (cursor <= upTo) seen.delete(id);
}

/** Never one that still has something to do; of those there is at most one per set of accounts. */
function dropOldestEnded(desk: Desk): void {
  if (desk.emergencies.size <= DESK_LIMITS.emergencies) return;
  for (const emergency of desk.emergencies.values()) {
    if (isUnderWay(emergency)) continue;
    desk.emergencies.delete(emergency.emergencyId);
    return;
  }
}
