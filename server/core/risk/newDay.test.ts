import { describe, expect, it } from 'vitest';
import { dec, sub } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { needsWatching } from '../watch/watch.ts';

const MINUTE = 60_000;

/** As the server does it: once a second, where there is anything that time alone brings on; here once a minute. */
function pass(s: RiskDesk, ms: number): number {
  let looks = 0;
  for (let passed = 0; passed < ms; passed += MINUTE) {
    s.advance(MINUTE);
    if (!needsWatching(s.desk, s.context())) continue;
    s.tick(0);
    looks += 1;
  }
  return looks;
}

/** Lost 21.2 of 310 in this zone, and flat. The clock stands at this local midnight, and a minute. */
function flatAt(midnight: number, zone: string): RiskDesk {
  const s = new RiskDesk();
  s.advance(midnight - 24 * HOUR - s.marketTime);
  s.set({ dailyLoss: dec('310') }, zone);
  s.setBook({ dailyLoss: dec('310') }, zone);
  s.jump(24 * HOUR + MINUTE);
  expect(s.limits()).toMatchObject({ timeZone: zone, dayStart: { ts: s.marketTime } });
  s.trade('buy', '0.01');
  s.price('18000');
  s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
  s.settle();
  expect(s.isFlat).toBe(true);
  return s;
}

const DAYS: [string, string, number, number][] = [
  ['UTC', '24', Date.UTC(2026, 5, 10), 24],
  ['Europe/Berlin', '23', Date.UTC(2026, 2, 28, 23), 23],
  ['Europe/Berlin', '25', Date.UTC(2026, 9, 24, 22), 25],
  ['America/New_York', '25', Date.UTC(2026, 10, 1, 4), 25],
  ['Australia/Lord_Howe', '24.5', Date.UTC(2026, 3, 4, 13), 24.5],
];

describe('a new day while nothing is open', () => {
  it.each(DAYS)(
    '[FOUND-28] [RISK-17] [RISK-27] in %s a day of %s hours ends with local midnight, for account and book',
    (zone, _hours, midnight, hours) => {
      const s = flatAt(midnight, zone);
      const lost = sub(String(s.limits().dayStart?.equity) as never, s.equityAtVenue());
      expect(lost).toBe('20.228');
      pass(s, hours * HOUR - 3 * MINUTE);
      expect(s.limits().dayStart?.ts).toBe(midnight + MINUTE);
      const looks = pass(s, 10 * MINUTE);
      // One look, and the desk is left alone again.
      expect(looks).toBe(1);
      for (const limits of [s.limits(), s.bookLimits()])
        expect(limits.dayStart).toMatchObject({ ts: midnight + hours * HOUR, equity: s.equityAtVenue() });
      expect(s.told('LimitChanged').at(-1)?.limits.book).toBe('simulated');
    },
  );

  it('[FOUND-28] a desk that is flat is not looked at until then', () => {
    const s = flatAt(Date.UTC(2026, 5, 10), 'UTC');
    expect(pass(s, 23 * HOUR)).toBe(0);
  });

  it('[FOUND-28] [RISK-14] looser limits come into force at midnight also while nothing is open', () => {
    const s = flatAt(Date.UTC(2026, 5, 10), 'UTC');
    s.set({ dailyLoss: dec('500') });
    expect(pass(s, 23 * HOUR)).toBe(0);
    pass(s, HOUR);
    expect(s.limits()).toMatchObject({ pending: null, values: { dailyLoss: '500' } });
  });

  it('[FOUND-28] with a position the day is renewed at the same moment, its loss with it', () => {
    for (const [zone, , midnight, hours] of DAYS) {
      const s = flatAt(midnight, zone);
      s.trade('buy', '0.01');
      s.price('17000');
      pass(s, hours * HOUR - 2 * MINUTE);
      expect(s.limits().dayStart?.ts).toBe(midnight + MINUTE);
      pass(s, MINUTE);
      expect(s.limits().dayStart).toMatchObject({ ts: midnight + hours * HOUR, equity: s.equityAtVenue() });
    }
  });

  it('[FOUND-28] an account whose first limit could not be measured yet gets its baseline as soon as it can', () => {
    const s = new RiskDesk();
    const other = s.createAccount('Second');
    s.setBook({ dailyLoss: dec('100') });
    expect(s.bookLimits().dayStart).toBeNull();
    s.connect(other);
    expect(needsWatching(s.desk, s.context())).toBe(true);
    s.tick();
    expect(s.bookLimits().dayStart?.equity).toBe('20000');
    expect(needsWatching(s.desk, s.context())).toBe(false);
  });
});
