import type { Alert } from '../../shared/domain/alert.ts';
import type { Turn } from './turn.ts';

export type NewAlert = Pick<Alert, 'alertId' | 'severity' | 'code' | 'message'> & {
  accountId?: string | null;
  botId?: string | null;
};

/** Raises an alert, or updates it when what it says changed. */
export function raiseAlert(turn: Turn, alert: NewAlert): void {
  if (turn.desk.alerts.get(alert.alertId)?.message === alert.message) return;
  const raised: Alert = { accountId: null, botId: null, ...alert, raisedAt: turn.wallTime };
  turn.emit('AlertRaised', { alert: raised });
}

export function resolveAlert(turn: Turn, alertId: string): void {
  if (turn.desk.alerts.has(alertId)) turn.emit('AlertResolved', { alertId });
}
