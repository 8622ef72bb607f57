import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  type Decimal,
  dec,
  gt,
  gte,
  isMultipleOf,
  lt,
  lte,
  mul,
  sub,
} from '../../../shared/domain/decimal.ts';
import { sampleInstrument } from '../../testing/core/samples.ts';
import { onTick } from '../protection/stopFault.ts';
import { lossSide } from './priceSides.ts';

const money = (most: number) =>
  fc.integer({ min: 1, max: most }).map((cents) => dec((cents / 100).toFixed(2)));
const tick = fc.constantFrom('0.01', '0.1', '0.5', '1', '5').map(dec);

/** The first tick at or inside `exact` on the side of the price. */
function expectTowardsPrice(direction: 'long' | 'short', exact: Decimal, stop: Decimal, step: Decimal): void {
  expect(isMultipleOf(stop, step)).toBe(true);
  expect(direction === 'long' ? gte(stop, exact) : lte(stop, exact)).toBe(true);
  const next = direction === 'long' ? sub(stop, step) : add(stop, step);
  expect(direction === 'long' ? lt(next, exact) : gt(next, exact)).toBe(true);
}

describe('stops on the tick grid', () => {
  it.each(['long', 'short'] as const)(
    '[FOUND-34] [PROT-31] of a %s are rounded towards the price, by less than a tick',
    (direction) => {
      fc.assert(
        fc.property(money(10_000_000), money(2_000), tick, (price, pct, step) => {
          const distance = mul(mul(price, pct), dec('0.01'));
          const exact = direction === 'long' ? sub(price, distance) : add(price, distance);
          expectTowardsPrice(direction, exact, lossSide(direction, price, pct, step), step);
          const instrument = sampleInstrument('BTCUSDT', { tickSize: step });
          expectTowardsPrice(direction, price, onTick(direction, price, instrument), step);
        }),
      );
    },
  );

  it('[FOUND-34] [PROT-31] of a short at 20000 with 0.333 % and a tick of 0.5 lies at 20066.5', () => {
    expect(lossSide('short', dec('20000'), dec('0.333'), dec('0.5'))).toBe('20066.5');
    expect(onTick('short', dec('20066.6'), sampleInstrument('BTCUSDT', { tickSize: dec('0.5') }))).toBe(
      '20066.5',
    );
  });
});
