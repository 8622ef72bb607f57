import { describe, expect, it } from 'vitest';
import type { Emergency } from '../../../shared/domain/alert.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const ATTEMPTS = 3;

/** Somebody else's stop rests on ETHUSDT, where nothing is open; its owner has seen it and leaves it. */
function withStrayStop(): Scenario {
  const s = new Scenario();
  s.settings.closeAttempts = ATTEMPTS;
  s.venue.rest({
    symbol: 'ETHUSDT',
    side: 'sell',
    type: 'stop_market',
    size: dec('1'),
    triggerPrice: dec('1400'),
    triggerBy: 'mark',
    reduceOnly: true,
  });
  s.deliver();
  s.command({ type: 'ResolveForeign', accountId: s.accountId, decision: 'ignore' });
  return s;
}

const emergency = (s: Scenario): Emergency | undefined => [...s.desk.emergencies.values()].at(-1);

const strays = (s: Scenario) => s.openOrders('stop').filter(({ symbol }) => symbol === 'ETHUSDT');

describe('a stop on a flat symbol, beside what an emergency stop has to leave', () => {
  it('[EMER-22] [EMER-3] goes though the venue refuses to close a position of another symbol', () => {
    const s = withStrayStop();
    const bought = { symbol: 'BTCUSDT', side: 'buy', venueOrderId: 'theirs', clientOrderId: null } as const;
    s.venue.execute(bought, dec('0.1'), dec('20000'));
    s.deliver();
    s.command({ type: 'EmergencyStop', scope: {} });
    for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
      for (const order of s.sending('close')) s.reject(order, 'other');
      s.cancelAll();
      s.findAll();
      s.tick(2_500);
      s.readLater();
    }
    expect(strays(s)).toEqual([]);
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [{ symbol: 'BTCUSDT' }] });
  });

  it('[EMER-22] [EMER-3] goes though the venue refuses to cancel an order by hand of another symbol', () => {
    const s = withStrayStop();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', size: dec('0.2'), price: dec('19500') }));
    s.accept(s.order('manual'));
    s.deliver();
    s.command({ type: 'EmergencyStop', scope: {} });
    for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
      for (const { orderId } of s.openOrders('manual'))
        if (s.waiting('CancelOrder').some(({ order }) => order.orderId === orderId))
          s.reject(s.order('manual'), 'permission', 'cancel');
      s.cancelAll();
      s.findAll();
      s.tick(2_500);
      s.readLater();
    }
    expect(strays(s)).toEqual([]);
    expect(emergency(s)).toMatchObject({ stage: 'done', residual: [{ symbol: 'BTCUSDT' }] });
  });
});
