import { describe, expect, it } from 'vitest';
import { isLaterDay, isTimeZone, riskDay } from './riskDay.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The zone's own clock, asked in another way than the product asks it. */
function localClock(ts: number, timeZone: string): { day: string; minutes: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(ts);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? '';
  return {
    day: `${of('year')}-${of('month')}-${of('day')}`,
    minutes: Number(of('hour')) * 60 + Number(of('minute')),
  };
}

/** Zones with a change of clocks in these weeks, at midnight itself in some, and with odd offsets. */
const CHANGES: [string, number][] = [
  ['America/New_York', Date.UTC(2026, 2, 6)],
  ['America/New_York', Date.UTC(2026, 9, 30)],
  ['Europe/Berlin', Date.UTC(2026, 2, 27)],
  ['Europe/Berlin', Date.UTC(2026, 9, 23)],
  ['Africa/Cairo', Date.UTC(2026, 3, 22)],
  ['Africa/Cairo', Date.UTC(2026, 9, 27)],
  ['Asia/Beirut', Date.UTC(2026, 2, 26)],
  ['America/Havana', Date.UTC(2026, 9, 30)],
  ['America/Sao_Paulo', Date.UTC(2018, 10, 2)],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 3)],
  ['Pacific/Chatham', Date.UTC(2026, 3, 3)],
  ['Pacific/Apia', Date.UTC(2011, 11, 28)],
  ['Asia/Kathmandu', Date.UTC(2026, 0, 1)],
  ['Asia/Seoul', Date.UTC(2026, 11, 30)],
  ['UTC', Date.UTC(2026, 1, 27)],
];

describe('the local day', () => {
  it.each(CHANGES)(
    '[RISK-27] [N7] in %s from %d on it begins at local midnight and nowhere else',
    (zone, week) => {
      const from = week + HOUR;
      let begun = from;
      let beginnings = 0;
      for (let ts = from; ts < from + 7 * DAY; ts += 15 * MINUTE) {
        expect(riskDay(ts, zone)).toBe(localClock(ts, zone).day);
        if (!isLaterDay(ts, begun, zone)) continue;
        // Where clocks are set forward at midnight the day has no hour 0: its first minute is what it begins with.
        const before = localClock(ts - 15 * MINUTE, zone);
        expect([before.day < localClock(ts, zone).day, before.minutes >= 22 * 60 + 45]).toEqual([true, true]);
        begun = ts;
        beginnings += 1;
      }
      // Samoa left a date out, and no midnight.
      expect(beginnings).toBe(7);
    },
  );

  it('[RISK-27] a day of 23 and one of 25 hours are one day each', () => {
    const berlin = 'Europe/Berlin';
    const spring = Date.UTC(2026, 2, 28, 23);
    expect(isLaterDay(spring + 23 * HOUR - 1, spring, berlin)).toBe(false);
    expect(isLaterDay(spring + 23 * HOUR, spring, berlin)).toBe(true);
    const autumn = Date.UTC(2026, 9, 24, 22);
    expect(isLaterDay(autumn + 25 * HOUR - 1, autumn, berlin)).toBe(false);
    expect(isLaterDay(autumn + 25 * HOUR, autumn, berlin)).toBe(true);
  });

  it('[RISK-15] [RISK-27] a clock that jumps back begins no day, and none when it comes forward again to the same one', () => {
    const noon = Date.UTC(2026, 5, 10, 12);
    expect(isLaterDay(noon - DAY, noon, 'UTC')).toBe(false);
    expect(isLaterDay(noon - 13 * HOUR, noon, 'UTC')).toBe(false);
    expect(isLaterDay(noon + HOUR, noon, 'UTC')).toBe(false);
    expect(isLaterDay(noon + 12 * HOUR, noon, 'UTC')).toBe(true);
  });

  it('[RISK-21] knows the zones of IANA and no others, however many are asked for', () => {
    expect(['Asia/Seoul', 'UTC', 'America/Argentina/Buenos_Aires'].every(isTimeZone)).toBe(true);
    expect(['', 'Mars/Olympus', 'Asia', '../etc'].some(isTimeZone)).toBe(false);
    for (let i = 0; i < 1_100; i += 1) isTimeZone(`Asia/Seoul${i}`);
    expect(riskDay(Date.UTC(2026, 0, 1, 15), 'Asia/Seoul')).toBe('2026-01-02');
  });
});
