import type { Emergency } from '../../../shared/domain/alert.ts';
import { add, type Decimal, ZERO } from '../../../shared/domain/decimal.ts';
import { openOrders, positionsOf } from '../desk.ts';
import { raiseAlert, resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { originOf } from './origin.ts';

/** The open positions of an account as an emergency names them. */
export function openRows(turn: Turn, accountId: string): Emergency['found'] {
  return positionsOf(turn.desk, accountId).map((position) => {
    const { symbol, direction, size, botId } = position;
    return { accountId, symbol, direction, size, botId, origin: originOf(position) };
  });
}

/** How far it has come, from the books. */
export function progressOf(turn: Turn, emergency: Emergency): NonNullable<Emergency['progress']> {
  const positions = emergency.accountIds.flatMap((accountId) => positionsOf(turn.desk, accountId));
  const orders = emergency.accountIds.flatMap((accountId) => [...openOrders(turn.desk, accountId)]);
  const sum = (amounts: Decimal[]): Decimal => amounts.reduce(add, ZERO);
  return {
    positionsLeft: positions.length,
    ordersLeft: orders.length,
    notionalLeft: sum(positions.map((position) => position.cost)),
    notionalClosed: sum(emergency.closed.map((row) => row.notional ?? ZERO)),
  };
}

/** Tells the stage and how far it has come, when either changed. */
export function reportStage(turn: Turn, emergency: Emergency, stage: Emergency['stage']): void {
  const progress = progressOf(turn, emergency);
  const known = turn.desk.emergencies.get(emergency.emergencyId);
  const isSame =
    known?.stage === stage &&
    known.confirmed.length === emergency.confirmed.length &&
    known.refusing?.length === emergency.refusing?.length &&
    known.found.length === emergency.found.length &&
    known.ordersCancelled === emergency.ordersCancelled &&
    JSON.stringify(known.progress) === JSON.stringify(progress);
  if (!isSame) turn.emit('EmergencyStage', { emergency: { ...emergency, stage, progress } });
}

/** The end, or all but the end: what the venue refuses to close is named, and told to every device. */
export function giveReceipt(turn: Turn, emergency: Emergency, residual: Emergency['residual']): void {
  turn.emit('EmergencyReceipt', {
    emergency: {
      ...emergency,
      stage: 'done',
      finishedAt: turn.wallTime,
      progress: progressOf(turn, emergency),
      residual,
    },
  });
  const [first] = residual;
  if (first === undefined) return;
  const left = residual.map(({ symbol, size, why }) => ({ symbol, size, cause: why }));
  raiseAlert(turn, {
    alertId: alertId(emergency),
    severity: 'critical',
    code: 'emergency_residual',
    figures: { left },
    accountId: first.accountId,
  });
}

/** What had to be left is gone, in part or all of it: the receipt says so from now on. */
export function amendReceipt(turn: Turn, emergency: Emergency, residual: Emergency['residual']): void {
  turn.emit('EmergencyReceipt', {
    emergency: { ...emergency, progress: progressOf(turn, emergency), residual },
  });
  if (residual.some((row) => row.closedAt === undefined)) return;
  resolveAlert(turn, alertId(emergency));
  const closed = residual.map(({ symbol, size }) => ({ symbol, size }));
  raiseAlert(turn, {
    alertId: `${alertId(emergency)}:closed`,
    severity: 'info',
    code: 'emergency_residual_closed',
    figures: { closed },
    accountId: residual[0]?.accountId ?? null,
  });
}

const alertId = ({ emergencyId }: Emergency): string => `emergency:${emergencyId}`;
