import type { Account, Limits } from '../../domain/account.ts';
import { ENGINE } from '../../domain/actor.ts';
import type { Alert, Emergency } from '../../domain/alert.ts';
import type { Bot, BotState } from '../../domain/bot.ts';
import { type Decimal, dec } from '../../domain/decimal.ts';
import type { Fill, Trade } from '../../domain/fill.ts';
import type { Order, OrderStatus } from '../../domain/order.ts';
import type { Position } from '../../domain/position.ts';
import type { DeskFrame, FrameKind } from '../../protocol/frames.ts';

/** Entities and frames of a desk, small and valid, for tests. `n` tells them apart. */
const TS = 1_700_000_000_000;
const ZERO = dec('0');
const ONE = dec('1');

export function account(
  n: number,
  status: Account['status'] = 'ready',
  balance: Decimal = dec('10000'),
): Account {
  return {
    accountId: `account${n}`,
    name: `Account ${n}`,
    venue: 'sim',
    book: 'simulated',
    leverage: 1,
    marginMode: 'isolated',
    status,
    statusReason: null,
    latch: null,
    foreign: null,
    balances: { USDT: balance },
    deposit: balance,
    version: 1,
    createdAt: TS,
  };
}

export function bot(n: number, state: BotState = 'stopped', version = 1): Bot {
  return {
    botId: `bot${n}`,
    name: `Bot ${n}`,
    accountId: 'account1',
    venue: 'sim',
    symbol: 'BTCUSDT',
    interval: '1m',
    strategy: 'trend',
    params: { fast: 9, slow: 21 },
    allocationPct: dec('10'),
    leverage: 1,
    marginMode: 'isolated',
    onRestart: 'hold',
    state,
    closing: false,
    reason: null,
    version,
    changedBy: { deviceId: null, action: 'create', at: TS },
    note: null,
    lastBarTime: null,
    plan: null,
    cooldownUntil: null,
    stats: { trades: 0, wins: 0, realisedPnl: ZERO, fees: ZERO, funding: ZERO },
    createdAt: TS,
    startedAt: null,
  };
}

export function order(n: number, status: OrderStatus = 'open'): Order {
  return {
    orderId: `order${n}`,
    venueOrderId: null,
    accountId: 'account1',
    botId: 'bot1',
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'limit',
    purpose: 'entry',
    slot: 'entry',
    size: ONE,
    price: dec('20000'),
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    attachedStop: null,
    status,
    cancelRequested: false,
    filledSize: ZERO,
    filledNotional: ZERO,
    feePaid: ZERO,
    reason: null,
    notAfter: null,
    createdAt: TS,
    updatedAt: TS,
  };
}

export function fill(n: number): Fill {
  return {
    fillId: `fill${n}`,
    orderId: `order${n}`,
    venueOrderId: `v${n}`,
    accountId: 'account1',
    botId: 'bot1',
    symbol: 'BTCUSDT',
    side: 'buy',
    price: dec('20000'),
    size: ONE,
    fee: dec('0.1'),
    realisedPnl: ZERO,
    liquidity: 'taker',
    source: 'order',
    ts: TS,
    ingestedAt: TS,
  };
}

export function trade(n: number): Trade {
  return {
    tradeId: `trade${n}`,
    accountId: 'account1',
    botId: 'bot1',
    symbol: 'BTCUSDT',
    direction: 'long',
    size: ONE,
    entryPrice: dec('20000'),
    exitPrice: dec('20100'),
    realisedPnl: dec('100'),
    fees: dec('0.2'),
    funding: ZERO,
    netPnl: dec('99.8'),
    openedAt: TS,
    closedAt: TS,
    exit: 'signal',
  };
}

export function position(n: number, size: Decimal = ONE): Position {
  return {
    accountId: 'account1',
    symbol: `C${n}USDT`,
    botId: 'bot1',
    direction: 'long',
    size,
    cost: dec('20000'),
    openedSize: size,
    openedCost: dec('20000'),
    closedSize: ZERO,
    closedValue: ZERO,
    realisedPnl: ZERO,
    fees: ZERO,
    funding: ZERO,
    leverage: 1,
    marginMode: 'isolated',
    liquidationPrice: null,
    openedAt: TS,
    stop: null,
    protection: {
      stopLossPct: dec('2'),
      trailing: null,
      breakEvenAtPct: null,
      breakEvenDone: false,
      takeProfits: [],
      partialsTaken: [],
      closeAt: null,
    },
    unprotectedSince: null,
    updatedAt: TS,
  };
}

