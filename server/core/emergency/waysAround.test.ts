import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import type { CommandOutcome } from '../command/reply.ts';
import type { Command } from '../commands.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';

const EVERYTHING = { scope: {} } as const;
const BY_ADMIN = { by: 'admin', reason: 'emergency_by_admin' };

function asAdmin(s: RiskDesk, command: Command): CommandOutcome {
  const actor = { kind: 'admin', userId: 'root', deviceId: null } as const;
  const commandId = `admin-${s.desk.seq}`;
  const { outcome } = s.give({ type: 'Command', command, commandId, expectedVersion: null, actor });
  if (outcome === null) throw new Error('a command without an outcome');
  return outcome;
}

const stop = { type: 'EmergencyStop', ...EVERYTHING } as const;
const release = { type: 'ReleaseEmergency', ...EVERYTHING } as const;
const remove = (s: RiskDesk, accountId = s.accountId) => ({ type: 'RemoveAccount', accountId }) as const;

/** All accounts of the desk, seen flat. */
function readAll(s: RiskDesk): void {
  for (const accountId of s.venues.keys()) s.readLater(accountId);
  s.tick();
}

describe('ways around a stop', () => {
  it('[FOUND-12] [EMER-18] an account opened under an administrator’s stop is born with it, and only an administrator releases it', () => {
    const s = new RiskDesk();
    asAdmin(s, stop);
    readAll(s);
    const second = s.openAccount('Second');
    expect(s.state(second).account).toMatchObject({ status: 'ready', latch: BY_ADMIN });
    expect(s.denial(s.request('buy', '0.01', { accountId: second }))).toMatchObject({
      limit: 'account_latched',
    });
    expect(s.denial({ type: 'ReleaseEmergency', scope: { accountId: second } }).limit).toBe(
      'account_latched',
    );
    expect(asAdmin(s, release)).toMatchObject({ ok: true, result: { released: true } });
    expect([s.state().account.latch, s.state(second).account.latch, s.desk.latch]).toEqual([
      null,
      null,
      null,
    ]);
    expect(s.state(s.openAccount('Third')).account.latch).toBeNull();
    expect(s.submit('buy', '0.01', { accountId: second }).ok).toBe(true);
  });

  it('[FOUND-12] [EMER-18] it holds where the user had no account left, and over a restart', () => {
    const s = new RiskDesk();
    expect(s.command(remove(s)).ok).toBe(true);
    asAdmin(s, stop);
    s.desk = deserializeDesk(serializeDesk(s.desk));
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.command(release);
    const next = s.createAccount('Next');
    expect(s.state(next).account.latch).toMatchObject(BY_ADMIN);
    expect(asAdmin(s, release)).toMatchObject({ ok: true, result: { released: true } });
    expect(s.state(next).account.latch).toBeNull();
  });

  it('[FOUND-12] [EMER-18] [BOT-17] a log restored from a backup latches, and leaves an administrator’s latch an administrator’s', () => {
    const s = new RiskDesk();
    asAdmin(s, stop);
    readAll(s);
    s.give({ type: 'Recovered', downMs: 1_000, latch: 'restored' });
    expect(s.state().account.latch).toMatchObject(BY_ADMIN);
    expect(s.denial(release).limit).toBe('account_latched');
  });

  it('[FOUND-12] the user’s own stop of everything holds for what is opened under it, and is the user’s to release', () => {
    const s = new RiskDesk();
    s.command(stop);
    const second = s.openAccount('Second');
    expect(s.state(second).account.latch).toMatchObject({ reason: 'emergency' });
    readAll(s);
    expect(s.command(release).ok).toBe(true);
    expect([s.state().account.latch, s.state(second).account.latch]).toEqual([null, null]);
    s.command({ type: 'EmergencyStop', scope: { accountId: second } });
    // Only one of two is stopped.
    expect(s.state(s.openAccount('Third')).account.latch).toBeNull();
  });

  it('[FOUND-12] [CMD-10] an account that an administrator latched is not removed, and says who ends it; a reset keeps its latch', () => {
    const s = new RiskDesk();
    asAdmin(s, stop);
    readAll(s);
    expect(s.denial(remove(s))).toMatchObject({ limit: 'account_latched', latch: 'emergency_by_admin' });
    expect(s.command({ type: 'ResetAccount', accountId: s.accountId }).ok).toBe(true);
    expect(s.state().account.latch).toMatchObject(BY_ADMIN);
    asAdmin(s, release);
    s.command(stop);
    readAll(s);
    expect(s.command(remove(s)).ok).toBe(true);
  });

  it('[FOUND-12] [RISK-15] a breached account is not removed before the breach has ended', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ dailyLoss: dec('100'), drawdownPct: dec('1') });
    s.trade('buy', '0.1');
    s.price('18000');
    s.tick();
    s.settle();
    s.tick();
    expect(s.isFlat).toBe(true);
    const outcome = s.command(remove(s));
    const said = outcome.ok ? '' : JSON.stringify(outcome.refusal);
    for (const part of ['"end":"midnight"', '"end":"release"', '"code":"drawdown"'])
      expect(said).toContain(part);
    s.command(release);
    expect(s.denial(remove(s))).toMatchObject({
      limit: 'limit_breached',
      breach: { figures: { allowed: '-100' } },
    });
    s.jump(24 * HOUR);
    expect(s.command(remove(s)).ok).toBe(true);
  });

  it('[FOUND-12] [RISK-25] an account whose stop-outs count for its book is not removed until they count no more', () => {
    const s = new RiskDesk();
    const second = s.openAccount('Second');
    s.setBook({ maxStopOuts: 2, stopOutWindowMs: HOUR });
    s.openByHand({ accountId: second, stopPrice: dec('19900') });
    s.settle();
    s.price('19800');
    const [resting] = s.openOrders('stop');
    s.venueOf(second).trade(resting?.venueOrderId ?? '', dec('0.1'), dec('19800'));
    s.deliver();
    s.settle();
    expect(s.denial(remove(s, second))).toMatchObject({ limit: 'stop_outs_counted', count: 1 });
    // The first account has none: nothing keeps it.
    expect(s.command(remove(s)).ok).toBe(true);
    s.advance(HOUR + 1_000);
    expect(s.command(remove(s, second)).ok).toBe(true);
  });

  it('[FOUND-12] [RISK-27] nor before a venue’s clock that jumps ahead says so, and at once where its book has no such guard', () => {
    const s = new RiskDesk();
    const other = s.openAccount('other');
    s.setBook({ maxStopOuts: 5, stopOutWindowMs: HOUR });
    s.tick();
    s.openByHand({ accountId: other, stopPrice: dec('19500') });
    const [stopAtVenue] = s.venueOf(other).working();
    s.venueOf(other).trigger(stopAtVenue?.venueOrderId ?? '', dec('19500'));
    s.deliver();
    readAll(s);
    expect(s.state(other).stopOuts).toHaveLength(1);
    expect(s.denial(remove(s, other))).toMatchObject({ count: 1 });
    s.marketTime += 2 * HOUR;
    expect(s.denial(remove(s, other))).toMatchObject({ count: 1 });
    // As a log of before there was such a guard has them.
    const limits = s.bookLimits();
    const { maxStopOuts: _, ...values } = limits.values;
    s.desk.bookLimits.set('simulated', { ...limits, values });
    expect(s.command(remove(s, other))).toMatchObject({ ok: true });
  });
});
