import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  abs,
  add,
  cmp,
  type Decimal,
  dec,
  decFromFloat,
  div,
  eq,
  gt,
  gte,
  isMultipleOf,
  isNegative,
  isPositive,
  isZero,
  lt,
  lte,
  max,
  min,
  mul,
  mulDiv,
  neg,
  parseDecimal,
  roundToStep,
  type StepRounding,
  scaleOf,
  sub,
  sum,
  toFloat,
  ZERO,
} from './decimal.ts';

/** The reference: an integer number of 10^-scale. */
interface Exact {
  units: bigint;
  scale: number;
}

function exact(text: string): Exact {
  const [whole = '', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

const at = (value: Exact, scale: number): bigint => value.units * 10n ** BigInt(scale - value.scale);

function text({ units, scale }: Exact): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const sign = units < 0n ? '-' : '';
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function halfEven(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const down = n / d;
  const twice = (n % d) * 2n;
  const magnitude = twice > d || (twice === d && down % 2n === 1n) ? down + 1n : down;
  return negative ? -magnitude : magnitude;
}

const digits = (most: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 0, maxLength: most });
/** As they come from outside: not canonical, many of them near each other or round. */
const rawDecimal = fc
  .tuple(fc.boolean(), digits(12), fc.oneof(digits(18), digits(2), fc.constant('')))
  .map(([negative, whole, fraction]) => {
    const number = `${whole.replace(/^0+(?=.)/, '') || '0'}${fraction === '' ? '' : `.${fraction}`}`;
    return negative ? `-${number}` : number;
  });
const decimal = rawDecimal.map(dec);
/** Around the largest integer that a number holds exactly: there computing with numbers must give way. */
const edge = fc
  .tuple(fc.bigInt({ min: -2_000n, max: 2_000n }), fc.constantFrom(1n, -1n, 10n, -10n), fc.nat(12))
  .map(([near, part, scale]) => dec(text({ units: 2n ** 53n / part + near, scale })));
/** Products have up to twice the places that come from outside. */
const longDecimal = fc.oneof(
  decimal,
  edge,
  fc.tuple(decimal, decimal).map(([a, b]) => mul(a, b)),
);
/** Around and below the 20 places at which division of the library stops by default. */
const tiny = fc
  .tuple(
    fc.bigInt({ min: -999n, max: 999n }),
    fc.integer({ min: 0, max: 18 }),
    fc.integer({ min: 0, max: 18 }),
  )
  .map(([units, scale, more]) => mul(dec(text({ units, scale })), dec(text({ units: 1n, scale: more }))));
const nonZero = longDecimal.filter((value) => !isZero(value));
const positive = nonZero.map(abs);

const CANONICAL = /^(0|-?(?!0(?!\.))(0|[1-9]\d*)(\.\d*[1-9])?)$/;
const tinyStep = tiny.map(abs).filter((step) => !isZero(step));
const RUNS = { numRuns: 500 };

describe('reading', () => {
  test('[DEC-1] takes plain notation and keeps its value', () => {
    fc.assert(
      fc.property(rawDecimal, (raw) => {
        expect(parseDecimal(raw)).toBe(text(exact(raw)));
      }),
      RUNS,
    );
  });

  test.each([
    ...['', ' ', '-', '.', '1.', '.5', '+1', '01', '-01', '1e3', '1E3', '1e400', '0x10', '1,000', '1_000'],
    ...['NaN', 'Infinity', '-Infinity', ' 1', '1 ', '1\n', '--1', '1.2.3', '١', '１', 'null'],
    `0.${'1'.repeat(19)}`,
    '1'.repeat(31),
    `${'1'.repeat(13)}.${'1'.repeat(18)}`,
  ])('[DEC-1] refuses %j', (raw) => {
    expect(parseDecimal(raw)).toBeUndefined();
    expect(() => dec(raw)).toThrow(TypeError);
  });

  test.each(['1'.repeat(30), `${'1'.repeat(12)}.${'1'.repeat(18)}`, `-0.${'1'.repeat(18)}`])(
    '[DEC-1] takes %j, at the bounds',
    (raw) => {
      expect(parseDecimal(raw)).toBe(raw);
    },
  );

  test('[DEC-1] refuses whatever else a text may be', () => {
    fc.assert(
      fc.property(fc.string(), (raw) => {
        const value = parseDecimal(raw);
        if (value !== undefined) expect(raw).toMatch(/^-?\d+(\.\d+)?$/);
      }),
      RUNS,
    );
  });

  test('[DEC-7] a float comes in rounded half-even', () => {
    expect(decFromFloat(0.125, 2)).toBe('0.12');
    expect(decFromFloat(0.375, 2)).toBe('0.38');
    expect(decFromFloat(-0.004, 2)).toBe('0');
    expect(decFromFloat(1e21, 0)).toBe('1000000000000000000000');
    expect(decFromFloat(0.1 + 0.2, 8)).toBe('0.3');
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(() => decFromFloat(bad, 2)).toThrow(TypeError);
    }
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
        const rounded = decFromFloat(value, 6);
        expect(rounded).toMatch(CANONICAL);
        expect(scaleOf(rounded)).toBeLessThanOrEqual(6);
        expect(Math.abs(toFloat(rounded) - value)).toBeLessThanOrEqual(0.5e-6 + Math.abs(value) * 2 ** -52);
      }),
      RUNS,
    );
  });

  test('[DEC-7] a float is rounded by its shortest text, also at a tie', () => {
    const tie = fc
      .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 7 }))
      .map(([units, places]) => Number(`${units}5e-${places}`));
    fc.assert(
      fc.property(
        fc.oneof(
          tie,
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.float({ noNaN: true, noDefaultInfinity: true }),
        ),
        fc.integer({ min: 0, max: 10 }),
        (value, scale) => {
          const exact = new Big(value).round(scale, Big.roundHalfEven).toFixed();
          expect(decFromFloat(value, scale)).toBe(exact === '-0' ? '0' : exact);
        },
      ),
      RUNS,
    );
  });
});

