import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { isAtRest } from './atRest.ts';
import { needsWatching } from './watch.ts';

const MINUTE = 60_000;

/** Lost something by hand today, and flat; the clock stands at noon in UTC. */
function flatAtNoon(zone: string): RiskDesk {
  const s = new RiskDesk();
  s.advance(Date.UTC(2026, 5, 9, 12) - s.marketTime);
  s.set({ dailyLoss: dec('310') }, zone);
  s.setBook({ dailyLoss: dec('310') }, zone);
  s.tick(0);
  s.trade('buy', '0.01');
  s.price('18000');
  s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
  s.settle();
  expect(isAtRest(s.desk)).toBe(true);
  return s;
}

/** As the server does it while the desk is awake. */
function awakeFor(s: RiskDesk, ms: number): void {
  for (let passed = 0; passed < ms; passed += MINUTE) {
    s.advance(MINUTE);
    if (needsWatching(s.desk, s.context())) s.tick(0);
  }
}

function asleepFor(s: RiskDesk, ms: number): void {
  s.advance(ms);
  s.give({ type: 'Woken' });
}

describe('a desk at rest', () => {
  it('[SLEEP-1] has no position, no working order, no active bot, no emergency, and accounts in step', () => {
    const s = new Scenario();
    expect(isAtRest(s.desk)).toBe(true);
    s.createBot();
    expect(isAtRest(s.desk)).toBe(true);
    const botId = s.tradingBot();
    expect(s.isFlat).toBe(false);
    expect(isAtRest(s.desk)).toBe(false);
    s.command({ type: 'EmergencyStop', scope: {} });
    s.settle();
    expect(s.isFlat).toBe(true);
    // Halted is active: its owner has to say what becomes of it.
    expect(isAtRest(s.desk)).toBe(false);
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.settle();
    expect(isAtRest(s.desk)).toBe(true);
    s.give({ type: 'StreamInterrupted', accountId: s.accountId, reason: 'cut' });
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    expect(isAtRest(s.desk)).toBe(false);
  });
});

describe('a desk that is woken', () => {
  it('[SLEEP-2] writes nothing where nothing came of it, and has its accounts read', () => {
    const s = flatAtNoon('UTC');
    s.advance(HOUR);
    const { events, effects } = s.give({ type: 'Woken' });
    expect(events).toEqual([]);
    expect(effects.map(({ type }) => type)).toEqual(['ReadAccount']);
  });

  it.each([
    ['UTC', 13],
    ['UTC', 24 * 20],
    ['Asia/Seoul', 24 * 3],
    ['Australia/Lord_Howe', 24 * 200],
  ])('[SLEEP-3] [RISK-17] in %s, after %s hours, has the days it would have had awake', (zone, hours) => {
    const [awake, asleep] = [flatAtNoon(zone), flatAtNoon(zone)];
    awakeFor(awake, hours * HOUR);
    asleepFor(asleep, hours * HOUR);
    const days = (s: RiskDesk) => [s.limits(), s.bookLimits()].map(({ dayStart }) => dayStart);
    expect(days(asleep)).toEqual(days(awake));
    expect(asleep.limits().dayStart?.equity).toBe(asleep.equityAtVenue());
  });

  it('[SLEEP-3] [RISK-14] has the looser limits and the zone that were asked for, from the first midnight on', () => {
    const [awake, asleep] = [flatAtNoon('UTC'), flatAtNoon('UTC')];
    for (const s of [awake, asleep]) s.set({ dailyLoss: dec('500') }, 'America/New_York');
    awakeFor(awake, 60 * HOUR);
    asleepFor(asleep, 60 * HOUR);
    expect(asleep.limits()).toMatchObject({ pending: null, values: { dailyLoss: '500' } });
    expect({ ...asleep.limits(), version: 0 }).toEqual({ ...awake.limits(), version: 0 });
  });

  it('[SLEEP-3] [RISK-15] a daily loss that was broken has ended with its day', () => {
    const s = flatAtNoon('UTC');
    s.set({ dailyLoss: dec('10') });
    s.tick(0);
    expect(s.limits().breaches).toHaveLength(1);
    expect(isAtRest(s.desk)).toBe(true);
    asleepFor(s, HOUR);
    expect(s.limits().breaches).toHaveLength(1);
    asleepFor(s, 12 * HOUR);
    expect(s.limits().breaches).toEqual([]);
  });
});
