import { expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';

/** Long 0.1 by hand with stop and target resting, then sold twice as much. */
function flipped(): RiskDesk {
  const s = new RiskDesk();
  s.openByHand({ stopPrice: dec('19000'), takeProfitPrice: dec('20500') });
  s.settle();
  expect(s.openOrders().map(({ purpose }) => purpose)).toEqual(['take_profit', 'stop']);
  s.openByHand({ side: 'sell', size: dec('0.2'), stopPrice: dec('20400'), takeProfitPrice: dec('19600') });
  return s;
}

it('[FOUND-5] [PROT-29] exits of the long go with it when an order turns it into a short, and those of the short rest', () => {
  const s = flipped();
  expect(s.position().direction).toBe('short');
  s.settle();
  s.tick();
  s.settle();
  const exits = s
    .openOrders()
    .map(({ purpose, side, price, triggerPrice }) => [purpose, side, price ?? triggerPrice]);
  expect(exits.sort()).toEqual([
    ['stop', 'buy', '20400'],
    ['take_profit', 'buy', '19600'],
  ]);
});

it('[INV-6] [REC-5] a stop of the long is not taken from the short while the account is not in step, and is once it was compared', () => {
  const s = new RiskDesk();
  s.openByHand({ stopPrice: dec('19000') });
  s.settle();
  const stop = s.order('stop');
  s.command(
    s.orderByHand({ side: 'sell', type: 'limit', timeInForce: 'gtc', size: dec('0.2'), price: dec('20100') }),
  );
  const sale = s.accept(s.order('manual'));
  s.deliver();
  s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
  s.venue.trade(sale, dec('0.2'), dec('20100'));
  s.deliver();
  expect(s.position()).toMatchObject({ direction: 'short', size: '0.1' });
  s.tick();
  expect(s.desk.orders.get(stop.orderId)).toMatchObject({ status: 'open', cancelRequested: false });
  s.readLater();
  expect(s.desk.orders.get(stop.orderId)).toMatchObject({ cancelRequested: true });
});

it('[INV-6] a stop of the long stays while the account is not in step with its venue', () => {
  const s = new RiskDesk();
  s.openByHand({ stopPrice: dec('19000') });
  s.settle();
  s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
  const stop = s.order('stop');
  const { fillId } = s.venue.fills[0] ?? { fillId: '' };
  const sold = {
    ...s.venue.fills[0],
    fillId: `${fillId}-sold`,
    side: 'sell',
    size: dec('0.2'),
    cursor: 1_000,
  };
  s.give({
    type: 'VenueFillSeen',
    accountId: s.accountId,
    fill: { ...sold, clientOrderId: null } as never,
    ingestedAt: s.wallTime,
  });
  expect(s.desk.orders.get(stop.orderId)?.cancelRequested).toBe(false);
});