describe('arithmetic', () => {
  test('[DEC-3] sums and differences are exact', () => {
    fc.assert(
      fc.property(longDecimal, longDecimal, (a, b) => {
        const scale = Math.max(scaleOf(a), scaleOf(b));
        expect(add(a, b)).toBe(text({ units: at(exact(a), scale) + at(exact(b), scale), scale }));
        expect(sub(a, b)).toBe(text({ units: at(exact(a), scale) - at(exact(b), scale), scale }));
        expect(add(a, b)).toBe(add(b, a));
        expect(sub(add(a, b), b)).toBe(a);
        expect(add(a, neg(a))).toBe(ZERO);
      }),
      RUNS,
    );
  });

  test('[DEC-3] products are exact', () => {
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        const [x, y] = [exact(a), exact(b)];
        expect(mul(a, b)).toBe(text({ units: x.units * y.units, scale: x.scale + y.scale }));
        expect(mul(mul(a, b), c)).toBe(mul(a, mul(b, c)));
        expect(mul(a, add(b, c))).toBe(add(mul(a, b), mul(a, c)));
      }),
      RUNS,
    );
  });

  test('[DEC-3] a sum of many does not depend on their order', () => {
    fc.assert(
      fc.property(fc.array(decimal, { maxLength: 20 }), (values) => {
        expect(sum(values)).toBe(sum(values.toReversed()));
      }),
      RUNS,
    );
    expect(sum([])).toBe(ZERO);
  });

  test('[DEC-4] quotients are rounded half-even, once', () => {
    fc.assert(
      fc.property(longDecimal, decimal, nonZero, fc.nat(20), (a, b, c, scale) => {
        const [x, y, z] = [exact(a), exact(b), exact(c)];
        const numerator = x.units * y.units * 10n ** BigInt(z.scale + scale);
        const denominator = z.units * 10n ** BigInt(x.scale + y.scale);
        expect(mulDiv(a, b, c, scale)).toBe(text({ units: halfEven(numerator, denominator), scale }));
        expect(div(a, c, scale)).toBe(mulDiv(a, dec('1'), c, scale));
      }),
      RUNS,
    );
  });

  test('[DEC-4] ties go to the even neighbour', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -1000n, max: 1000n }), fc.nat(8), (units, scale) => {
        // (units + ½) × 10^-scale, as twice that over 2.
        const twice = dec(text({ units: units * 2n + 1n, scale }));
        const quotient = exact(div(twice, dec('2'), scale));
        expect(at(quotient, scale) % 2n).toBe(0n);
      }),
      RUNS,
    );
  });

  test('[DEC-4] keeps money to 8 places by default, and refuses zero', () => {
    expect(div(dec('1'), dec('3'))).toBe('0.33333333');
    expect(div(dec('-2'), dec('3'))).toBe('-0.66666667');
    expect(() => div(dec('1'), ZERO)).toThrow(RangeError);
    expect(() => mulDiv(ZERO, ZERO, ZERO)).toThrow(RangeError);
  });

  test('[DEC-4] cost released by partial closes adds up to the whole', () => {
    fc.assert(
      fc.property(
        positive,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
        (cost, parts) => {
          let size = dec(String(parts.reduce((total, part) => total + part, 0)));
          let left = cost;
          for (const part of parts) {
            const closed = dec(String(part));
            const released = eq(closed, size) ? left : mulDiv(left, closed, size);
            left = sub(left, released);
            size = sub(size, closed);
          }
          expect(left).toBe(ZERO);
        },
      ),
      RUNS,
    );
  });

  test('[DEC-2] whatever is computed is canonical', () => {
    fc.assert(
      fc.property(longDecimal, nonZero, positive, (a, b, step) => {
        const results = [
          ...[add(a, b), sub(a, b), mul(a, b), div(a, b), neg(a), abs(a), min(a, b), max(a, b)],
          ...(['down', 'up', 'nearest'] as const).map((rounding) => roundToStep(a, step, rounding)),
        ];
        for (const result of results) expect(result).toMatch(CANONICAL);
        expect(neg(neg(a))).toBe(a);
      }),
      RUNS,
    );
    expect(dec('-0.00')).toBe('0');
    expect(neg(ZERO)).toBe('0');
    expect(sub(dec('1.10'), dec('1.1'))).toBe('0');
    expect(mul(dec('-1'), ZERO)).toBe('0');
    expect(div(dec('-1'), dec('1000000000'))).toBe('0');
  });
});

