import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** A bot's entry that fills bit by bit, every second; the venue never makes the stop that was to come with it. */
function filling(): { s: Scenario; fill: () => void } {
  const s = new Scenario();
  s.runningBot();
  s.bar([enter('long', { type: 'limit', price: dec('20000') })]);
  const entry = s.accept(s.order('entry'));
  const fill = (): void => {
    s.venue.trade(entry, dec('0.001'), dec('20000'));
    for (const { type, venueOrderId } of s.venue.orders.values())
      if (type === 'stop_market') s.venue.orders.delete(venueOrderId);
    s.deliver((push) => push.type === 'fill');
  };
  fill();
  return { s, fill };
}

describe('fills that go on coming', () => {
  it('[FOUND-2] [PROT-3] do not put off the question for a stop that never showed', () => {
    const { s, fill } = filling();
    expect(s.position().stop?.state).toBe('attached');
    for (let n = 0; n < 4; n += 1) {
      s.tick();
      // A fill during the reading says nothing of the stop either.
      const startedAt = s.wallTime;
      s.advance(200);
      fill();
      if (s.waiting('ReadAccount').length > 0) s.read(s.accountId, startedAt);
    }
    expect(s.sending('stop')).toMatchObject([{ side: 'sell', triggerPrice: '19600' }]);
    expect(s.alert('stop_differs')).toBe(true);
  });
});

describe('a move to its plan that the venue refuses for good', () => {
  it('[FOUND-15] [PROT-10] is asked for again, each second at first and then each 10 s', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'), '20050');
    s.deliver();
    const asked: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      for (const { order } of s.waiting('AmendOrder')) {
        asked.push(second);
        s.reject(order, 'other', 'amend');
      }
      s.tick();
      s.findAll();
      if (s.waiting('ReadAccount').length > 0) s.readLater();
    }
    const late = asked.filter((second) => second >= 30);
    expect(asked.filter((second) => second < 10).length).toBeGreaterThan(5);
    expect(late.length).toBeGreaterThan(1);
    expect(late.length).toBeLessThanOrEqual(3);
    expect(s.alert('stop_replace_refused')).toBe(true);
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '19600' });
  });
});
