import type { Alert } from '../../shared/domain/alert.ts';
import { DESK_LIMITS, type Desk } from './desk.ts';
import type { Turn } from './turn.ts';

export type NewAlert = Pick<Alert, 'alertId' | 'severity' | 'code' | 'message'> & {
  accountId?: string | null;
  botId?: string | null;
};

/**
 * Alerts that tell of something which is so, by code, with what resolves them: nobody can dismiss them meanwhile. All others
 * tell of something that happened: they stay until what they are about is over, or their owner has seen them.
 */
const STANDING: Readonly<Record<string, string>> = {
  account_unreachable: 'the account is read',
  unprotected: 'a stop rests, or the position is closed',
  stop_failed: 'the position is closed',
  stop_replace_refused: 'a stop rests where it is wanted, or the position is closed',
  stop_missing: 'a stop rests, or the position is closed',
  stop_differs: 'the stop rests as it is wanted, or the position is closed',
  close_refused: 'the position is closed',
  exit_refused: 'the position is closed',
  take_profit_refused: 'it is taken, or the position is closed',
  ledger_mismatch: 'a reading of the account agrees with our books',
  emergency_residual: 'nothing of it is left',
};

/** What an alert that cannot be dismissed waits for; undefined: it is only news. */
export function resolvedBy({ code }: Pick<Alert, 'code'>): string | undefined {
  return STANDING[code];
}

/** Raises an alert, or updates it when what it says changed. */
export function raiseAlert(turn: Turn, alert: NewAlert): void {
  if (turn.desk.alerts.get(alert.alertId)?.message === alert.message) return;
  makeRoom(turn, alert.alertId);
  const dismissible = resolvedBy(alert) === undefined;
  const raised: Alert = { accountId: null, botId: null, ...alert, dismissible, raisedAt: turn.wallTime };
  turn.emit('AlertRaised', { alert: raised });
}

export function resolveAlert(turn: Turn, alertId: string): void {
  if (turn.desk.alerts.has(alertId)) turn.emit('AlertResolved', { alertId });
}

/** The oldest news goes first, and is seen to go; what still stands only where there is nothing else. */
function makeRoom(turn: Turn, alertId: string): void {
  const { alerts } = turn.desk;
  if (alerts.has(alertId) || alerts.size < DESK_LIMITS.alerts) return;
  const oldest = oldestNews(turn.desk) ?? alerts.values().next().value;
  if (oldest !== undefined) resolveAlert(turn, oldest.alertId);
}

function oldestNews({ alerts }: Desk): Alert | undefined {
  for (const alert of alerts.values()) if (alert.dismissible) return alert;
  return undefined;
}
