import { describe, expect, it } from 'vitest';
import { dec, isMultipleOf } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { enter, exit, sampleInstrument } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

function change(s: Scenario, overrides: Partial<Instrument>): void {
  s.instruments.set('BTCUSDT', sampleInstrument('BTCUSDT', overrides));
}

const trailing = { activatePct: dec('1'), distancePct: dec('1') };
const rung = (slot: string, atPct: string, share: string) => ({ slot, atPct: dec(atPct), share: dec(share) });

describe('an instrument that changes while a position is open', () => {
  it('[PROT-31] [PROT-14] a trailed stop lies on the new ticks, never looser', () => {
    const s = new Scenario();
    s.tradingBot('long', { trailing });
    change(s, { tickSize: dec('25') });
    s.price('20400');
    s.amendAll();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20200' });
  });

  it('[PROT-31] a stop that has to be placed again is rounded to the new ticks, and covers what the new steps do not', () => {
    const s = new Scenario();
    s.tradingBot('short');
    const stop = s.order('stop');
    change(s, { tickSize: dec('7'), sizeStep: dec('0.1'), minSize: dec('0.1') });
    s.venue.end(String(stop.venueOrderId), 'cancelled', 'other');
    s.deliver();
    s.readLater();
    const [again] = s.sending('stop');
    expect(again?.triggerPrice).toBe('20398');
    expect(isMultipleOf(again?.size ?? dec('1'), dec('0.1'))).toBe(true);
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20398' });
    s.tick(3_000);
    expect(s.waiting('AmendOrder')).toEqual([]);
  });

  it('[PROT-31] [N4] a stop of a position below the new minimum is for the minimum, and moved no further', () => {
    const s = new Scenario();
    s.tradingBot();
    change(s, { sizeStep: dec('0.1'), minSize: dec('0.3') });
    s.tick();
    expect(s.waiting('AmendOrder')).toMatchObject([{ change: { size: '0.3' } }]);
    s.amendAll();
    s.tick(3_000);
    expect(s.waiting('AmendOrder')).toEqual([]);
    expect(s.position().stop).toMatchObject({ state: 'resting', size: '0.3' });
  });

  it('[PROT-10] [PROT-31] a stop whose move is refused is not moved again before the next look', () => {
    const s = new Scenario();
    s.tradingBot();
    change(s, { sizeStep: dec('0.1'), minSize: dec('0.1') });
    s.tick();
    const refuse = (): void => {
      for (const { order } of s.takeAll('AmendOrder'))
        s.give({
          type: 'OrderAnswered',
          orderId: order.orderId,
          action: 'amend',
          answer: { outcome: 'rejected', code: 'size', message: 'not this one' },
        });
    };
    refuse();
    expect(s.waiting('AmendOrder')).toEqual([]);
    expect(s.position().stop?.state).toBe('resting');
    s.tick();
    expect(s.waiting('AmendOrder')).toHaveLength(1);
  });

  it('[PROT-31] [PROT-18] rungs follow the new steps and minimum', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')], { takeProfits: [rung('a', '3', '0.5'), rung('b', '6', '0.5')] });
    change(s, { sizeStep: dec('0.02'), minSize: dec('0.02') });
    s.fillNow(s.order('entry'));
    s.deliver();
    const rungs = s.sending('take_profit');
    expect(rungs.length).toBeGreaterThan(0);
    for (const { size } of rungs.slice(0, -1)) expect(isMultipleOf(size, dec('0.02'))).toBe(true);
  });

  it('[PROT-31] [D2] a partial exit follows the new steps; one below the new minimum is not tried', () => {
    const s = new Scenario();
    s.tradingBot();
    change(s, { sizeStep: dec('0.05'), minSize: dec('0.05') });
    s.bar([exit('long', '0.5', 'half')]);
    expect(s.sending('exit')).toMatchObject([{ size: '0.1' }]);
    s.fillNow(s.order('exit'));
    s.deliver();
    change(s, { minSize: dec('1') });
    s.bar([exit('long', '0.2', 'fifth')]);
    expect(s.sending('exit')).toEqual([]);
  });

  it('[PROT-31] a smaller maximum closes in slices', () => {
    const s = new Scenario();
    s.tradingBot();
    change(s, { maxMarketSize: dec('0.1') });
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    for (let slice = 0; slice < 5 && !s.isFlat; slice += 1) {
      expect(s.sending('close')).toHaveLength(1);
      s.fillNow(s.order('close'));
      s.deliver();
    }
    expect(s.isFlat).toBe(true);
  });

  it.each([undefined, 'close_only'] as const)(
    '[BOT-30] [PROT-31] delisted (%s): its bot closes and is halted with the reason; nothing throws',
    (status) => {
      const s = new Scenario();
      const botId = s.tradingBot('long', { trailing, takeProfits: [rung('a', '3', '1')] });
      if (status === undefined) s.instruments.delete('BTCUSDT');
      else change(s, { status });
      s.price('20400');
      s.bar([exit('long', '0.5', 'half')]);
      s.tick();
      expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: true });
      expect(s.bot(botId).reason?.figures).toEqual({ symbol: 'BTCUSDT' });
      expect(s.alert('symbol_delisted')).toBe(true);
      for (let round = 0; round < 5; round += 1) {
        s.settle();
        s.tick(3_000);
      }
      expect(s.isFlat).toBe(true);
      expect(s.told('PositionChanged').at(-1)?.trade).toMatchObject({ exit: 'delisting' });
      expect(s.venue.working()).toEqual([]);
      expect(s.bot(botId)).toMatchObject({ state: 'halted', closing: false });
      expect(s.denial({ type: 'StartBot', botId }).limit).toBe(
        status === undefined ? 'symbol_known' : 'instrument_status',
      );
    },
  );

  it('[BOT-30] trading halted for a while: the bot waits, its stop rests', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    change(s, { status: 'halted' });
    s.tick();
    expect(s.bot(botId).state).toBe('running');
    expect(s.position().stop?.state).toBe('resting');
  });

  it.each(['liquidation', 'adl', 'settlement'] as const)(
    '[BOT-14] [D12] a fill by %s, also of a part, halts the bot; what is left stays guarded',
    (source) => {
      const s = new Scenario();
      const botId = s.tradingBot();
      s.venue.execute(
        { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'forced', clientOrderId: null },
        dec('0.1'),
        dec('19700'),
        { source },
      );
      s.deliver();
      expect(s.bot(botId)).toMatchObject({ state: 'halted' });
      expect(s.bot(botId).reason).toEqual({ code: 'forced', figures: { by: source } });
      expect(s.state().account.foreign).toBeNull();
      s.amendAll();
      expect(s.position().stop).toMatchObject({ state: 'resting', size: s.position().size });
    },
  );

  it.each(['running', 'paused', 'holding'] as const)(
    '[BOT-14] [D12] a symbol that the venue settles halts its %s bot, flat, and it cannot be started there again',
    (state) => {
      const s = new Scenario();
      const botId = s.tradingBot('long', { takeProfits: [rung('a', '3', '1')] });
      s.accept(s.order('take_profit'));
      if (state === 'paused') s.command({ type: 'PauseBot', botId });
      if (state === 'holding') s.command({ type: 'StopBot', botId, positions: 'hold' });
      expect(s.bot(botId).state).toBe(state);
      const { size } = s.position();
      // As a venue does it: all orders go, what is open is closed at the mark, and the symbol is no more.
      for (const { venueOrderId } of s.venue.working()) s.venue.end(venueOrderId, 'cancelled', 'delisted');
      s.venue.execute(
        { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'settled', clientOrderId: null },
        size,
        dec('19900'),
        { source: 'settlement' },
      );
      change(s, { status: 'halted' });
      s.deliver();
      s.tick();
      s.settle();
      expect(s.bot(botId).state).toBe('halted');
      expect(s.bot(botId).reason).toEqual({ code: 'forced', figures: { by: 'settlement' } });
      expect(s.isFlat).toBe(true);
      expect(s.state().account.foreign).toBeNull();
      expect(s.sending()).toEqual([]);
      expect([...s.desk.workingOrderIds]).toEqual([]);
      s.instruments.delete('BTCUSDT');
      s.tick();
      expect(s.denial({ type: 'StartBot', botId }).limit).toBe('symbol_known');
    },
  );
});
