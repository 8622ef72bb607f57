import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, dec, isZero, min, sub } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { enter, exit } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { inLongForm } from '../../testing/longForm.ts';

/** The venue takes the order, trades `size` of it and gives up the rest, as an immediate-or-cancel order does. */
function fillPart(s: Scenario, order: Order, size: Decimal): void {
  const id = s.accept(order);
  if (!isZero(size)) s.venue.trade(id, size, dec('20000'));
  if (s.venue.get(id).status !== 'filled') s.venue.end(id, 'cancelled', 'ioc');
  s.deliver();
  s.findAll();
}

/** A bot that is long 0.2, bought at 20000. */
function longBot(s: Scenario): void {
  s.runningBot();
  s.bar([enter('long')]);
  const entry = s.order('entry');
  const id = s.accept(entry);
  s.venue.trade(id, dec('0.2'), dec('20000'));
  s.venue.end(id, 'cancelled', 'ioc');
  s.deliver();
  s.findAll();
}

const HALF = [exit('long', '0.5', 'half')];
const left = (s: Scenario): string => s.position().size;

describe('a partial exit', () => {
  it('[PROT-30] [D2] takes its share once: what the market gave only in part goes on with the rest', () => {
    const s = new Scenario();
    longBot(s);
    s.bar(HALF);
    expect(s.order('exit').size).toBe('0.1');
    fillPart(s, s.order('exit'), dec('0.04'));
    expect(left(s)).toBe('0.16');
    const [rest] = s.sending('exit');
    expect(rest).toMatchObject({ size: '0.06', reduceOnly: true, slot: 'half' });
    fillPart(s, s.order('exit'), dec('0.06'));
    expect(left(s)).toBe('0.1');
    expect(s.position().protection).toMatchObject({ partialsTaken: ['half'], takenSizes: { half: '0.1' } });
    s.bar(HALF);
    expect(s.sending('exit')).toEqual([]);
  });

  it('[PROT-30] [D2] where the market gives nothing more, the next bar asks for what is left of the share only', () => {
    const s = new Scenario();
    longBot(s);
    s.bar(HALF);
    fillPart(s, s.order('exit'), dec('0.04'));
    fillPart(s, s.order('exit'), dec('0'));
    expect(s.sending('exit')).toEqual([]);
    s.bar(HALF);
    expect(s.sending('exit')).toMatchObject([{ size: '0.06' }]);
  });

  it('[PROT-30] [D2] [D12] what was taken is kept over a restart in the middle of it', () => {
    const s = new Scenario();
    longBot(s);
    s.bar(HALF);
    const id = s.accept(s.order('exit'));
    s.venue.trade(id, dec('0.04'), dec('20000'));
    s.venue.end(id, 'cancelled', 'ioc');
    s.venue.pushes = [];
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.readLater();
    expect(left(s)).toBe('0.16');
    s.tick(2_000);
    s.findAll();
    expect(s.sending('exit')).toMatchObject([{ size: '0.06' }]);
    // The process dies before it is sent; nothing arrived.
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 60_000, latch: null });
    s.tick(15_000);
    s.readLater();
    s.findAll();
    s.bar(HALF);
    expect(s.sending('exit')).toMatchObject([{ size: '0.06' }]);
  });

  it('[PROT-30] [D2] [D12] one that filled while we were away is not asked for again before its fills are read', () => {
    const s = new Scenario();
    longBot(s);
    s.bar(HALF);
    const id = s.loseAnswer(s.order('exit'));
    s.venue.trade(id, dec('0.1'), dec('20000'));
    s.venue.pushes = [];
    s.pending = [];
    s.advance(600_000);
    s.give({ type: 'Recovered', downMs: 600_000, latch: null });
    s.findAll();
    s.bar(HALF);
    expect(s.sending('exit')).toEqual([]);
    s.readLater();
    s.tick(2_000);
    s.findAll();
    expect(left(s)).toBe('0.1');
    expect(s.position().protection.partialsTaken).toEqual(['half']);
    s.bar(HALF);
    expect(s.sending('exit')).toEqual([]);
  });

  it('[PROT-30] [D2] what a close by hand cancelled is not continued', () => {
    const s = new Scenario();
    longBot(s);
    s.bar(HALF);
    const id = s.accept(s.order('exit'));
    s.venue.trade(id, dec('0.04'), dec('20000'));
    s.deliver();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    s.cancelAll();
    s.findAll();
    s.tick(3_000);
    expect(s.sending('exit')).toEqual([]);
    expect(s.sending('close')).toMatchObject([{ size: '0.16' }]);
  });

  it('[PROT-30] [PROT-11] [D2] over any partial fills it takes exactly its share, and the stop follows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 12 }),
        (tenths, parts) => {
          const s = new Scenario();
          longBot(s);
          const wanted = [exit('long', `0.${tenths}`, 'part')];
          const share = dec(`${(tenths * 2) / 100}`);
          for (const part of parts) {
            if (s.sending('exit').length === 0) s.bar(wanted);
            const [order] = s.sending('exit');
            if (order === undefined) break;
            fillPart(s, order, min(order.size, dec(`${part / 1000}`)));
            s.amendAll();
          }
          for (let bars = 0; bars < 3; bars += 1) {
            if (s.sending('exit').length === 0) s.bar(wanted);
            for (const order of s.sending('exit')) fillPart(s, order, order.size);
          }
          while (s.waiting('AmendOrder').length > 0) s.amendAll();
          expect(left(s)).toBe(sub(dec('0.2'), share));
          expect(s.position().stop).toMatchObject({ state: 'resting', size: left(s) });
          expect(s.order('stop').size).toBe(left(s));
        },
      ),
      { numRuns: inLongForm(60, 20) },
    );
  });
});
