import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { sampleInstrument } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { placeable } from './targets.ts';

const rung = (slot: string, atPct: string, share: string) => ({ slot, atPct: dec(atPct), share: dec(share) });

/** Long 0.1 by hand from 20,000, its target beyond the band of 5 %. */
function byHand(takeProfitPrice = '22000'): Scenario {
  const s = new Scenario();
  s.openByHand({ takeProfitPrice: dec(takeProfitPrice) });
  return s;
}

const resting = (s: Scenario) => s.venue.working().filter((order) => order.type === 'limit');

function restAll(s: Scenario): void {
  for (const order of s.sending('take_profit')) s.accept(order);
  s.deliver();
}

describe('a target outside the price band', () => {
  it('[FOUND-6] by hand: it is not sent, is shown to wait, and is placed when the mark comes near enough', () => {
    const s = byHand();
    for (let second = 0; second < 150; second += 1) s.tick();
    expect(s.sending('take_profit')).toEqual([]);
    expect(s.position().protection.waits).toEqual([
      { slot: 'take_profit', price: '22000', restsFrom: '20952.4' },
    ]);
    s.price('20952.3');
    expect(s.sending('take_profit')).toEqual([]);
    s.price('20952.4');
    expect(s.sending('take_profit')).toMatchObject([{ price: '22000', size: '0.1', reduceOnly: true }]);
    restAll(s);
    expect(s.position().protection.waits).toEqual([]);
    expect(s.alert('take_profit_refused')).toBe(false);
  });

  it.each([
    ['within the band beyond it', '22500', '22000'],
    ['further than any order may be placed from there', '24000', '22800'],
  ])('[FOUND-6] the price jumps through it, %s: the profit is taken at once', (_, mark, price) => {
    const s = byHand();
    s.price(mark);
    expect(s.sending('take_profit')).toMatchObject([{ price, size: '0.1' }]);
    s.fillNow(s.order('take_profit'), mark);
    s.deliver();
    expect(s.isFlat).toBe(true);
  });

  it('[FOUND-6] placed nearer to the mark than its price, it goes back there when the mark leaves it again', () => {
    const s = byHand();
    s.price('24000');
    restAll(s);
    s.price('22100');
    s.tick();
    s.cancelAll();
    s.findAll();
    expect(s.sending('take_profit')).toMatchObject([{ price: '22000' }]);
  });

  it('[FOUND-6] a resting one is kept outside the band when the position is reduced, and resized once it is inside', () => {
    const s = byHand('21000');
    restAll(s);
    s.price('19000');
    s.command({ type: 'ReducePosition', accountId: s.accountId, symbol: 'BTCUSDT', size: dec('0.03') });
    s.fillNow(s.order('manual'));
    s.deliver();
    s.tick();
    expect(s.waiting('CancelOrder')).toEqual([]);
    expect(resting(s)).toMatchObject([{ size: '0.1', price: '21000' }]);
    s.price('20000');
    s.tick();
    s.cancelAll();
    s.findAll();
    restAll(s);
    expect(resting(s)).toMatchObject([{ size: '0.07', price: '21000' }]);
  });

  it('[FOUND-6] moved by its owner while it waits, and taken back', () => {
    const s = byHand();
    const set = (price: string | null) =>
      s.command({
        type: 'SetTakeProfit',
        accountId: s.accountId,
        symbol: 'BTCUSDT',
        price: price === null ? null : dec(price),
      });
    expect(set('19000')).toMatchObject({ ok: false, refusal: { code: 'denied' } });
    expect(set('23000').ok).toBe(true);
    expect(s.position().protection.waits).toMatchObject([{ price: '23000' }]);
    expect(set('20500').ok).toBe(true);
    restAll(s);
    expect(resting(s)).toMatchObject([{ price: '20500' }]);
    expect(set(null).ok).toBe(true);
    s.cancelAll();
    s.tick();
    expect(resting(s)).toEqual([]);
    expect(s.position().protection).toMatchObject({ waits: [] });
    expect(s.position().protection.takeProfitPrice).toBeUndefined();
  });

  it('[FOUND-6] [PROT-21] a venue that refuses it for its price is not asked in a stream, and no attempt counts', () => {
    const s = byHand('21000');
    let refusals = 0;
    for (let second = 0; second < 150; second += 1) {
      for (const order of s.sending('take_profit')) {
        s.reject(order, 'price_band');
        refusals += 1;
      }
      s.tick();
    }
    expect(refusals).toBeLessThan(10);
    expect(s.alert('take_profit_refused')).toBe(false);
    s.price('21000');
    s.tick(8_000);
    expect(s.sending('take_profit')).toHaveLength(1);
  });

  it('[FOUND-6] the rungs of a bot: those within the band rest, the others wait and are placed in time', () => {
    const s = new Scenario();
    s.tradingBot('short', { takeProfits: [rung('near', '4', '0.5'), rung('far', '8', '0.5')] });
    expect(s.sending('take_profit')).toMatchObject([{ slot: 'near', price: '19200' }]);
    expect(s.position().protection.waits).toEqual([{ slot: 'far', price: '18400', restsFrom: '19368.4' }]);
    restAll(s);
    for (let second = 0; second < 20; second += 1) s.tick();
    expect(s.sending('take_profit')).toEqual([]);
    s.price('19300');
    expect(s.sending('take_profit')).toMatchObject([{ slot: 'far', price: '18400' }]);
    restAll(s);
    expect(s.position().protection.waits).toEqual([]);
  });

  it('[FOUND-6] without a price what waits goes on waiting', () => {
    const s = byHand();
    s.price(null);
    s.tick();
    expect(s.sending('take_profit')).toEqual([]);
    expect(s.position().protection.waits).toHaveLength(1);
  });

  it('[FOUND-6] [D12] it waits on over a restart', () => {
    const s = byHand();
    s.give({ type: 'Recovered', downMs: 60_000, latch: null });
    s.readLater();
    s.price('21500');
    expect(s.sending('take_profit')).toMatchObject([{ price: '22000' }]);
  });

  it('[FOUND-6] where an order may be is worked out as venues do: off the mark, on the tick', () => {
    const instrument = sampleInstrument('BTCUSDT');
    const at = (direction: 'long' | 'short', target: string, mark: string) =>
      placeable(direction, dec(target), dec(mark), instrument);
    expect(at('long', '21000', '20000')).toEqual({ price: '21000' });
    expect(at('long', '21000.1', '20000')).toEqual({ restsFrom: '20000.1' });
    expect(at('long', '18000', '20000')).toEqual({ price: '19000' });
    expect(at('short', '19000', '20000')).toEqual({ price: '19000' });
    expect(at('short', '18999.9', '20000')).toEqual({ restsFrom: '19999.8' });
    expect(at('short', '22000', '20000')).toEqual({ price: '21000' });
  });
});

describe('a target that comes with an addition', () => {
  it('[FOUND-25] is refused where the position has another: moving it is its own command', () => {
    const s = byHand('21000');
    expect(s.denial(s.orderByHand({ takeProfitPrice: dec('20500') }))).toMatchObject({
      limit: 'take_profit_exists',
      allowed: '21000',
    });
    expect(s.command(s.orderByHand({ takeProfitPrice: dec('21000') })).ok).toBe(true);
  });

  it('[FOUND-25] is refused beside a working order that brings another, and on an order that only takes away', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ type: 'limit', price: dec('19900'), takeProfitPrice: dec('20800') }));
    expect(s.denial(s.orderByHand({ takeProfitPrice: dec('20500') })).limit).toBe('take_profit_on_order');
    const t = byHand('21000');
    const sale = t.orderByHand({ side: 'sell', size: dec('0.05'), takeProfitPrice: dec('19000') });
    expect(t.denial(sale).limit).toBe('nothing_opened');
  });

  it('[FOUND-25] gives one to a position that has none', () => {
    const s = new Scenario();
    s.openByHand();
    s.openByHand({ takeProfitPrice: dec('21000') });
    expect(s.sending('take_profit')).toMatchObject([{ price: '21000', size: '0.2' }]);
  });
});
