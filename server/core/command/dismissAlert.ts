import { resolveAlert, resolvedBy } from '../alerts.ts';
import { refuse } from '../refusal.ts';
import type { Turn } from '../turn.ts';
import { type CommandOutcome, done, refused } from './reply.ts';

/** Its owner has seen it. One that is gone already is done; one that still is so stays. */
export function dismissAlert(turn: Turn, alertId: string): CommandOutcome {
  const alert = turn.desk.alerts.get(alertId);
  if (alert === undefined) return done();
  const until = resolvedBy(alert);
  if (until !== undefined) {
    const message = `this alert stands until ${until}: it goes by itself then`;
    return refused(refuse('bad_request', message, { alertId, code: alert.code, until }));
  }
  resolveAlert(turn, alertId);
  return done();
}
