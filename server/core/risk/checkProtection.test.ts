import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';
import type { OrderRequest } from '../commands.ts';

const resting = (s: RiskDesk, change: Partial<OrderRequest>): string => {
  const outcome = s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', ...change }));
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  const orderId = String(outcome.result.orderId);
  const order = s.desk.orders.get(orderId);
  if (order === undefined) throw new Error('not submitted');
  s.accept(order);
  s.deliver();
  return orderId;
};

const amended = (orderId: string, price: string) =>
  ({ type: 'AmendOrder', orderId, price: dec(price), size: undefined }) as const;

describe('protection is judged against the price of its own order', () => {
  const at = (change: Partial<OrderRequest>): Partial<OrderRequest> => ({ type: 'limit', ...change });
  it.each([
    ['buy', '19000', '19500', 'below', '19000'],
    ['sell', '20900', '20500', 'above', '20900'],
  ] as const)(
    '[FOUND-19] a %s limit at %s takes no stop at %s, though the mark would allow it',
    (side, price, stop, bound, allowed) => {
      const s = new RiskDesk();
      const order = s.orderByHand(at({ side, price: dec(price), stopPrice: dec(stop) }));
      expect(s.denial(order)).toMatchObject({ limit: 'stop_side', actual: stop, bound, allowed });
    },
  );

  it('[FOUND-19] a stop must lie on the losing side of the mark as well, and on the tick', () => {
    const s = new RiskDesk();
    const above = s.orderByHand(at({ price: dec('20500'), stopPrice: dec('20200') }));
    expect(s.denial(above)).toMatchObject({ limit: 'stop_side', bound: 'below', allowed: '20000' });
    expect(s.denial(s.orderByHand({ stopPrice: dec('19000.05') }))).toMatchObject({ limit: 'price_tick' });
  });

  it.each([
    ['buy', '20000', '19500', 'above', '20000'],
    ['sell', '20000', '20500', 'below', '20000'],
  ] as const)(
    '[FOUND-19] a %s takes no target on the losing side: denied as a stop is',
    (side, price, target, bound, allowed) => {
      const s = new RiskDesk();
      const order = s.orderByHand(at({ side, price: dec(price), takeProfitPrice: dec(target) }));
      expect(s.denial(order)).toMatchObject({ limit: 'take_profit_side', actual: target, bound, allowed });
    },
  );

  it('[FOUND-19] an entry is not amended below its own stop, nor past its own target', () => {
    const s = new RiskDesk();
    const orderId = resting(s, {
      price: dec('19800'),
      stopPrice: dec('19500'),
      takeProfitPrice: dec('19900'),
    });
    expect(s.denial(amended(orderId, '19400'))).toMatchObject({
      limit: 'stop_side',
      bound: 'below',
      allowed: '19400',
    });
    expect(s.denial(amended(orderId, '19950'))).toMatchObject({
      limit: 'take_profit_side',
      bound: 'above',
      allowed: '19950',
    });
    expect(s.command(amended(orderId, '19700')).ok).toBe(true);
  });

  it('[FOUND-25] an addition to a position that has a stop takes none: denied, with the way to move it', () => {
    const s = new RiskDesk();
    s.openByHand({ stopPrice: dec('19500') });
    const again = s.orderByHand({ stopPrice: dec('19000') });
    expect(s.denial(again)).toMatchObject({ limit: 'stop_exists', held: '19500' });
    expect(s.command(s.orderByHand()).ok).toBe(true);
    s.fillNow(s.order('manual'));
    s.deliver();
    expect(s.position().stop?.triggerPrice).toBe('19500');
  });

  it('[FOUND-25] one that came with an entry before the position had its stop keeps the entry amendable', () => {
    const s = new RiskDesk();
    const orderId = resting(s, { price: dec('19800'), stopPrice: dec('19000') });
    s.openByHand({ stopPrice: dec('19100') });
    expect(s.command(amended(orderId, '19700')).ok).toBe(true);
  });

  it('[FOUND-25] what only reduces takes neither stop nor target', () => {
    const s = new RiskDesk();
    s.openByHand();
    for (const reduceOnly of [true, false]) {
      const sell = s.orderByHand({ side: 'sell', size: dec('0.05'), reduceOnly, stopPrice: dec('20500') });
      expect(s.denial(sell)).toMatchObject({
        limit: 'nothing_opened',
      });
    }
  });

  it('[FOUND-25] a target beside that of a working order is denied with what can be done about it', () => {
    const s = new RiskDesk();
    resting(s, { price: dec('19500'), takeProfitPrice: dec('20000') });
    const order = s.orderByHand({ type: 'limit', price: dec('19400'), takeProfitPrice: dec('19900') });
    // There is no position whose target could be moved.
    const figures = { symbol: 'BTCUSDT', allowed: '20000' };
    expect(s.denial(order)).toMatchObject({ limit: 'take_profit_on_order', ...figures });
  });
});
