import { ALERT_KINDS, type Alert, type AlertCode, type ToldAlert } from '../../../shared/domain/alert.ts';
import { isSameTold } from '../../../shared/domain/figures.ts';
import { DESK_LIMITS, type Desk } from '../desk.ts';
import type { Turn } from './turn.ts';

export type NewAlert = ToldAlert &
  Pick<Alert, 'alertId' | 'severity'> & { accountId?: string | null; botId?: string | null };

/** Whether an alert of this code has happened, and is not so still: its owner may dismiss it. */
export function isNews(code: AlertCode): boolean {
  return ALERT_KINDS[code].stands === 'news';
}

/** Raises an alert, or updates it when what it says changed. */
export function raiseAlert(turn: Turn, alert: NewAlert): void {
  const known = turn.desk.alerts.get(alert.alertId);
  if (known?.code === alert.code && isSameTold(known.figures, alert.figures)) return;
  const dismissible = isNews(alert.code);
  if (dismissible) makeRoom(turn, alert.alertId);
  const raised: Alert = { accountId: null, botId: null, ...alert, dismissible, raisedAt: turn.wallTime };
  turn.emit('AlertRaised', { alert: raised });
}

export function resolveAlert(turn: Turn, alertId: string): void {
  if (turn.desk.alerts.has(alertId)) turn.emit('AlertResolved', { alertId });
}

/** Alerts that end with the position they are about. */
const OF_POSITION = [
  'unprotected',
  'close',
  'exit',
  'stop',
  'stop_differs',
  'stop_missing',
  'stop_moved',
  'take_profit',
  'liquidation',
  'dust',
];

/** The position is over, or nobody's to protect and close any more. */
export function resolveAlertsOfPosition(turn: Turn, accountId: string, symbol: string): void {
  if (turn.desk.alerts.size === 0) return;
  for (const name of OF_POSITION) resolveAlert(turn, `${name}:${accountId}:${symbol}`);
}

/** The account is no longer the desk's. */
export function resolveAlertsOfAccount(turn: Turn, accountId: string): void {
  for (const alert of [...turn.desk.alerts.values()])
    if (alert.accountId === accountId) resolveAlert(turn, alert.alertId);
}

/**
 * The oldest news goes for the newest, and is seen to go. Conditions are as many as there is for them to be about, each
 * once: nothing pushes them out.
 */
function makeRoom(turn: Turn, alertId: string): void {
  if (turn.desk.alerts.has(alertId)) return;
  const news = newsOf(turn.desk);
  const [oldest] = news;
  if (oldest !== undefined && news.length >= DESK_LIMITS.news) resolveAlert(turn, oldest.alertId);
}

const newsOf = ({ alerts }: Desk): Alert[] => [...alerts.values()].filter(({ dismissible }) => dismissible);
