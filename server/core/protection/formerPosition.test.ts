import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { RiskDesk } from '../../testing/core/riskDesk.ts';

const SYMBOL = 'BTCUSDT';

/** Long 0.1 by hand under its stop; a close of it is at the venue, which has not answered. */
function closing(): RiskDesk {
  const s = new RiskDesk();
  s.openByHand({ stopPrice: dec('19000') });
  s.settle();
  s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: SYMBOL });
  return s;
}

const flip = (s: RiskDesk) => s.openByHand({ side: 'sell', size: dec('0.2'), stopPrice: dec('20400') });

const ofSymbol = (s: RiskDesk) => [...s.desk.alerts.values()].map(({ code }) => code);

describe('a position that turned over', () => {
  it('[FOUND-24] does not inherit a close that was refused to the former one', () => {
    const s = closing();
    const late = s.order('close');
    flip(s);
    expect(s.position().direction).toBe('short');
    s.reject(late, 'reduce_only');
    s.settle();
    expect(ofSymbol(s)).toEqual([]);
    expect(s.desk.exitFailures.size).toBe(0);
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: SYMBOL });
    s.reject(s.order('close'), 'other');
    expect(ofSymbol(s)).toEqual(['close_refused']);
  });

  it('[FOUND-24] that the venue shows turned over takes no alert of the former one along', () => {
    const s = closing();
    for (let n = 0; n < 3; n += 1) {
      s.reject(s.order('close'), 'other');
      s.tick(1_000);
    }
    expect(ofSymbol(s)).toEqual(['close_refused']);
    const theirs = { symbol: SYMBOL, side: 'sell', venueOrderId: 'theirs', clientOrderId: null } as const;
    s.venue.execute(theirs, dec('0.3'), dec('20000'));
    // Beyond the venue's memory.
    s.venue.fills.length = 0;
    s.venue.pushes = [];
    s.readLater();
    expect(s.position()).toMatchObject({ direction: 'short', size: '0.2', foreign: true });
    expect(ofSymbol(s)).not.toContain('close_refused');
    expect(s.desk.exitFailures.size).toBe(0);
  });

  /** Long by hand, its stop on the way and not answered; it has ended, and another order's fill is told before its stop. */
  function stopOnItsWay(next: Parameters<RiskDesk['orderByHand']>[0]) {
    const s = new RiskDesk();
    s.openByHand();
    s.command({ type: 'SetStop', accountId: s.accountId, symbol: SYMBOL, triggerPrice: dec('19000') });
    const late = s.order('stop');
    s.openByHand({ side: 'sell', reduceOnly: true });
    expect(s.isFlat).toBe(true);
    s.command(s.orderByHand(next));
    s.fillNow(s.order('manual'));
    s.deliver(({ type }) => type === 'fill');
    expect(s.position().stop?.state).toBe('attached');
    return { s, late, wanted: s.position().stop };
  }

  it('[FOUND-24] [INV-6] a stop that is refused to the former one takes none from the next', () => {
    const { s, late, wanted } = stopOnItsWay({ stopPrice: dec('19500') });
    s.reject(late, 'other');
    expect(s.position().stop).toEqual(wanted);
    expect(ofSymbol(s)).toEqual([]);
  });

  it('[FOUND-24] [INV-6] a stop of the former one on the other side that shows late is not taken for the next one’s', () => {
    const { s, late, wanted } = stopOnItsWay({ side: 'sell', stopPrice: dec('20400') });
    s.accept(late);
    s.push({ type: 'order', accountId: s.accountId, order: s.venue.find(late) as never });
    expect(s.position().stop).toEqual(wanted);
    expect(ofSymbol(s)).toEqual([]);
    expect(s.desk.orders.get(late.orderId)?.cancelRequested).toBe(true);
  });
});

describe('exits that outlived their position', () => {
  /** Long 0.1 by hand with its stop and a target; an entry by hand rests below the stop. */
  function withEntryBelow(): RiskDesk {
    const s = new RiskDesk();
    s.openByHand({ stopPrice: dec('19500'), takeProfitPrice: dec('20400') });
    s.settle();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', size: dec('0.2'), price: dec('19400') }));
    s.accept(s.order('manual'));
    s.deliver();
    return s;
  }

  const stopAtVenue = (s: RiskDesk) =>
    s.venue.working().find(({ type }) => type === 'stop_market')?.venueOrderId ?? '';

  it('[FOUND-7] go, also where another position of the same side stands in its place by the same reading', () => {
    const s = withEntryBelow();
    const target = s.order('take_profit');
    s.venue.trigger(stopAtVenue(s), dec('19500'));
    s.venue.trade(s.order('manual').venueOrderId ?? '', dec('0.2'), dec('19400'));
    s.venue.pushes = [];
    s.readLater();
    expect(s.position()).toMatchObject({ size: '0.2', stop: null });
    expect(s.desk.orders.get(target.orderId)?.cancelRequested).toBe(true);
    s.cancelAll();
    expect(s.venue.working()).toEqual([]);
  });

  it('[FOUND-7] its stop goes as well, where the next one wants none', () => {
    const s = withEntryBelow();
    const stop = s.order('stop');
    const sold = { symbol: SYMBOL, side: 'sell', venueOrderId: 'v0', clientOrderId: null } as const;
    s.venue.execute(sold, dec('0.1'), dec('19450'), { source: 'adl' });
    s.venue.trade(s.order('manual').venueOrderId ?? '', dec('0.2'), dec('19400'));
    s.venue.pushes = [];
    s.readLater();
    expect(s.position()).toMatchObject({ size: '0.2', stop: null });
    expect(s.desk.orders.get(stop.orderId)?.cancelRequested).toBe(true);
  });

  it('[FOUND-7] a limit order by hand that only reduces goes with the position, and reduces no later one', () => {
    const s = new RiskDesk();
    s.openByHand({ stopPrice: dec('19500') });
    s.settle();
    s.command(
      s.orderByHand({
        side: 'sell',
        reduceOnly: true,
        type: 'limit',
        timeInForce: 'gtc',
        price: dec('20400'),
      }),
    );
    const byHand = s.order('manual');
    s.accept(byHand);
    s.deliver();
    s.tick();
    expect(s.desk.orders.get(byHand.orderId)?.cancelRequested).toBe(false);
    s.venue.trigger(stopAtVenue(s), dec('19500'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.desk.orders.get(byHand.orderId)?.cancelRequested).toBe(true);
  });
});
