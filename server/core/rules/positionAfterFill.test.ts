import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, type Decimal, dec, mul, neg, sub, sum, ZERO } from '../../../shared/domain/decimal.ts';
import { type Holding, positionAfterFill, unrealisedPnl } from './positionAfterFill.ts';

interface Execution {
  side: 'buy' | 'sell';
  price: Decimal;
  size: Decimal;
}

const decimalOf = (units: number, scale: number): Decimal => {
  const digits = String(units).padStart(scale + 1, '0');
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '');
  return dec(text);
};

const execution: fc.Arbitrary<Execution> = fc.record({
  side: fc.constantFrom('buy' as const, 'sell' as const),
  price: fc.integer({ min: 1, max: 9_999_999 }).map((units) => decimalOf(units, 1)),
  size: fc.integer({ min: 1, max: 5_000 }).map((units) => decimalOf(units, 3)),
});

const signed = (held: Holding | undefined): Decimal =>
  held === undefined ? ZERO : held.direction === 'long' ? held.size : neg(held.size);

function run(executions: Execution[]): { held: Holding | undefined; realised: Decimal } {
  let held: Holding | undefined;
  let realised: Decimal = ZERO;
  for (const { side, price, size } of executions) {
    const effect = positionAfterFill(held, side, price, size);
    held = effect.after.size === ZERO ? undefined : effect.after;
    realised = add(realised, effect.realised);
  }
  return { held, realised };
}

describe('the holding after a fill', () => {
  it('[LEDGER-1] [INV-9] the sum of fills is the position', () => {
    fc.assert(
      fc.property(fc.array(execution, { maxLength: 60 }), (executions) => {
        const total = sum(executions.map(({ side, size }) => (side === 'buy' ? size : neg(size))));
        expect(signed(run(executions).held)).toBe(total);
      }),
    );
  });

  it('[LEDGER-2] [INV-9] what was paid in and out is realised plus the cost of what is open, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(execution, { maxLength: 60 }), (executions) => {
        const { held, realised } = run(executions);
        const cash = sum(
          executions.map(({ side, price, size }) =>
            side === 'sell' ? mul(price, size) : neg(mul(price, size)),
          ),
        );
        const cost = held === undefined ? ZERO : held.direction === 'long' ? held.cost : neg(held.cost);
        expect(sub(realised, cost)).toBe(cash);
      }),
    );
  });

  it('[LEDGER-3] a trade carries no rounding: at flat its realised PnL is what it returned less what it cost', () => {
    fc.assert(
      fc.property(
        fc.array(execution, { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
        execution,
        (entries, cuts, last) => {
          let held: Holding | undefined;
          for (const entry of entries) held = positionAfterFill(held, 'buy', entry.price, entry.size).after;
          if (held === undefined) throw new Error('no position');
          for (const cut of cuts) {
            const size = mul(held.size, dec(`0.${cut}`));
            held = positionAfterFill(held, 'sell', last.price, size).after;
          }
          const { after } = positionAfterFill(held, 'sell', last.price, held.size);
          expect(after.size).toBe(ZERO);
          expect(after.cost).toBe(ZERO);
          expect(after.realisedPnl).toBe(sub(after.closedValue, after.openedCost));
          expect(after.closedSize).toBe(after.openedSize);
        },
      ),
    );
  });

  it('[LEDGER-4] a partial close releases cost × q ÷ Q rounded half-even to 8 places', () => {
    const long = (cost: string, size: string): Holding => ({
      direction: 'long',
      size: dec(size),
      cost: dec(cost),
      openedSize: dec(size),
      openedCost: dec(cost),
      closedSize: ZERO,
      closedValue: ZERO,
      realisedPnl: ZERO,
    });
    // 1 ÷ 3 = 0.33333333…; 0.00000005 ÷ 2 and 0.00000015 ÷ 2 are ties: to the even digit.
    expect(positionAfterFill(long('1', '3'), 'sell', dec('1'), dec('1')).after.cost).toBe('0.66666667');
    expect(positionAfterFill(long('0.00000005', '2'), 'sell', dec('1'), dec('1')).after.cost).toBe(
      '0.00000003',
    );
    expect(positionAfterFill(long('0.00000015', '2'), 'sell', dec('1'), dec('1')).after.cost).toBe(
      '0.00000007',
    );
    expect(positionAfterFill(long('1', '3'), 'sell', dec('1'), dec('1')).realised).toBe('0.66666667');
  });

  it('[LEDGER-5] beyond flat it opens the other side: the former holding ends, the rest begins anew', () => {
    const { after } = positionAfterFill(undefined, 'buy', dec('100'), dec('2'));
    const flip = positionAfterFill(after, 'sell', dec('110'), dec('3'));
    expect(flip.ended).toMatchObject({
      size: '0',
      cost: '0',
      realisedPnl: '20',
      closedSize: '2',
      closedValue: '220',
    });
    expect(flip.after).toMatchObject({
      direction: 'short',
      size: '1',
      cost: '110',
      openedSize: '1',
      realisedPnl: '0',
    });
    expect(flip.realised).toBe('20');
  });

  it('[LEDGER-6] unrealised is the value at the mark against the cost, by side', () => {
    const long = positionAfterFill(undefined, 'buy', dec('100'), dec('2')).after;
    const short = positionAfterFill(undefined, 'sell', dec('100'), dec('2')).after;
    expect(unrealisedPnl(long, dec('101.5'))).toBe('3');
    expect(unrealisedPnl(short, dec('101.5'))).toBe('-3');
  });
});
