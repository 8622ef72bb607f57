import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { VenueCapabilities } from '../../ports/venue.ts';
import { sampleInstrument } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** 0.1 BTC worth 2000 are open by hand and are to be closed, at a venue of which minima have become these. */
function closing(capabilities: Partial<VenueCapabilities>, minima: Partial<Instrument>): Scenario {
  const s = new Scenario(capabilities);
  s.openByHand();
  s.instruments.set('BTCUSDT', sampleInstrument('BTCUSDT', minima));
  s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
  return s;
}

const BOUND = { minimaBindCloses: true, closesPosition: true } as const;
const SMALL: readonly Partial<Instrument>[] = [{ minNotional: dec('5000') }, { minSize: dec('0.5') }];

describe('a position that is too small for an order', () => {
  it('[ORD-25] is closed by the venue’s own call where it has one, and its nameless fill is the close’s', () => {
    for (const minima of SMALL) {
      const s = closing(BOUND, minima);
      const { orderId } = s.order('close');
      expect(s.waiting('PlaceOrder')).toMatchObject([{ closesPosition: true, order: { orderId } }]);
      s.take({ effect: 'PlaceOrder' }, orderId);
      const made = s.venue.rest({
        ...{ symbol: 'BTCUSDT', side: 'sell', type: 'market', reduceOnly: true, size: dec('0.1') },
      });
      s.venue.trade(made.venueOrderId, dec('0.1'), dec('20000'));
      s.deliver((push) => push.type === 'fill');
      const answer = { outcome: 'accepted', venueOrderId: made.venueOrderId } as const;
      s.give({ type: 'OrderAnswered', orderId, action: 'place', answer });
      s.deliver();
      expect(s.isFlat).toBe(true);
      expect(s.desk.orders.get(orderId)).toMatchObject({ status: 'filled', filledSize: '0.1' });
      expect(s.told('FillRecorded').at(-1)?.fill.orderId).toBe(orderId);
      expect(s.state().account.foreign).toBeNull();
    }
  });

  it('[ORD-25] is closed by an order where that is large enough, or its minima do not hold for what closes, or it has no such call', () => {
    const cases = [
      closing(BOUND, {}),
      closing({ closesPosition: true }, { minNotional: dec('5000') }),
      closing({ minimaBindCloses: true }, { minNotional: dec('5000') }),
    ];
    for (const s of cases) expect(s.waiting('PlaceOrder')[0]).not.toHaveProperty('closesPosition');
  });

  it('[ORD-25] nothing below its least notional is left behind by a slice', () => {
    const s = new Scenario(BOUND);
    s.openByHand();
    s.instruments.set(
      'BTCUSDT',
      sampleInstrument('BTCUSDT', { maxMarketSize: dec('0.09'), minNotional: dec('400') }),
    );
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    expect(s.order('close').size).toBe('0.08');
  });
});
