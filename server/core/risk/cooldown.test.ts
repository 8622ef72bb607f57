import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';

describe('the wait after a stop-out', () => {
  it('[RISK-13] a bot waits after a stop-out as long as its account asks for', () => {
    const s = new RiskDesk();
    s.set({ cooldownAfterStopMs: 90_000 });
    const botId = s.tradingBot();
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('19600'));
    s.deliver();
    expect(s.bot(botId).cooldownUntil).toBe(s.marketTime + 90_000);
    s.bar([enter('long')]);
    expect(s.sending('entry')).toEqual([]);
    expect(s.bot(botId).note?.code).toBe('cooldown');
    s.bar([enter('long')]);
    expect(s.sending('entry')).toHaveLength(1);
  });

  /** A stop-out under a cooldown of an hour; the venue dates its fill so far from its own clock. */
  function stoppedOut(datedBy = 0): { s: RiskDesk; botId: string } {
    const s = new RiskDesk();
    s.tick();
    s.set({ cooldownAfterStopMs: HOUR, maxStopOuts: 5, stopOutWindowMs: 2 * HOUR });
    const botId = s.tradingBot();
    s.tick(10 * HOUR);
    s.venue.marketTime += datedBy;
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('19600'));
    s.venue.marketTime -= datedBy;
    s.deliver();
    expect(s.isFlat).toBe(true);
    return { s, botId };
  }

  /** Whether the bot enters with the next bar. */
  function enters(s: RiskDesk): boolean {
    s.bar([enter('long')]);
    return s.sending('entry').length > 0;
  }

  it.each([
    [
      'a clone of it',
      (s: RiskDesk, botId: string) =>
        s.command({ type: 'CloneBot', botId, name: 'again', allocationPct: undefined }),
    ],
    [
      'a new one, it being deleted',
      (s: RiskDesk, botId: string) => {
        s.command({ type: 'DeleteBot', botId });
        return { ok: true, result: { botId: s.createBot() } } as const;
      },
    ],
  ])('[RISK-13] the wait is the account’s and the symbol’s: %s waits as well', (_, next) => {
    const { s, botId } = stoppedOut();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    s.readLater();
    expect(s.bot(botId).state).toBe('stopped');
    const outcome = next(s, botId);
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    s.desk = deserializeDesk(serializeDesk(s.desk));
    const nextId = String(outcome.result.botId);
    s.command({ type: 'StartBot', botId: nextId });
    s.finishStart(nextId);
    expect(enters(s)).toBe(false);
    expect(s.bot(nextId).note?.code).toBe('cooldown');
    s.tick(HOUR);
    expect(enters(s)).toBe(true);
  });

  it('[RISK-13] the last stop-out counts, whatever else is told of a bot whose stop fired before', () => {
    const { s, botId } = stoppedOut();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    s.readLater();
    const outcome = s.command({ type: 'CloneBot', botId, name: 'again', allocationPct: undefined });
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    const nextId = String(outcome.result.botId);
    s.command({ type: 'StartBot', botId: nextId });
    s.finishStart(nextId);
    s.tick(HOUR);
    expect(enters(s)).toBe(true);
    s.fillNow(s.order('entry'));
    s.deliver();
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('19600'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    s.command({ type: 'UpdateBot', botId, change: { name: 'the first' } });
    expect(s.bot(botId).name).toBe('the first');
    s.settle();
    expect(enters(s)).toBe(false);
  });

  it('[RISK-13] on another symbol the same bot does not wait, and does when it is back', () => {
    const { s, botId } = stoppedOut();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    s.readLater();
    s.command({ type: 'UpdateBot', botId, change: { symbol: 'ETHUSDT' } });
    expect(s.bot(botId).cooldownUntil).toBeNull();
    s.command({ type: 'UpdateBot', botId, change: { symbol: 'BTCUSDT' } });
    s.command({ type: 'StartBot', botId });
    s.finishStart(botId);
    expect(enters(s)).toBe(false);
  });

  it('[RISK-13] [RISK-27] a fill that its venue dates a day ahead lets it wait a minute longer at most', () => {
    const { s } = stoppedOut(24 * HOUR);
    expect(enters(s)).toBe(false);
    s.tick(HOUR + 61_000);
    expect(enters(s)).toBe(true);
    // Nor does it count as a stop-out for longer.
    expect(s.state().stopOuts.every((at) => at <= s.marketTime)).toBe(true);
  });

  it('[RISK-13] [RISK-25] [RISK-27] nor does one that is dated hours back free it, or count for less', () => {
    const { s } = stoppedOut(-9 * HOUR);
    expect(enters(s)).toBe(false);
    expect(s.state().stopOuts.filter((at) => at > s.marketTime - 2 * HOUR)).toHaveLength(1);
    s.tick(HOUR);
    expect(enters(s)).toBe(true);
  });

  it('[RISK-13] what fired while nobody could read the account counts from when it did', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ cooldownAfterStopMs: HOUR });
    s.tradingBot();
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('19600'));
    s.venue.pushes = [];
    s.tick(2 * HOUR);
    s.readLater();
    expect(s.isFlat).toBe(true);
    s.settle();
    expect(enters(s)).toBe(true);
  });
});
