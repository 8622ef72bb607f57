import type { Account, Limits } from '../../../shared/domain/account.ts';
import { ENGINE } from '../../../shared/domain/actor.ts';
import type { Alert, Emergency } from '../../../shared/domain/alert.ts';
import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotState } from '../../../shared/domain/botState.ts';
import { because } from '../../../shared/domain/cause.ts';
import { type Decimal, dec } from '../../../shared/domain/decimal.ts';
import type { Fill, Trade } from '../../../shared/domain/fill.ts';
import type { Order, OrderStatus } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { DeskFrame, FrameKind } from '../../../shared/protocol/frames.ts';
import { sampleAccount, sampleBot, sampleFill, sampleOrder } from '../deskSamples.ts';

/** Entities and frames of a desk for tests of views; `n` tells them apart. */
const TS = 1_700_000_000_000;
const ZERO = dec('0');
const ONE = dec('1');

export function account(n: number, status: Account['status'] = 'ready'): Account {
  return { ...sampleAccount(`account${n}`), status };
}

export function bot(n: number, state: BotState = 'stopped', version = 1): Bot {
  return sampleBot({ botId: `bot${n}`, state, version });
}

export function order(n: number, status: OrderStatus = 'open'): Order {
  return sampleOrder({ orderId: `order${n}`, status });
}

export function fill(n: number): Fill {
  return sampleFill({ fillId: `fill${n}` });
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
      waits: [],
      exits: [],
      partialsTaken: [],
      close: null,
    },
    unprotectedSince: null,
    unprotectedMs: 0,
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
    breaches: [],
    version: 1,
  };
}

export function alert(n: number): Alert {
  return {
    alertId: `alert${n}`,
    severity: 'warning',
    code: 'late_fill',
    figures: { symbol: 'BTCUSDT', bot: `Bot ${n}` },
    accountId: null,
    botId: null,
    dismissible: true,
    raisedAt: TS,
  };
}

export function emergency(n: number, stage: Emergency['stage'] = 'latched'): Emergency {
  return {
    emergencyId: `emergency${n}`,
    accountIds: ['account1'],
    by: 'user',
    deviceId: null,
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
      return { kind, data: { position: position(few), reason: because('refused', { as: 'other' }) } };
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
