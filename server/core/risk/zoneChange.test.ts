import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';

const MIDNIGHT = Date.UTC(2026, 5, 10);

/** An hour before a midnight of UTC, the day well begun, 300 a day allowed to account and book. */
function beforeMidnight(): RiskDesk {
  const s = new RiskDesk();
  s.advance(MIDNIGHT - 6 * HOUR - s.marketTime);
  s.set({ dailyLoss: dec('300') });
  s.setBook({ dailyLoss: dec('300') });
  s.tick(0);
  s.jump(5 * HOUR);
  return s;
}

function zone(s: RiskDesk, timeZone: string): void {
  expect(s.set({}, timeZone).ok).toBe(true);
  expect(s.setBook({}, timeZone).ok).toBe(true);
}

describe('a change of the time zone', () => {
  it('[FOUND-12] [RISK-15] whoever hops from zone to zone gets no further day, and ends no breach', () => {
    const s = beforeMidnight();
    zone(s, 'Etc/GMT+1');
    s.jump(HOUR);
    expect(s.limits()).toMatchObject({ timeZone: 'Etc/GMT+1', dayStart: { ts: MIDNIGHT } });
    s.trade('buy', '0.1');
    s.price('16000');
    s.tick();
    const breaches = [{ limit: 'daily_loss' }];
    expect(s.limits().breaches).toMatchObject(breaches);
    // One zone further west with each hour: its midnight is always an hour away.
    for (let hop = 2; hop <= 11; hop += 1) {
      zone(s, `Etc/GMT+${hop}`);
      s.jump(HOUR);
      for (const limits of [s.limits(), s.bookLimits()])
        expect(limits).toMatchObject({ breaches, dayStart: { ts: MIDNIGHT }, timeZone: 'Etc/GMT+1' });
    }
  });

  it('[RISK-14] [RISK-27] the day after ends with a midnight of the new zone, not sooner than a day is long, and the next as always', () => {
    const s = beforeMidnight();
    zone(s, 'Etc/GMT-9');
    const days: number[] = [];
    for (let hour = 0; hour < 72; hour += 1) {
      s.jump(HOUR);
      const ts = s.limits().dayStart?.ts ?? 0;
      if (days.at(-1) !== ts) days.push(ts);
    }
    // In Seoul it is 9:00 by then; the midnight 15 hours later would make a short day.
    expect(days).toEqual([MIDNIGHT, MIDNIGHT + 39 * HOUR, MIDNIGHT + 63 * HOUR]);
  });

  it('[RISK-14] another name of the same zone changes no midnight', () => {
    const s = beforeMidnight();
    zone(s, 'Etc/UTC');
    s.jump(HOUR);
    s.jump(24 * HOUR);
    expect(s.limits().dayStart?.ts).toBe(MIDNIGHT + 24 * HOUR);
  });
});
