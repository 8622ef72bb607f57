import { ALERT_KINDS } from '../../../shared/domain/alert.ts';
import { badRequest, notFound } from '../rules/refusal.ts';
import { resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { type CommandOutcome, done, refused } from './reply.ts';

/** Its owner has seen it. One that still is so stays. */
export function dismissAlert(turn: Turn, alertId: string): CommandOutcome {
  const alert = turn.desk.alerts.get(alertId);
  if (alert === undefined)
    return refused(notFound(`there is no alert ${alertId}, or no longer`, { what: 'alert', id: alertId }));
  const { code, dismissible } = alert;
  if (!dismissible) {
    const { until } = ALERT_KINDS[code];
    const message = `the alert ${code} tells of something that is so: it goes by itself once ${until}`;
    return refused(badRequest('args.alertId', message, [`once ${until}`]));
  }
  resolveAlert(turn, alertId);
  return done();
}
