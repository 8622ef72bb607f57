import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cmp, type Decimal, dec, sum } from '../../../shared/domain/decimal.ts';
import { type Candle, INTERVAL_MS, INTERVALS, type Interval } from '../../../shared/domain/market.ts';
import { BarBuilder, barOpenTime, fillEmptyMinutes, flatBar, MINUTE_MS } from './barBuilder.ts';

const T0 = Date.UTC(2024, 2, 1);

const price = fc.integer({ min: 1, max: 1_000_000 }).map((n) => dec((n / 100).toString()));
const minuteShape = fc.record({ a: price, b: price, c: price, d: price, volume: price });
const minutesFrom = (
  start: number,
  shapes: { a: Decimal; b: Decimal; c: Decimal; d: Decimal; volume: Decimal }[],
): Candle[] =>
  shapes.map(({ a, b, c, d, volume }, index) => {
    const sorted = [a, b, c, d].sort(cmp);
    return {
      openTime: start + index * MINUTE_MS,
      open: a,
      high: sorted[3] ?? a,
      low: sorted[0] ?? a,
      close: d,
      volume,
    };
  });
const minutes = fc
  .tuple(fc.integer({ min: 0, max: 300 }), fc.array(minuteShape, { minLength: 1, maxLength: 400 }))
  .map(([offset, shapes]) => minutesFrom(T0 + offset * MINUTE_MS, shapes));
const shortInterval = fc.constantFrom<Interval>('1m', '3m', '5m', '15m', '30m', '1h');

function build(interval: Interval, source: readonly Candle[]): Candle[] {
  const builder = new BarBuilder(interval);
  return source.flatMap((minute) => builder.add(minute) ?? []);
}

const bar = (
  minute: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
): Candle => ({
  openTime: T0 + minute * MINUTE_MS,
  open: dec(open),
  high: dec(high),
  low: dec(low),
  close: dec(close),
  volume: dec(volume),
});

