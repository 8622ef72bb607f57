import type { Account, Breach, Limits } from '../../../shared/domain/account.ts';
import type { Alert, Emergency } from '../../../shared/domain/alert.ts';
import type { Bot } from '../../../shared/domain/bot.ts';
import { because, type Cause } from '../../../shared/domain/cause.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import {
  botReasonOf,
  causeOf,
  decimalAt,
  endOf,
  foreignOf,
  latchOf,
  refusalAt,
  stopRefusedOf,
  told,
} from './sentences.ts';

/*
 * Events of version 1 said in English what is told as codes and figures since.
 */

type Changed<T, C> = Omit<T, keyof C> & C;
type OldLatch = { reason: string; since: number; by?: 'admin' } | null;
type OldAccount = Changed<
  Account,
  { statusReason: string | null; latch: OldLatch; foreign: { detail: string; since: number } | null }
>;
type OldBot = Changed<
  Bot,
  { reason: string | null; note: { code: string; text: string; ts: number } | null }
>;
type OldOrder = Changed<
  Order,
  { reason: string | null; cancelRefused?: { count: number; reason: string; lastAt: number } }
>;
type OldBreach = Changed<Breach, { actual: string; allowed: string }>;
type OldLimits = Changed<Limits, { breaches: OldBreach[] }>;
type OldAlert = Changed<Alert, { code: string; message: string }>;
type OldResidual = Changed<Emergency['residual'][number], { why: string }>;
type OldPosition = Changed<Position, { unprotectedMs?: number }>;
type OldEmergency = Changed<
  Emergency,
  { by?: Emergency['by']; deviceId?: Emergency['deviceId']; residual: OldResidual[] }
>;

/** What events carry, by the name it has in their data. */
interface OldData {
  account?: OldAccount;
  latch?: OldLatch;
  bot?: OldBot;
  order?: OldOrder;
  limits?: OldLimits;
  alert?: OldAlert;
  emergency?: OldEmergency;
  position?: OldPosition;
  /** Of `StopFailed`. */
  reason?: string;
}

/** The data of an event as it is written now. */
export function ofFirstVersion(data: unknown): unknown {
  // Written by a server of that version: shapes of a version never change.
  const { account, latch, bot, order, limits, alert, emergency, position, reason, ...rest } = data as OldData;
  return {
    ...rest,
    ...(account && { account: accountOf(account) }),
    ...(latch !== undefined && { latch: latchNow(latch) }),
    ...(bot && { bot: botOf(bot) }),
    ...(order && { order: orderOf(order) }),
    ...(limits && { limits: { ...limits, breaches: limits.breaches.map(breachOf) } }),
    ...(alert && { alert: alertOf(alert) }),
    ...(emergency && { emergency: emergencyOf(emergency) }),
    ...(position && { position: { ...position, unprotectedMs: position.unprotectedMs ?? 0 } }),
    ...(reason !== undefined && { reason: causeOf(reason) }),
  };
}

const latchNow = (latch: OldLatch): Account['latch'] => latch && { ...latch, reason: latchOf(latch.reason) };

function accountOf({ statusReason, latch, foreign, ...account }: OldAccount): Account {
  return {
    ...account,
    statusReason: statusReason === null ? null : causeOf(statusReason),
    latch: latchNow(latch),
    foreign: foreign && { found: foreignOf(foreign.detail), since: foreign.since },
  };
}

function botOf({ reason, note, ...bot }: OldBot): Bot {
  return {
    ...bot,
    reason: reason === null ? null : botReasonOf(reason),
    note: note && { ...told(note.text), ts: note.ts },
  };
}

/** Takes one as it is written now too: rows of history tell no version. */
export function orderOf({ reason, cancelRefused, ...order }: OldOrder | Order): Order {
  return {
    ...order,
    reason: typeof reason === 'string' ? causeOfOrder(order.status, reason) : reason,
    ...(cancelRefused && {
      cancelRefused: { ...cancelRefused, reason: refusalAt(cancelRefused.reason) ?? 'other' },
    }),
  };
}

function causeOfOrder(status: Order['status'], reason: string): Cause {
  if (status === 'cancelled') return endOf(reason);
  // In words of whoever failed, which were many.
  return status === 'unknown' ? because('unanswered', {}) : causeOf(reason);
}

/** A drawdown was `5.1 %` of `5 %`, stop-outs `3 in 1440 min` where `fewer than 3` are allowed. */
function breachOf({ actual, allowed, ...breach }: OldBreach): Breach {
  const minutes = / in (\d+(\.\d+)?) min$/.exec(actual)?.[1];
  return {
    ...breach,
    actual: decimalAt(actual),
    allowed: decimalAt(allowed),
    ...(minutes !== undefined && { windowMs: Math.round(Number(minutes) * 60_000) }),
  };
}

function alertOf({ message, ...alert }: OldAlert): Alert {
  const refused = alert.code === 'stop_replace_refused' ? stopRefusedOf(message) : undefined;
  return { ...alert, ...(refused ?? told(message)) };
}

function emergencyOf(emergency: OldEmergency): Emergency {
  const { by = 'user', deviceId = null, residual } = emergency;
  return { ...emergency, by, deviceId, residual: residual.map((row) => ({ ...row, why: causeOf(row.why) })) };
}