export function limits(n: number): Limits {
  return {
    accountId: `account${n}`,
    values: {
      dailyLoss: dec('100'),
      dailyLossPolicy: 'flatten',
      drawdownPct: null,
      drawdownPolicy: 'flatten',
      maxLeverage: 5,
      maxPositions: null,
      maxOrderNotional: null,
      maxTotalNotional: null,
      maxOrdersPerMinute: null,
      priceBandPct: null,
      liquidationMarginPct: null,
      cooldownAfterStopMs: null,
    },
    pending: null,
    timeZone: 'UTC',
    dayStart: null,
    peakEquity: null,
    breach: null,
    version: 1,
  };
}

export function alert(n: number): Alert {
  return {
    alertId: `alert${n}`,
    severity: 'warning',
    code: 'test',
    message: `Alert ${n}`,
    accountId: null,
    botId: null,
    raisedAt: TS,
  };
}

export function emergency(n: number, stage: Emergency['stage'] = 'latched'): Emergency {
  return {
    emergencyId: `emergency${n}`,
    accountIds: ['account1'],
    stage,
    startedAt: TS,
    finishedAt: null,
    found: [],
    closed: [],
    confirmed: [],
    ordersCancelled: 0,
    residual: [],
  };
}

export type FrameBody = {
  [K in FrameKind]: { kind: K; data: Extract<DeskFrame, { kind: K }>['data'] };
}[FrameKind];

export function frame(epoch: string, seq: number, body: FrameBody): DeskFrame {
  return { ch: 'desk', epoch, seq, ts: TS + seq, by: ENGINE, cause: 'timer', ...body } as DeskFrame;
}

/** A body of every kind in turn, over a few entities each: after many of them every bound of the view is met. */
export function bodyOf(kind: FrameKind, n: number, variant: number): FrameBody {
  const few = n % 5;
  const states: BotState[] = ['stopped', 'starting', 'running', 'paused', 'stopping'];
  switch (kind) {
    case 'BotCreated':
    case 'BotUpdated':
    case 'BotStateChanged':
    case 'BotNote':
      return { kind, data: { bot: bot(few, states[variant % states.length] ?? 'stopped', 1 + variant) } };
    case 'BotDeleted':
      return { kind, data: { botId: `bot${few}` } };
    case 'OrderSubmitted':
      return { kind, data: { order: order(n, 'submitting') } };
    case 'OrderAccepted':
      return { kind, data: { order: order(n, 'open') } };
    case 'OrderUpdated':
      return { kind, data: { order: order(n, variant % 2 === 0 ? 'partially_filled' : 'filled') } };
    case 'OrderCancelled':
      return { kind, data: { order: order(n, 'cancelled') } };
    case 'OrderRejected':
      return { kind, data: { order: order(n, 'rejected') } };
    case 'OrderUnknown':
      return { kind, data: { order: order(n, 'unknown') } };
    case 'FillRecorded':
      return { kind, data: { fill: fill(n) } };
    case 'PositionChanged':
      return {
        kind,
        data: {
          position: position(few, variant % 2 === 0 ? ZERO : ONE),
          trade: variant % 2 === 0 ? trade(n) : null,
        },
      };
    case 'StopPlaced':
    case 'StopReplaced':
    case 'StopTriggered':
      return { kind, data: { position: position(few) } };
    case 'StopFailed':
      return { kind, data: { position: position(few), reason: 'refused' } };
    case 'Unprotected':
      return { kind, data: { position: position(few), ms: variant } };
    case 'AccountChanged':
    case 'BalanceChanged':
    case 'LatchReleased':
    case 'ForeignActivity':
    case 'ForeignResolved':
      return { kind, data: { account: account(few, variant % 4 === 0 ? 'removed' : 'ready') } };
    case 'FundingPaid':
      return {
        kind,
        data: { billId: `bill${n}`, accountId: 'account1', symbol: 'BTCUSDT', amount: dec('-0.5'), ts: TS },
      };
    case 'LimitChanged':
    case 'LimitBreached':
      return { kind, data: { limits: limits(few) } };
    case 'EmergencyStage':
      return { kind, data: { emergency: emergency(n % 9, 'closing') } };
    case 'EmergencyReceipt':
      return { kind, data: { emergency: emergency(n % 9, 'done') } };
    case 'AlertRaised':
      return { kind, data: { alert: alert(few) } };
    case 'AlertResolved':
      return { kind, data: { alertId: `alert${few}` } };
    case 'Internal':
      return { kind, data: {} };
  }
}