describe('bar building', () => {
  it('[BAR-1] a bar has the first open, the highest high, the lowest low, the last close and all of the volume', () => {
    fc.assert(
      fc.property(minutes, shortInterval, (source, interval) => {
        for (const candle of build(interval, source)) {
          const inside = source.filter(
            (minute) => barOpenTime(minute.openTime, interval) === candle.openTime,
          );
          expect(inside).toHaveLength(INTERVAL_MS[interval] / MINUTE_MS);
          expect(candle.open).toBe(inside[0]?.open);
          expect(candle.close).toBe(inside[inside.length - 1]?.close);
          expect(candle.high).toBe(inside.map((minute) => minute.high).sort(cmp)[inside.length - 1]);
          expect(candle.low).toBe(inside.map((minute) => minute.low).sort(cmp)[0]);
          expect(candle.volume).toBe(sum(inside.map((minute) => minute.volume)));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('[BAR-2] bars are UTC aligned, each comes out once, and only when all of its minutes were seen', () => {
    fc.assert(
      fc.property(minutes, shortInterval, (source, interval) => {
        const whole = source.filter((minute) => {
          const open = barOpenTime(minute.openTime, interval);
          const first = source[0]?.openTime ?? 0;
          const last = source[source.length - 1]?.openTime ?? 0;
          return (
            minute.openTime === open && open >= first && open + INTERVAL_MS[interval] - MINUTE_MS <= last
          );
        });
        expect(build(interval, source).map((candle) => candle.openTime)).toEqual(
          whole.map((minute) => minute.openTime),
        );
      }),
      { numRuns: 60 },
    );
    for (const interval of INTERVALS)
      expect(barOpenTime(T0 + 17 * 3_600_000, interval) % INTERVAL_MS[interval]).toBe(0);
  });

  it('[BAR-3] building in steps gives the same bars: minutes to 15m = minutes to 5m, merged', () => {
    fc.assert(
      fc.property(fc.array(minuteShape, { minLength: 30, maxLength: 90 }), (shapes) => {
        const source = minutesFrom(T0, shapes);
        const merged = build('5m', source).reduce<Candle[][]>((groups, candle) => {
          const index = (barOpenTime(candle.openTime, '15m') - T0) / INTERVAL_MS['15m'];
          groups[index] = [...(groups[index] ?? []), candle];
          return groups;
        }, []);
        const expected = merged
          .filter((group) => group.length === 3)
          .map((group) => ({
            openTime: group[0]?.openTime,
            open: group[0]?.open,
            high: group.map((candle) => candle.high).sort(cmp)[2],
            low: group.map((candle) => candle.low).sort(cmp)[0],
            close: group[2]?.close,
            volume: sum(group.map((candle) => candle.volume)),
          }));
        expect(build('15m', source)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('[BAR-4] a repeated minute changes nothing, a skipped one is refused', () => {
    const builder = new BarBuilder('3m');
    builder.add(bar(0, '10', '12', '9', '11', '1'));
    builder.add(bar(1, '11', '13', '10', '12', '2'));
    expect(builder.add(bar(1, '11', '99', '1', '12', '2'))).toBeUndefined();
    expect(() => builder.add(bar(3, '1', '1', '1', '1', '1'))).toThrow(RangeError);
    expect(builder.add(bar(2, '12', '12', '8', '9', '3'))).toEqual(bar(0, '10', '13', '8', '9', '6'));
  });

  it('[BAR-5] a minute in which nothing traded is a flat bar at the last price', () => {
    const filled = fillEmptyMinutes(
      [bar(0, '10', '12', '9', '11', '1'), bar(3, '11', '11', '11', '11', '1')],
      undefined,
    );
    expect(filled).toEqual([
      bar(0, '10', '12', '9', '11', '1'),
      flatBar(T0 + MINUTE_MS, dec('11')),
      flatBar(T0 + 2 * MINUTE_MS, dec('11')),
      bar(3, '11', '11', '11', '11', '1'),
    ]);
    expect(fillEmptyMinutes([bar(2, '5', '5', '5', '5', '1')], bar(0, '4', '4', '4', '4', '1'))).toEqual([
      flatBar(T0 + MINUTE_MS, dec('4')),
      bar(2, '5', '5', '5', '5', '1'),
    ]);
  });

  it('[BAR-6] a corrected minute corrects its bar, closed or open; one from longer ago is reported as unknown', () => {
    const builder = new BarBuilder('3m');
    for (let minute = 0; minute < 7; minute += 1) builder.add(bar(minute, '10', '12', '9', '10', '1'));
    expect(builder.revise(bar(4, '10', '20', '9', '10', '4'))).toEqual({
      kind: 'closed',
      candle: bar(3, '10', '20', '9', '10', '6'),
    });
    expect(builder.revise(bar(6, '10', '15', '9', '10', '1'))).toEqual({ kind: 'forming' });
    expect(builder.forming).toEqual(bar(6, '10', '15', '9', '10', '1'));
    expect(builder.revise(bar(1, '10', '15', '9', '10', '1'))).toEqual({ kind: 'unknown' });
    const minuteByMinute = new BarBuilder('1m');
    minuteByMinute.add(bar(0, '1', '1', '1', '1', '1'));
    expect(minuteByMinute.revise(bar(0, '1', '2', '1', '1', '1')).kind).toBe('closed');
  });

  it('[BAR-6] corrections in any order end with the bars that the corrected minutes give', () => {
    fc.assert(
      fc.property(
        fc.array(minuteShape, { minLength: 10, maxLength: 10 }),
        fc.array(fc.nat(9), { maxLength: 8 }),
        (shapes, which) => {
          const source = minutesFrom(T0, shapes);
          const corrected = [...source];
          const builder = new BarBuilder('5m');
          for (const minute of source) builder.add(minute);
          let last: Candle | undefined = build('5m', source)[1];
          for (const index of which.map((n) => 5 + (n % 5))) {
            const minute = { ...(corrected[index] as Candle), volume: dec('777') };
            corrected[index] = minute;
            const result = builder.revise(minute);
            if (result.kind === 'closed') last = result.candle;
          }
          expect(last).toEqual(build('5m', corrected)[1]);
        },
      ),
      { numRuns: 40 },
    );
  });
});
