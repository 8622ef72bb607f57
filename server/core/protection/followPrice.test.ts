import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const TP = [{ slot: 'tp1', atPct: dec('4'), share: dec('1') }];

describe('exits that follow the price', () => {
  it('[PROT-14] trailing waits for its activation, moves by steps, and only tightens', () => {
    const s = new Scenario();
    s.tradingBot('short', { trailing: { activatePct: dec('1'), distancePct: dec('1') } });
    s.price('19810');
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.price('19800');
    expect(s.position().stop?.triggerPrice).toBe('19998');
    s.amendAll();
    s.price('19795');
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.price('19700');
    s.amendAll();
    expect(s.position().stop?.triggerPrice).toBe('19897');
    s.price('19850');
    expect(s.waiting('AmendOrder')).toEqual([]);
    expect(s.position().stop?.triggerPrice).toBe('19897');
  });

  it('[PROT-14] [FOUND-34] trailing and break-even follow the mark, not the last price', () => {
    const s = new Scenario();
    s.tradingBot('long', {
      trailing: { activatePct: dec('1'), distancePct: dec('1') },
      breakEvenAtPct: dec('1.5'),
    });
    s.lasts.set('BTCUSDT', dec('20900'));
    s.price('20100');
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.lasts.set('BTCUSDT', dec('20000'));
    s.price('20400');
    expect(s.position().stop?.triggerPrice).toBe('20196');
  });

  it('[PROT-15] break-even moves the stop to the entry once', () => {
    const s = new Scenario();
    s.tradingBot('long', { breakEvenAtPct: dec('1.5') });
    s.price('20299');
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.price('20300');
    s.amendAll();
    expect(s.position()).toMatchObject({
      stop: { state: 'resting', triggerPrice: '20000' },
      protection: { breakEvenDone: true },
    });
    s.price('20500');
    expect(s.waiting('AmendOrder')).toEqual([]);
  });

  it('[PROT-16] a time exit closes at the market after its longest hold', () => {
    const s = new Scenario();
    s.tradingBot('long', { maxHoldMs: 60_000 });
    s.advance(59_999);
    s.price('20000');
    expect(s.sending('close')).toEqual([]);
    s.advance(1);
    s.price('20000');
    expect(s.sending('close')).toMatchObject([{ slot: 'time', reduceOnly: true }]);
    s.price('20001');
    expect(s.sending('close')).toHaveLength(1);
  });

  it('[PROT-17] a position closed by hand takes its ladder along; its bot is told who closed it', () => {
    const s = new Scenario();
    const botId = s.tradingBot('long', { takeProfits: TP });
    s.accept(s.order('take_profit'));
    s.deliver();
    const outcome = s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    expect(outcome).toEqual({ ok: true, result: { claimedBy: botId } });
    s.cancelAll();
    s.fillNow(s.order('close'));
    s.deliver();
    s.cancelAll();
    expect(s.isFlat).toBe(true);
    expect(s.openOrders()).toEqual([]);
    expect(s.venue.working()).toEqual([]);
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit).toBe('manual');
  });

  it('[PROT-17] what its entry filled before the close and was told after it is closed too', () => {
    const s = new Scenario();
    const botId = s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    const venueOrderId = s.accept(entry);
    s.venue.trade(venueOrderId, dec('0.1'), dec('20000'));
    s.deliver();
    expect(s.position().size).toBe('0.1');
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    s.cancelAll();
    s.fillNow(s.order('close'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    s.venue.trade(venueOrderId, dec('0.149'), dec('20000'));
    s.deliver();
    expect(s.position()).toMatchObject({ size: '0.149', botId });
    expect(s.sending('close')).toMatchObject([{ size: '0.149', slot: 'manual' }]);
    expect(s.bot(botId).state).toBe('paused');
  });
});
