import { isZero } from '../domain/decimal.ts';
import type { Trade } from '../domain/fill.ts';
import { isOpen, type Order } from '../domain/order.ts';
import type { Position } from '../domain/position.ts';
import type { DeskFrame } from '../protocol/frames.ts';
import { positionKey, VIEW_LIMITS, type View } from './view.ts';

/**
 * Folds one frame into a view, in place: server and clients run this same function, so equal frames give equal
 * views. A frame of an unknown kind (a newer server) changes nothing.
 */
export function reduceView(view: View, frame: DeskFrame): View {
  switch (frame.kind) {
    case 'BotCreated':
    case 'BotUpdated':
    case 'BotStateChanged':
    case 'BotNote':
      view.bots[frame.data.bot.botId] = frame.data.bot;
      break;
    case 'BotDeleted':
      delete view.bots[frame.data.botId];
      break;
    case 'OrderSubmitted':
    case 'OrderAccepted':
    case 'OrderUpdated':
    case 'OrderCancelled':
    case 'OrderRejected':
    case 'OrderUnknown':
      putOrder(view, frame.data.order);
      break;
    case 'FillRecorded':
      pushBounded(view.fills, frame.data.fill, VIEW_LIMITS.fills);
      break;
    case 'PositionChanged':
      putPosition(view, frame.data.position);
      if (frame.data.trade !== null) putTrade(view, frame.data.trade);
      break;
    case 'StopPlaced':
    case 'StopReplaced':
    case 'StopTriggered':
    case 'StopFailed':
    case 'Unprotected':
      putPosition(view, frame.data.position);
      break;
    case 'AccountChanged':
    case 'BalanceChanged':
    case 'LatchReleased':
    case 'ForeignActivity':
    case 'ForeignResolved': {
      const { account } = frame.data;
      if (account.status === 'removed') {
        delete view.accounts[account.accountId];
        delete view.limits[account.accountId];
      } else view.accounts[account.accountId] = account;
      break;
    }
    case 'LimitChanged':
    case 'LimitBreached':
      view.limits[frame.data.limits.accountId] = frame.data.limits;
      break;
    case 'EmergencyStage':
    case 'EmergencyReceipt': {
      const { emergency } = frame.data;
      const at = view.emergencies.findIndex((known) => known.emergencyId === emergency.emergencyId);
      if (at >= 0) view.emergencies[at] = emergency;
      else pushBounded(view.emergencies, emergency, VIEW_LIMITS.emergencies);
      break;
    }
    case 'AlertRaised':
      view.alerts[frame.data.alert.alertId] = frame.data.alert;
      break;
    case 'AlertResolved':
      delete view.alerts[frame.data.alertId];
      break;
    case 'FundingPaid':
    case 'Internal':
      break;
  }
  return view;
}

function putOrder(view: View, order: Order): void {
  const wasOpen = Object.hasOwn(view.orders, order.orderId);
  if (isOpen(order)) {
    view.orders[order.orderId] = order;
    // Given up too early and found working after all: it is not closed any more.
    const at = wasOpen ? -1 : closedAt(view, order);
    if (at >= 0) view.closedOrders.splice(at, 1);
    return;
  }
  delete view.orders[order.orderId];
  const at = wasOpen ? -1 : closedAt(view, order);
  if (at >= 0) view.closedOrders[at] = order;
  else pushBounded(view.closedOrders, order, VIEW_LIMITS.closedOrders);
}

function closedAt(view: View, order: Order): number {
  return view.closedOrders.findIndex((known) => known.orderId === order.orderId);
}

function putPosition(view: View, position: Position): void {
  const key = positionKey(position.accountId, position.symbol);
  if (isZero(position.size)) delete view.positions[key];
  else view.positions[key] = position;
}

/** One that was told already is told anew when something of it came late. */
function putTrade(view: View, trade: Trade): void {
  const known = view.trades.findIndex(({ tradeId }) => tradeId === trade.tradeId);
  if (known === -1) pushBounded(view.trades, trade, VIEW_LIMITS.trades);
  else view.trades[known] = trade;
}

function pushBounded<T>(list: T[], item: T, limit: number): void {
  list.push(item);
  if (list.length > limit) list.splice(0, list.length - limit);
}