describe('comparison', () => {
  const close = fc
    .tuple(decimal, decimal)
    .chain(([a, b]) => fc.constantFrom([a, b], [a, add(a, b)], [a, a], [a, neg(a)]));

  test('[DEC-5] is by value', () => {
    fc.assert(
      fc.property(close, ([a = ZERO, b = ZERO]) => {
        const scale = Math.max(scaleOf(a), scaleOf(b));
        const difference = at(exact(a), scale) - at(exact(b), scale);
        const order = difference < 0n ? -1 : difference > 0n ? 1 : 0;
        expect(cmp(a, b)).toBe(order);
        expect([lt(a, b), lte(a, b), gt(a, b), gte(a, b), eq(a, b)]).toEqual([
          order < 0,
          order <= 0,
          order > 0,
          order >= 0,
          order === 0,
        ]);
        expect(min(a, b)).toBe(order <= 0 ? a : b);
        expect(max(a, b)).toBe(order >= 0 ? a : b);
        expect([isZero(a), isPositive(a), isNegative(a)]).toEqual([
          cmp(a, ZERO) === 0,
          cmp(a, ZERO) > 0,
          cmp(a, ZERO) < 0,
        ]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('steps', () => {
  function reference(value: Decimal, step: Decimal, rounding: StepRounding): string {
    const scale = Math.max(scaleOf(value), scaleOf(step));
    const [v, s] = [at(exact(value), scale), at(exact(step), scale)];
    const magnitude = v < 0n ? -v : v;
    const down = magnitude / s;
    const isExact = magnitude % s === 0n;
    const steps =
      rounding === 'nearest' ? halfEven(magnitude, s) : rounding === 'up' && !isExact ? down + 1n : down;
    return text({ units: (v < 0n ? -steps : steps) * s, scale });
  }

  test.each(['down', 'up', 'nearest'] as const)('[DEC-6] rounds %s as the reference does', (rounding) => {
    fc.assert(
      fc.property(fc.oneof(longDecimal, tiny), fc.oneof(positive, tinyStep), (value, step) => {
        const rounded = roundToStep(value, step, rounding);
        expect(rounded).toBe(reference(value, step, rounding));
        expect(isMultipleOf(rounded, step)).toBe(true);
        expect(roundToStep(rounded, step, rounding)).toBe(rounded);
        expect(isMultipleOf(value, step)).toBe(rounded === value);
      }),
      RUNS,
    );
  });

  test('[DEC-6] a tie goes to the even multiple', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -500n, max: 500n }), positive, (n, step) => {
        const tie = mul(dec(text({ units: n * 10n + 5n, scale: 1 })), step);
        const steps = exact(div(roundToStep(tie, step, 'nearest'), step, 0)).units;
        expect(steps % 2n).toBe(0n);
      }),
      RUNS,
    );
  });

  test.each(['0', '-0.1'])('[DEC-6] a step of %s is none', (step) => {
    expect(() => roundToStep(dec('1'), dec(step), 'up')).toThrow(RangeError);
  });

  test('[DEC-6] by hand', () => {
    expect(roundToStep(dec('27123.45'), dec('0.1'), 'down')).toBe('27123.4');
    expect(roundToStep(dec('27123.45'), dec('0.1'), 'up')).toBe('27123.5');
    expect(roundToStep(dec('27123.45'), dec('0.1'), 'nearest')).toBe('27123.4');
    expect(roundToStep(dec('-0.0019'), dec('0.001'), 'down')).toBe('-0.001');
    expect(roundToStep(dec('-0.0011'), dec('0.001'), 'up')).toBe('-0.002');
    expect(roundToStep(dec('7'), dec('2.5'), 'nearest')).toBe('7.5');
    expect(isMultipleOf(dec('0.003'), dec('0.001'))).toBe(true);
    expect(isMultipleOf(dec('0.0035'), dec('0.001'))).toBe(false);
  });
});
