import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { OrderRequest } from '../commands.ts';

const submit = (s: Scenario, change: Partial<OrderRequest> = {}) =>
  s.command(s.orderByHand({ takeProfitPrice: dec('21000'), ...change }));

/** A position by hand, its take-profit resting. */
function holding(
  change: Partial<OrderRequest> = {},
  capabilities: ConstructorParameters<typeof Scenario>[0] = {},
) {
  const s = new Scenario(capabilities);
  s.openByHand({ takeProfitPrice: dec('21000'), ...change });
  for (const order of s.sending()) s.accept(order);
  s.deliver();
  return s;
}

/** Answers cancels and sends what follows, until nothing waits. */
function replaced(s: Scenario): void {
  s.cancelAll();
  s.findAll();
  for (const order of s.sending('take_profit')) s.accept(order);
  s.deliver();
}

const resting = (s: Scenario) => s.venue.working().filter((order) => order.type === 'limit');

describe('a take-profit by hand', () => {
  it.each([
    ['buy', '21000', 'sell'],
    ['sell', '19000', 'buy'],
  ] as const)(
    '[PROT-29] [R10] of a %s order rests at %s, reduce-only, beside its stop',
    (side, price, exit) => {
      const s = holding({
        side,
        takeProfitPrice: dec(price),
        stopPrice: dec(side === 'buy' ? '19000' : '21000'),
      });
      expect(resting(s)).toMatchObject([{ side: exit, price, size: '0.1', reduceOnly: true }]);
      expect(s.position()).toMatchObject({ botId: null, stop: { state: 'resting' } });
      expect(s.openOrders('take_profit')).toMatchObject([{ botId: null, slot: 'take_profit' }]);
    },
  );

  it.each([
    { attachedStop: false },
    { amendStop: false },
    { positionStops: 'one', sizedStop: false },
  ] as const)('[PROT-29] [PROT-6] with a stop as well, whatever the venue can: %j', (capabilities) => {
    const s = holding({ stopPrice: dec('19000') }, capabilities);
    expect(resting(s)).toHaveLength(1);
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19000' });
  });

  it('[PROT-29] [EMER-2] is not placed anew while an emergency closes the position, also between two closes that are refused', () => {
    const s = holding({ takeProfitPrice: dec('21000') });
    s.command({ type: 'EmergencyStop', scope: {} });
    s.cancelAll();
    s.findAll();
    expect(resting(s)).toEqual([]);
    for (let n = 0; n < 3; n += 1) {
      s.tick(2_100);
      s.reject(s.order('close'), 'other');
      expect(s.openOrders('close')).toEqual([]);
      s.tick(100);
      expect(s.openOrders('take_profit')).toEqual([]);
    }
  });

  it('[PROT-29] is for what has filled, and follows each partial fill', () => {
    const s = new Scenario();
    submit(s, { type: 'limit', price: dec('20000'), timeInForce: 'gtc' });
    const id = s.accept(s.order('manual'));
    s.venue.trade(id, dec('0.04'), dec('20000'));
    s.deliver();
    for (const order of s.sending('take_profit')) s.accept(order);
    s.deliver();
    expect(resting(s).filter((order) => order.reduceOnly)).toMatchObject([{ size: '0.04' }]);
    s.venue.trade(id, dec('0.06'), dec('20000'));
    s.deliver();
    replaced(s);
    expect(resting(s)).toMatchObject([{ size: '0.1', price: '21000' }]);
  });

  it('[PROT-29] [D2] a partial exit by hand resizes it; its own partial fill needs no new one', () => {
    const s = holding();
    s.command({ type: 'ReducePosition', accountId: s.accountId, symbol: 'BTCUSDT', size: dec('0.03') });
    s.fillNow(s.order('manual'));
    s.deliver();
    replaced(s);
    expect(resting(s)).toMatchObject([{ size: '0.07' }]);
    const [order] = resting(s);
    s.venue.trade(String(order?.venueOrderId), dec('0.02'), dec('21000'));
    s.deliver();
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.venue.trade(String(order?.venueOrderId), dec('0.05'), dec('21000'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.exit).toBe(
      'take_profit',
    );
  });

  it('[PROT-29] is moved by amending its price, not its size, and never to the losing side', () => {
    const s = holding();
    const { orderId } = s.order('take_profit');
    const amend = (price?: string, size?: string) =>
      s.command({
        type: 'AmendOrder',
        orderId,
        price: price === undefined ? undefined : dec(price),
        size: size === undefined ? undefined : dec(size),
      });
    expect(amend(undefined, '0.05')).toMatchObject({ ok: false });
    expect(amend('19000')).toMatchObject({ ok: false, refusal: { code: 'denied' } });
    expect(amend('20500.05')).toMatchObject({ ok: false, refusal: { code: 'denied' } });
    expect(amend('20500').ok).toBe(true);
    replaced(s);
    expect(resting(s)).toMatchObject([{ price: '20500', size: '0.1' }]);
  });

  it('[PROT-29] is taken back by cancelling it, and does not come again', () => {
    const s = holding();
    s.command({ type: 'CancelOrder', orderId: s.order('take_profit').orderId });
    replaced(s);
    s.tick(5_000);
    s.readLater();
    expect(resting(s)).toEqual([]);
    expect(s.sending('take_profit')).toEqual([]);
    expect(s.position().protection.takeProfitPrice).toBeUndefined();
  });

  it('[PROT-29] goes with the position, closed by hand or by its stop, and an emergency stop is not held up by it', () => {
    const s = holding({ stopPrice: dec('19000') });
    s.venue.trigger(String(s.order('stop').venueOrderId), dec('18990'));
    s.deliver();
    s.cancelAll();
    expect(s.isFlat).toBe(true);
    expect(s.venue.working()).toEqual([]);
    const t = holding();
    t.command({ type: 'EmergencyStop', scope: {} });
    t.settle();
    for (let round = 0; round < 5; round += 1) {
      t.tick(3_000);
      t.settle();
    }
    expect(t.venue.working()).toEqual([]);
    expect([...t.desk.emergencies.values()].at(-1)).toMatchObject({ stage: 'done', residual: [] });
  });

  it('[PROT-29] refused by the venue: tried three times, then its owner is told, and the position stays', () => {
    const s = new Scenario();
    submit(s);
    s.fillNow(s.order('manual'));
    s.deliver();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      s.reject(s.order('take_profit'), 'tick');
      expect(s.sending('take_profit')).toEqual([]);
      s.tick(60_000);
    }
    expect(s.alert('take_profit_refused')).toBe(true);
    expect(s.position().size).toBe('0.1');
  });

  it('[PROT-29] is refused where it would lose, off the tick, or with an order that only reduces', () => {
    const s = new Scenario();
    expect(submit(s, { takeProfitPrice: dec('19999') })).toMatchObject({ ok: false });
    expect(submit(s, { side: 'sell', takeProfitPrice: dec('20001') })).toMatchObject({ ok: false });
    expect(submit(s, { takeProfitPrice: dec('21000.01') })).toMatchObject({ ok: false });
    const t = holding();
    expect(submit(t, { side: 'sell', reduceOnly: true, takeProfitPrice: dec('19000') })).toMatchObject({
      ok: false,
      refusal: { code: 'denied' },
    });
    expect(s.sending()).toEqual([]);
  });

  it('[PROT-29] [D12] what was wanted survives a restart between fill and take-profit', () => {
    const s = new Scenario();
    submit(s);
    s.fillNow(s.order('manual'));
    s.venue.pushes = [];
    s.pending = [];
    s.give({ type: 'Recovered', downMs: 60_000, latch: null });
    s.readLater();
    expect(s.sending('take_profit')).toMatchObject([{ price: '21000', size: '0.1' }]);
  });

  it('[FOUND-6] [PROT-29] a breach on hold, or a latch that closes nothing, keeps no target from being placed', () => {
    const s = new RiskDesk();
    s.set({ dailyLoss: dec('100'), dailyLossPolicy: 'hold' });
    s.openByHand({ takeProfitPrice: dec('22500') });
    s.settle();
    expect(s.position().protection.waits).toHaveLength(1);
    s.price('18800');
    s.tick();
    expect(s.limits().breaches).toMatchObject([{ policy: 'hold' }]);
    s.give({ type: 'Recovered', downMs: 1_000, latch: 'restored' });
    s.read();
    s.price('22000');
    s.settle();
    expect(s.openOrders('take_profit')).toMatchObject([{ price: '22500', status: 'open' }]);
  });

  it('[FOUND-34] [PROT-29] what a limit or an emergency closes gets no target anew', () => {
    for (const stop of [true, false]) {
      const s = new RiskDesk();
      s.set({ dailyLoss: dec('100') });
      s.openByHand({ takeProfitPrice: dec('22500') });
      s.settle();
      if (stop) s.command({ type: 'EmergencyStop', scope: {} });
      else s.price('18800');
      s.tick();
      s.price('22000');
      s.tick();
      expect(s.sending('close')).toHaveLength(1);
      expect(s.sending('take_profit')).toEqual([]);
    }
  });
});
