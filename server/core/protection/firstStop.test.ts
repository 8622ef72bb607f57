import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const TP = [{ slot: 'tp1', atPct: dec('4'), share: dec('1') }];

describe('the first stop', () => {
  it('[PROT-1] [INV-5] an entry carries its stop, which counts as resting once the venue shows it', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    expect(entry.attachedStop).toEqual({ triggerPrice: '19600', triggerBy: 'mark' });
    expect(entry.notAfter).toBe(s.marketTime + s.facts.writeWindowMs);
    s.fillNow(entry);
    s.deliver((push) => push.type === 'fill');
    expect(s.position().stop).toMatchObject({ state: 'attached', orderId: null, triggerPrice: '19600' });
    s.readLater();
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19600' });
    expect(s.order('stop')).toMatchObject({ status: 'open', botId: s.position().botId, reduceOnly: true });
    expect(s.state().account.foreign).toBeNull();
    expect(s.sending('stop')).toEqual([]);
  });

  it.each([true, false])(
    '[PROT-2] a stop told before the fill that made it is adopted and kept (names its entry: %s)',
    (named) => {
      const s = new Scenario();
      s.venue.namesParent = named;
      s.runningBot();
      s.bar([enter('short')]);
      s.fillNow(s.order('entry'));
      const pushes = s.venue.pushes;
      s.venue.pushes = pushes.filter((push) => push.type === 'order' && push.order.type === 'stop_market');
      s.deliver();
      expect(s.waiting('CancelOrder')).toEqual([]);
      s.venue.pushes = pushes.filter((push) => push.type === 'fill');
      s.deliver();
      expect(s.position()).toMatchObject({ direction: 'short', stop: { state: 'resting' } });
      expect(s.state().account.foreign).toBeNull();
      expect(s.waiting('CancelOrder')).toEqual([]);
    },
  );

  it('[PROT-2] without a parent id it is adopted as the only stop at the wanted price', () => {
    const s = new Scenario();
    s.venue.namesParent = false;
    s.tradingBot();
    expect(s.position().stop?.state).toBe('resting');
    expect(s.state().account.foreign).toBeNull();
  });

  it('[PROT-3] missing when the account is read back: placed at once', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.venue.orders.delete(s.venue.madeStop().venueOrderId);
    s.deliver((push) => push.type === 'fill');
    s.tick(2_000);
    expect(s.waiting('ReadAccount').length).toBeGreaterThan(0);
    s.read();
    expect(s.position().stop).toMatchObject({ state: 'placing', triggerPrice: '19600' });
    expect(s.position().unprotectedSince).not.toBeNull();
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.position()).toMatchObject({ stop: { state: 'resting' }, unprotectedSince: null });
  });

  it('[PROT-3] a market clock far ahead of the wall clock does not put the reading back off', () => {
    const s = new Scenario();
    s.runningBot();
    s.marketTime += 86_400_000;
    s.venue.marketTime = s.marketTime;
    s.closeBar(s.marketTime - 60_000, [enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver((push) => push.type === 'fill');
    expect(s.position().stop?.state).toBe('attached');
    s.tick(2_000);
    expect(s.waiting('ReadAccount')).toHaveLength(1);
  });

  it('[PROT-4] refused: the position is closed, said aloud', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')], { takeProfits: TP });
    expect(s.order('entry')).toMatchObject({ type: 'market', timeInForce: 'ioc', attachedStop: null });
    s.fillNow(s.order('entry'));
    s.deliver();
    expect(s.order('stop')).toMatchObject({ triggerPrice: '19600', side: 'sell', size: s.position().size });
    expect(s.position().unprotectedSince).not.toBeNull();
    s.reject(s.order('stop'), 'stop_direction');
    expect(s.told('StopFailed')).toHaveLength(1);
    expect(s.alert('stop_failed')).toBe(true);
    for (const order of s.sending('take_profit')) s.accept(order);
    s.cancelAll();
    expect(s.sending('close')).toHaveLength(1);
    s.fillNow(s.order('close'));
    s.deliver();
    expect(s.isFlat).toBe(true);
  });

  it('[PROT-4] while it is being closed after a refusal, a reading places no stop again', () => {
    const s = new Scenario({ attachedStop: false });
    s.tradingBot();
    s.reject(s.order('stop'), 'stop_direction');
    s.reject(s.order('close'), 'maintenance');
    s.readLater();
    expect(s.position().stop?.state).toBe('failed');
    s.tick();
    expect(s.sending('close')).toHaveLength(1);
    expect(s.sending('stop')).toEqual([]);
  });

  it('[PROT-4] a passing refusal is tried again, and only for so long unsaid', () => {
    const s = new Scenario({ attachedStop: false });
    s.tradingBot();
    s.reject(s.order('stop'), 'rate_limited');
    expect(s.position().stop?.state === 'none' || s.sending('stop').length === 1).toBe(true);
    s.tick(5_000);
    expect(s.told('Unprotected').length).toBe(1);
    expect(s.alert('unprotected')).toBe(true);
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.position().stop?.state).toBe('resting');
    expect(s.alert('unprotected')).toBe(false);
  });

  it('[PROT-4] refused because nothing is open: the account is read, nothing is closed blindly', () => {
    const s = new Scenario({ attachedStop: false });
    s.tradingBot();
    s.reject(s.order('stop'), 'no_position');
    expect(s.sending('close')).toEqual([]);
    expect(s.waiting('ReadAccount').length).toBeGreaterThan(0);
  });

  it('[PROT-5] an entry of a bot never rests where a stop cannot be attached', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long', { type: 'limit', price: dec('19900') })]);
    expect(s.sending('entry')).toMatchObject([{ type: 'limit', timeInForce: 'ioc', attachedStop: null }]);
  });

  it('[PROT-6] a manual order carries its stop the same way, and has one placed where the venue attaches none', () => {
    const s = new Scenario();
    s.openByHand({ stopPrice: dec('19000') });
    expect(s.position()).toMatchObject({ botId: null, stop: { state: 'resting', triggerPrice: '19000' } });
    const t = new Scenario({ attachedStop: false });
    t.command(t.orderByHand({ stopPrice: dec('19000') }));
    t.fillNow(t.order('manual'));
    t.deliver((push) => push.type === 'fill');
    expect(t.sending('stop')).toMatchObject([{ triggerPrice: '19000', reduceOnly: true }]);
  });
});
