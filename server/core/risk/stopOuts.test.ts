import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import { deserializeDesk, serializeDesk } from '../fold/snapshot.ts';
import { stopOutsNow } from './breach.ts';

/** The running bot enters, and its stop fires at this price. */
function stopOut(s: RiskDesk, price = '19600'): void {
  s.price('20000');
  s.bar([enter('long')]);
  s.fillNow(s.order('entry'));
  s.deliver();
  s.venue.trigger(String(s.order('stop').venueOrderId), dec(price));
  s.deliver();
  s.settle();
}

describe('the guard against stop-outs', () => {
  it('[RISK-25] so many at a loss within the window halt every bot of the account, with the figure', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ maxStopOuts: 3, stopOutWindowMs: HOUR });
    const botId = s.runningBot();
    const other = s.runningBot({ symbol: 'ETHUSDT' });
    stopOut(s);
    stopOut(s);
    s.tick();
    expect(s.bot(botId).state).toBe('running');
    stopOut(s);
    expect(s.denial(s.request('buy', '1', { symbol: 'SOLUSDT' }))).toMatchObject({
      limit: 'limit_breached',
    });
    s.tick();
    expect(s.limits().breaches[0]).toMatchObject({
      limit: 'stop_outs',
      actual: '3',
      allowed: '3',
      windowMs: 3_600_000,
      policy: 'hold',
    });
    for (const id of [botId, other]) {
      expect(s.bot(id)).toMatchObject({
        state: 'halted',
        closing: false,
        reason: { code: 'limit_broken', figures: { breach: { code: 'stop_outs' } } },
      });
    }
    s.bar([enter('long')]);
    expect(s.openOrders('entry')).toEqual([]);
  });

  it('[RISK-25] it survives a restart and midnight; released, only later ones count', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ maxStopOuts: 2 });
    const botId = s.runningBot();
    stopOut(s);
    s.desk = deserializeDesk(serializeDesk(s.desk));
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.readLater();
    s.settle();
    stopOut(s);
    s.tick();
    s.jump(3 * HOUR);
    expect(s.limits().breaches[0]).toMatchObject({ limit: 'stop_outs', actual: '2', windowMs: 86_400_000 });
    s.command({ type: 'ReleaseEmergency', scope: {} });
    s.tick();
    expect(s.limits()).toMatchObject({ breaches: [], stopOutsSince: expect.any(Number) });
    s.command({ type: 'StartBot', botId });
    s.finishStart(botId);
    stopOut(s);
    s.tick();
    expect(s.limits().breaches).toEqual([]);
    stopOut(s);
    s.tick();
    expect(s.limits().breaches).not.toEqual([]);
  });

  it('[RISK-25] a stop that fired with a gain is none, and what lies before the window is forgotten', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ maxStopOuts: 2, stopOutWindowMs: HOUR });
    s.runningBot();
    stopOut(s);
    stopOut(s, '20500');
    s.tick();
    expect(s.limits().breaches).toEqual([]);
    s.jump(HOUR);
    stopOut(s);
    s.tick();
    expect(s.limits().breaches).toEqual([]);
    expect(s.state().stopOuts).toHaveLength(2);
  });

  it('[RISK-25] one that lies exactly the window back, or at the very release, counts no more', () => {
    const s = new RiskDesk();
    s.tick();
    s.set({ maxStopOuts: 2, stopOutWindowMs: HOUR });
    s.runningBot();
    stopOut(s);
    const [at = 0] = s.state().stopOuts;
    const scope = { limits: s.limits(), accounts: [s.state()] };
    expect(stopOutsNow(scope, at + HOUR - 1).counted).toBe(1);
    expect(stopOutsNow(scope, at + HOUR).counted).toBe(0);
    const released = { ...scope, limits: { ...scope.limits, stopOutsSince: at } };
    expect(stopOutsNow(released, at + 1).counted).toBe(0);
  });

  it('[RISK-25] [RISK-22] over a book the stop-outs of all its accounts count', () => {
    const s = new RiskDesk();
    s.tick();
    const other = s.openAccount('Second');
    s.setBook({ maxStopOuts: 1 });
    const idle = s.runningBot({ accountId: other });
    s.runningBot();
    stopOut(s);
    s.tick();
    expect(s.limits(other).breaches).toEqual([]);
    expect(s.bookLimits().breaches[0]).toMatchObject({
      limit: 'stop_outs',
      actual: '1',
      windowMs: 86_400_000,
    });
    expect(s.bot(idle)).toMatchObject({ state: 'halted' });
  });

  it('[RISK-13] [RISK-25] a stop that fired and got only a part of it filled counts as one, whatever closes the rest', () => {
    const s = new RiskDesk();
    s.set({ cooldownAfterStopMs: 600_000, maxStopOuts: 3 });
    s.tradingBot();
    const [stop] = s.venue.working();
    const venueOrderId = stop?.venueOrderId ?? '';
    s.price('19500');
    s.venue.rewrite(venueOrderId, { status: 'triggered' });
    s.venue.trade(venueOrderId, dec('0.1'), dec('19500'), { source: 'stop' });
    s.venue.end(venueOrderId, 'cancelled', 'ioc');
    s.deliver();
    for (let second = 0; second < 10 && !s.isFlat; second += 1) {
      s.tick();
      s.settle();
    }
    expect(s.isFlat).toBe(true);
    const trades = s.told('PositionChanged').flatMap(({ trade }) => trade ?? []);
    expect(trades.map(({ exit }) => exit)).toEqual(['stop']);
    expect(s.state().stopOuts).toHaveLength(1);
    expect(s.state().cooldowns.size).toBe(1);
  });
});
