import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { VenueOrder } from '../../ports/venue.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** A stop that another program with the same keys has placed. */
const theirs = (s: Scenario, change: Partial<VenueOrder> = {}): VenueOrder =>
  s.venue.rest({
    symbol: 'BTCUSDT',
    side: 'buy',
    type: 'stop_market',
    size: dec('0.1'),
    triggerPrice: dec('22000'),
    triggerBy: 'mark',
    reduceOnly: true,
    clientOrderId: 'theirs',
    ...change,
  });

const KINDS: Record<string, Partial<VenueOrder>> = {
  'a buy stop': {},
  'a sell stop': { side: 'sell', triggerPrice: dec('15000') },
  'a sell stop that may open a position': { side: 'sell', triggerPrice: dec('15000'), reduceOnly: false },
  'a buy stop at our price': { triggerPrice: dec('19600') },
  'a sell stop at our price': { side: 'sell', triggerPrice: dec('19600') },
};

describe('a stop of somebody else beside our missing one', () => {
  it.each(Object.entries(KINDS))(
    '[FOUND-3] [PROT-3] [INV-5] %s: ours never came, it is placed, and that is said',
    (_, change) => {
      const s = new Scenario();
      s.runningBot();
      s.bar([enter('long')]);
      s.fillNow(s.order('entry'));
      s.venue.orders.delete(s.venue.madeStop().venueOrderId);
      theirs(s, change);
      s.deliver((push) => push.type === 'fill');
      expect(s.position().stop?.state).toBe('attached');
      s.tick(3_000);
      s.readLater();
      expect(s.sending('stop')).toMatchObject([
        { side: 'sell', triggerPrice: '19600', size: s.position().size },
      ]);
      expect(s.alert('stop_differs')).toBe(true);
      expect(s.state().account.foreign).not.toBeNull();
    },
  );

  it.each(Object.entries(KINDS))(
    '[FOUND-3] [PROT-12] [INV-5] %s: ours was taken away, it is placed again',
    (_, change) => {
      const s = new Scenario();
      s.tradingBot();
      theirs(s, change);
      s.venue.end(s.order('stop').venueOrderId ?? '', 'cancelled', 'requested');
      s.deliver();
      expect(s.position().stop?.state).toBe('triggered');
      s.tick(3_000);
      s.readLater();
      expect(s.sending('stop')).toMatchObject([{ side: 'sell', triggerPrice: '19600' }]);
      expect(s.alert('stop_differs')).toBe(true);
    },
  );

  it('[FOUND-3] [REC-12] the fill of one that nobody told of is not taken for a fill of ours', () => {
    const s = new Scenario();
    s.tradingBot();
    const { venueOrderId } = theirs(s, { side: 'sell', triggerPrice: dec('19800') });
    s.venue.pushes = [];
    s.venue.trigger(venueOrderId, dec('19800'));
    s.deliver((push) => push.type === 'fill');
    expect(s.order('stop')).toMatchObject({ status: 'open', filledSize: '0' });
  });
});

describe('which stop is adopted', () => {
  /** A long whose attached stop, told of without its parent, is not known yet. */
  function entering(): Scenario {
    const s = new Scenario();
    s.venue.namesParent = false;
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.venue.orders.delete(s.venue.madeStop().venueOrderId);
    s.deliver((push) => push.type === 'fill');
    return s;
  }

  const unnamed = { clientOrderId: null, triggerPrice: dec('19600') };

  it('[FOUND-34] [PROT-2] only one that closes the position, reduces only and was given no id by anybody', () => {
    for (const change of [
      { side: 'buy' },
      { side: 'sell', reduceOnly: false },
      { side: 'sell', clientOrderId: 'theirs' },
    ] as const) {
      const s = entering();
      theirs(s, { ...unnamed, ...change });
      s.deliver();
      expect(s.openOrders().filter(({ foreign }) => foreign !== true)).toEqual([]);
      expect(s.position().stop?.state).toBe('attached');
    }
    const s = entering();
    theirs(s, { ...unnamed, side: 'sell', size: s.position().size });
    s.deliver();
    expect(s.position().stop?.state).toBe('resting');
  });
});

describe('a position that is adopted', () => {
  it.each([
    ['long', '18090.5'],
    ['short', '21890.5'],
  ] as const)(
    '[FOUND-18] [REC-2] a %s of 0.1 at 20,000 and 10x is liquidated where its entry price says',
    (direction, price) => {
      const s = new Scenario();
      s.venue.leverage = 10;
      const side = direction === 'long' ? 'buy' : 'sell';
      s.venue.execute(
        { symbol: 'BTCUSDT', side, venueOrderId: 'x', clientOrderId: null },
        dec('0.1'),
        dec('20000'),
      );
      s.venue.pushes = [];
      s.venue.fills.length = 0;
      s.readLater();
      expect(s.position()).toMatchObject({ direction, cost: '2000', liquidationPrice: price });
    },
  );
});
