import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, dec, div, gt, isMultipleOf, lt, mul } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { lossSide } from '../rules/priceSides.ts';
import { isLooser } from './stopFault.ts';

const TICK = dec('0.1');

/** A bot of 0.249 whose entry at the mark of 20000 is filled at `price`. */
function filledAt(direction: 'long' | 'short', pct: string, price: string, s = new Scenario()): Scenario {
  s.runningBot();
  s.bar([enter(direction)], { stopLossPct: dec(pct) });
  s.fillNow(s.order('entry'), price);
  s.deliver();
  s.settle();
  return s;
}

const resting = (s: Scenario): Decimal | null | undefined =>
  s.venue.working().find(({ type }) => type === 'stop_market')?.triggerPrice;

describe('a stop after the fill', () => {
  it.each([
    ['long', '20050', '19989.9'],
    ['short', '19950', '20009.8'],
  ] as const)(
    '[FOUND-15] of a %s planned at 0.3 pct and filled at %s ends at %s',
    (direction, price, stop) => {
      const s = new Scenario();
      // The fill moved the market, so that the plan is not passed yet.
      s.runningBot();
      s.bar([enter(direction)], { stopLossPct: dec('0.3') });
      s.price(price);
      s.fillNow(s.order('entry'), price);
      s.deliver();
      s.settle();
      expect(resting(s)).toBe(stop);
      expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: stop });
    },
  );

  it.each(['long', 'short'] as const)(
    '[FOUND-15] of a %s never risks more than the plan from its entry, whatever the slippage, and is never loosened',
    (direction) => {
      const capabilities = fc.record({ amendStop: fc.boolean(), attachedStop: fc.boolean() });
      fc.assert(
        fc.property(
          capabilities,
          fc.integer({ min: 5, max: 500 }),
          fc.integer({ min: -200, max: 200 }),
          (facts, bps, slippageBps) => {
            const pct = div(dec(String(bps)), dec('100'), 4);
            const price = div(mul(dec('20000'), dec(String(10_000 + slippageBps))), dec('10000'), 1);
            const s = filledAt(direction, pct, price, new Scenario(facts));
            const asDecided = lossSide(direction, dec('20000'), pct, TICK);
            const planned = lossSide(direction, price, pct, TICK);
            // What the mark had passed was closed.
            if (s.isFlat) {
              expect(direction === 'long' ? !lt(planned, dec('20000')) : !gt(planned, dec('20000'))).toBe(
                true,
              );
              return;
            }
            const stop = resting(s);
            if (stop == null) throw new Error('no stop');
            expect(isMultipleOf(stop, TICK)).toBe(true);
            expect(isLooser(direction, stop, planned)).toBe(false);
            if (facts.attachedStop) expect(isLooser(direction, stop, asDecided)).toBe(false);
            expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: stop });
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  it('[FOUND-15] [PROT-9] stays where it rests at a venue that cannot move it', () => {
    const s = filledAt('long', '2', '20050', new Scenario({ amendStop: false, positionStops: 'one' }));
    expect(resting(s)).toBe('19600');
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19600' });
  });

  it('[FOUND-15] waits for the last fill of its entry, and is then measured from the average', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    const venueOrderId = s.accept(entry);
    s.venue.trade(venueOrderId, dec('0.1'), dec('20100'));
    s.deliver();
    s.settle();
    expect(resting(s)).toBe('19600');
    s.venue.trade(venueOrderId, dec('0.1'), dec('20050'));
    s.venue.end(venueOrderId, 'cancelled');
    s.deliver();
    s.settle();
    expect(resting(s)).toBe('19673.5');
  });

  it('[FOUND-15] [PROT-4] passed by the mark already: the position is closed, and its bot paused with the reason', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long')], { stopLossPct: dec('0.3') });
    s.fillNow(s.order('entry'), '20100');
    s.deliver();
    expect(s.sending('close')).toMatchObject([{ side: 'sell', size: s.position().size }]);
    expect(s.bot(botId)).toMatchObject({
      state: 'paused',
      reason: { figures: { cause: { code: 'mark_passed_plan' } } },
    });
  });

  it('[FOUND-15] [CMD-8] stays where its owner has moved it', () => {
    const s = filledAt('long', '2', '20050');
    expect(resting(s)).toBe('19649');
    s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('19500') });
    s.settle();
    for (let second = 0; second < 3; second += 1) s.tick();
    s.settle();
    expect(resting(s)).toBe('19500');
  });
});

