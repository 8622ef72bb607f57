import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** Orders in another symbol that are over at once. */
function tradeElsewhere(s: Scenario, orders: number): void {
  for (let n = 0; n < orders; n += 1) {
    s.command(
      s.orderByHand({
        symbol: 'ETHUSDT',
        type: 'limit',
        size: dec('0.01'),
        price: dec('1490'),
        timeInForce: 'gtc',
      }),
    );
    s.reject(s.order('manual'), 'other');
  }
}

describe('what closed last in a symbol', () => {
  it('[PROT-27] refused stops are counted, and not asked for again at once, whatever is traded in other symbols', () => {
    const s = new Scenario({ attachedStop: false });
    const botId = s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      s.reject(s.order('stop'), 'maintenance');
      tradeElsewhere(s, 25);
      s.price('20001');
      if (attempt < 4) expect(s.sending('stop')).toEqual([]);
      // The orders of the last minute are limited; what is refused is still counted then.
      s.tick(61_000);
    }
    expect(s.told('StopFailed')).toHaveLength(1);
    expect(s.bot(botId)).toMatchObject({ state: 'paused' });
  });

  it('[EMER-13] how much a book took of a close is known whatever was traded in other symbols since', () => {
    const s = new Scenario();
    s.tradingBot();
    const { size } = s.position();
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    const venueOrderId = s.accept(s.order('close'));
    s.venue.trade(venueOrderId, dec('0.1'), dec('20000'));
    s.venue.end(venueOrderId, 'cancelled');
    s.deliver();
    tradeElsewhere(s, 25);
    s.tick(1_000);
    expect(Number(size)).toBeGreaterThan(0.2);
    expect(s.order('close').size).toBe('0.1');
  });
});
