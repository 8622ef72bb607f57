import type { Scope } from '../commands.ts';
import { advanceEmergencies, latchDesk, latchForEmergency, startEmergency } from '../emergency/emergency.ts';
import { badRequest, denial, denied } from '../rules/refusal.ts';
import { resolveAlert } from '../turn/alerts.ts';
import type { Turn } from '../turn/turn.ts';
import { releaseBreaches, unreleasable } from './limits.ts';
import { type CommandOutcome, done, refused } from './reply.ts';
import { inScope } from './scope.ts';

export function emergencyStop(turn: Turn, scope: Scope): CommandOutcome {
  const accounts = inScope(turn, scope);
  if (isWhole(scope)) latchDesk(turn);
  // Pressed again while one is under way for all of these: it is the same one.
  const running = [...turn.desk.emergencies.values()].find(
    ({ stage, accountIds }) =>
      stage !== 'done' &&
      accounts.length > 0 &&
      accounts.every(({ account }) => accountIds.includes(account.accountId)),
  );
  if (running !== undefined) {
    // An administrator's press on top of the user's own is an administrator's to release.
    for (const state of accounts) latchForEmergency(turn, state);
    advanceEmergencies(turn, null);
    return done({ emergencyId: running.emergencyId });
  }
  const emergencyId = turn.id('emergency', turn.desk.seq);
  startEmergency(turn, emergencyId, accounts);
  return done({ emergencyId });
}

/** Entries again. Not while an emergency is still closing; what an administrator latched, by an administrator only. */
export function releaseEmergency(turn: Turn, scope: Scope): CommandOutcome {
  const accounts = inScope(turn, scope);
  const isAdmin = turn.by.kind === 'admin';
  const latchedByAdmin = accounts.filter(({ account }) => account.latch?.by === 'admin');
  if (!isAdmin && latchedByAdmin.length > 0) return adminOnly();
  const released = isAdmin ? latchedByAdmin : accounts;
  const running = [...turn.desk.emergencies.values()].find(
    (emergency) =>
      emergency.stage !== 'done' && released.some((s) => emergency.accountIds.includes(s.account.accountId)),
  );
  if (running !== undefined) {
    return refused(
      badRequest('', `an emergency stop is still at stage ${running.stage}`, ['once it is done']),
    );
  }
  if (!isAdmin) {
    const standing = unreleasable(turn, scope, accounts);
    if (standing !== undefined) return standing;
    releaseBreaches(turn, scope, accounts);
  }
  const isDeskReleased = isAdmin && isWhole(scope) && turn.desk.latch !== null;
  if (isDeskReleased) turn.emit('DeskLatched', { latch: null });
  for (const state of released) {
    if (state.account.latch === null) continue;
    turn.emit('LatchReleased', {
      account: { ...state.account, latch: null, version: state.account.version + 1 },
    });
    resolveAlert(turn, `panic:${state.account.accountId}`);
  }
  advanceEmergencies(turn, null);
  return done(isAdmin ? { released: isDeskReleased || released.length > 0 } : {});
}

const isWhole = ({ accountId, book }: Scope): boolean => accountId === undefined && book === undefined;

const adminOnly = (): CommandOutcome =>
  refused(denied([denial('account_latched', { latch: 'emergency_by_admin' })]));
