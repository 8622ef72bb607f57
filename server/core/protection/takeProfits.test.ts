import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  type Decimal,
  dec,
  gte,
  isMultipleOf,
  isPositive,
  lt,
  sum,
} from '../../../shared/domain/decimal.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { enter, exit, sampleInstrument } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { ladder } from './takeProfits.ts';

const rung = (slot: string, atPct: string, share: string) => ({ slot, atPct: dec(atPct), share: dec(share) });
const HALVES = [rung('half', '5', '0.5'), rung('rest', '8', '0.5')];

const thousandths = (units: number): Decimal => dec(`${units / 1000}`);

describe('the ladder of take-profits', () => {
  const template: Position = (() => {
    const s = new Scenario();
    s.tradingBot();
    return s.position();
  })();

  const positionOf = (openedSize: Decimal, shares: number[]): Position => ({
    ...template,
    size: openedSize,
    openedSize,
    protection: {
      ...template.protection,
      takeProfits: shares.map((share, index) => rung(`tp${index}`, `${index + 1}`, `${share / 100}`)),
    },
  });

  it('[PROT-18] rungs sum to the size that was opened, each on the step and none below the minimum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 12 }),
        (units, weights, minimum) => {
          const total = weights.reduce((a, b) => a + b, 0);
          const shares = weights.map((weight) => Math.floor((weight / total) * 100));
          const opened = thousandths(units);
          const minSize = thousandths(minimum);
          const instrument = sampleInstrument('BTCUSDT', { minSize });
          const rungs = ladder(positionOf(opened, shares), instrument);
          expect(sum(rungs.map(({ size }) => size))).toBe(opened);
          for (const { size } of rungs) {
            expect(isPositive(size)).toBe(true);
            expect(isMultipleOf(size, instrument.sizeStep)).toBe(true);
            // What is below the minimum as a whole is closed as a whole.
            if (gte(opened, minSize)) expect(lt(size, minSize)).toBe(false);
          }
        },
      ),
    );
  });

  it('[PROT-18] a last rung that would be dust joins the one before it', () => {
    const instrument = sampleInstrument('BTCUSDT', { minSize: dec('0.01') });
    expect(ladder(positionOf(dec('0.012'), [90, 10]), instrument)).toMatchObject([
      { slot: 'tp0', size: '0.012' },
    ]);
    expect(ladder(positionOf(dec('0.015'), [30, 70]), instrument)).toMatchObject([
      { slot: 'tp1', size: '0.015' },
    ]);
  });

  it('[PROT-19] rests at the venue, reduce-only, once the entry has ended, at percentages of the entry price', () => {
    const s = new Scenario();
    s.changeInstrument('BTCUSDT', { priceBandRatio: dec('0.1') });
    s.runningBot();
    s.bar([enter('short')], { takeProfits: HALVES });
    const entry = s.order('entry');
    const id = s.accept(entry);
    s.venue.trade(id, dec('0.1'), dec('20000'));
    s.deliver();
    expect(s.sending('take_profit')).toEqual([]);
    s.venue.trade(id, dec('0.1'), dec('19990'));
    s.venue.end(id, 'cancelled', 'ioc');
    s.deliver();
    expect(s.sending('take_profit')).toMatchObject([
      { slot: 'half', side: 'buy', type: 'limit', reduceOnly: true, size: '0.1', price: '18995.2' },
      { slot: 'rest', side: 'buy', type: 'limit', reduceOnly: true, size: '0.1', price: '18395.4' },
    ]);
  });

  it('[PROT-20] each rung is taken once, the stop follows what is left, the last one takes all', () => {
    const s = new Scenario();
    s.changeInstrument('BTCUSDT', { priceBandRatio: dec('0.1') });
    s.tradingBot('long', { takeProfits: HALVES });
    const opened = s.position().openedSize;
    for (const order of s.sending('take_profit')) s.accept(order);
    s.deliver();
    const [half, rest] = s.openOrders('take_profit');
    if (half === undefined || rest === undefined) throw new Error('no ladder');
    expect(add(half.size, rest.size)).toBe(opened);
    s.venue.trade(String(half.venueOrderId), half.size, dec('21000'));
    s.deliver();
    s.amendAll();
    expect(s.position()).toMatchObject({ size: rest.size, stop: { size: rest.size, state: 'resting' } });
    expect(s.position().protection.partialsTaken).toEqual(['half']);
    s.tick();
    expect(s.sending('take_profit')).toEqual([]);
    s.venue.trade(String(rest.venueOrderId), rest.size, dec('21600'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit).toBe(
      'take_profit',
    );
    s.cancelAll();
    expect(s.venue.working()).toEqual([]);
  });

  it('[PROT-21] a rung cancelled in the middle is placed again for what is left of it, a few times, then its owner is told', () => {
    const s = new Scenario();
    s.tradingBot('long', { takeProfits: HALVES });
    for (const order of s.sending('take_profit')) s.accept(order);
    s.deliver();
    const half = s.openOrders('take_profit').find(({ slot }) => slot === 'half');
    if (half === undefined) throw new Error('no rung');
    s.venue.trade(String(half.venueOrderId), dec('0.02'), dec('21000'));
    s.venue.end(String(half.venueOrderId), 'cancelled', 'requested');
    s.deliver();
    const [again] = s.sending('take_profit');
    expect(again?.slot).toBe('half');
    expect(add(again?.size ?? dec('0'), dec('0.02'))).toBe(half.size);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      s.reject(s.order('take_profit'), 'other');
      s.amendAll();
      s.tick(60_000);
    }
    expect(s.sending('take_profit')).toEqual([]);
    expect(s.alert('take_profit_refused')).toBe(true);
  });

  it('[PROT-21] a refusal that is pushed counts as one that is answered: a halted market uses up no attempt', () => {
    const s = new Scenario();
    s.tradingBot('long', { takeProfits: HALVES });
    const { accountId } = s;
    const halfOf = () => s.sending('take_profit').find(({ slot }) => slot === 'half');
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const half = halfOf();
      if (half === undefined) throw new Error(`no rung at attempt ${attempt}`);
      const seen = { ...s.venue.get(s.accept(half)), status: 'rejected', reason: 'not_trading' } as const;
      s.give({ type: 'VenueOrderSeen', accountId, order: seen });
      s.tick(60_000);
    }
    expect(halfOf()).toBeDefined();
    expect(s.alert('take_profit_refused')).toBe(false);
  });

  it('[PROT-22] dust: what is left below the minimum is closed as a whole, and an exit below it is not tried', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.changeInstrument('BTCUSDT', { minSize: dec('1') });
    s.bar([exit('long', '0.5', 'half')]);
    expect(s.sending('exit')).toEqual([]);
    s.command({ type: 'StopBot', botId, positions: 'close' });
    expect(s.sending('close')).toMatchObject([{ size: s.position().size, reduceOnly: true }]);
  });
});