describe('a liquidation price that moves', () => {
  it.each([
    ['long', '19700', '19810'],
    ['short', '20300', '20190'],
  ] as const)(
    '[FOUND-20] [RISK-4] behind it, the stop of a bot that is %s is told with figures and moved before it',
    (direction, price, stop) => {
      const s = new Scenario();
      s.tradingBot(direction);
      s.venue.liquidationPrice = dec(price);
      s.venue.leverage = 50;
      s.readLater();
      const told = s.told('AlertRaised').find(({ alert }) => alert.code === 'stop_behind_liquidation');
      expect(told?.alert).toMatchObject({ severity: 'critical', figures: { liquidation: price } });
      s.settle();
      expect(resting(s)).toBe(stop);
      s.tick();
      expect(s.alert('stop_behind_liquidation')).toBe(false);
    },
  );

  it('[FOUND-20] behind it, a stop by hand is told and not moved; over once it lies before it again', () => {
    const s = new Scenario();
    s.openByHand({ stopPrice: dec('19600') });
    s.settle();
    s.venue.liquidationPrice = dec('19700');
    s.readLater();
    expect(s.alert('stop_behind_liquidation')).toBe(true);
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.price('19900');
    s.tick();
    expect(
      s.told('AlertRaised').filter(({ alert }) => alert.code === 'stop_behind_liquidation'),
    ).toHaveLength(1);
    s.venue.liquidationPrice = dec('18000');
    s.readLater();
    expect(s.alert('stop_behind_liquidation')).toBe(false);
  });

  it('[FOUND-20] exactly at the margin, it is told once and stands until the stop lies clearly before it', () => {
    const s = new Scenario();
    s.openByHand({ stopPrice: dec('19600') });
    s.settle();
    s.venue.liquidationPrice = dec('19500');
    const told = () =>
      s.told('AlertRaised').filter(({ alert }) => alert.code === 'stop_behind_liquidation').length;
    // The edge lies 0.5 % of the mark above it, at the stop itself and a hair to either side of it.
    for (const mark of ['20000', '19999', '20001', '19998', '20000', '19990']) {
      s.price(mark);
      s.readLater();
      s.tick();
    }
    expect(told()).toBe(1);
    expect(s.alert('stop_behind_liquidation')).toBe(true);
    s.price('18900');
    s.venue.liquidationPrice = dec('19500');
    s.readLater();
    s.tick();
    expect(s.alert('stop_behind_liquidation')).toBe(false);
  });

  it.each([
    ['long', '19500', '19600', '19600.1'],
    ['short', '20500', '20400', '20399.9'],
  ] as const)(
    '[FOUND-20] of a %s liquidated at %s, the stop that lies just at the edge is behind it, and one a tick before is not',
    (direction, liquidation, edge, before) => {
      for (const [stopPrice, isTold] of [
        [edge, true],
        [before, false],
      ] as const) {
        const s = new Scenario();
        s.openByHand({ side: direction === 'long' ? 'buy' : 'sell', stopPrice: dec(stopPrice) });
        s.settle();
        s.venue.liquidationPrice = dec(liquidation);
        s.readLater();
        expect(s.alert('stop_behind_liquidation')).toBe(isTold);
      }
    },
  );

  it('[FOUND-20] nearer than a stop may be: it is told, and the stop stays', () => {
    const s = new Scenario();
    s.tradingBot();
    s.venue.liquidationPrice = dec('19999');
    s.readLater();
    expect(s.alert('stop_behind_liquidation')).toBe(true);
    expect(s.waiting('AmendOrder')).toEqual([]);
    expect(s.sending('close')).toEqual([]);
  });
});
