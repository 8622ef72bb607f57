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

  it('[FOUND-2] [PROT-10] do not put off that a move whose answer was lost is asked for again', () => {
    const s = new Scenario();
    s.openByHand({ stopPrice: dec('19500') });
    s.settle();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19900') }));
    const adding = s.accept(s.order('manual'));
    s.deliver();
    s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('19600') });
    const moving = s.order('stop');
    s.take({ effect: 'AmendOrder' });
    const answer = { outcome: 'unknown', message: 'timed out' } as const;
    s.give({ type: 'OrderAnswered', orderId: moving.orderId, action: 'amend', answer });
    for (let n = 0; n < 4; n += 1) {
      s.tick();
      s.venue.trade(adding, dec('0.001'), dec('19900'));
      s.deliver();
      if (s.waiting('ReadAccount').length > 0) s.readLater();
    }
    // Each 2 s.
    const change = { triggerPrice: '19600' };
    expect(s.waiting('AmendOrder')).toMatchObject([{ change }, { change }]);
    expect(s.alert('stop_differs')).toBe(true);
  });
});

describe('a stop that rests for too little and cannot grow', () => {
  const single = { amendStop: false, positionStops: 'one' } as const;

  /** A bot's entry that fills every second; the venue's stop is for the first fill until `grown` says otherwise. */
  function short() {
    const s = new Scenario(single);
    s.runningBot();
    s.bar([enter('long', { type: 'limit', price: dec('20000') })]);
    const entry = s.accept(s.order('entry'));
    const show = (size: string): void => {
      const made = [...s.venue.orders.values()].find(({ type }) => type === 'stop_market');
      s.venue.rewrite(made?.venueOrderId ?? '', { size: dec(size) });
    };
    s.venue.trade(entry, dec('0.001'), dec('20000'));
    s.venue.pushes = s.venue.pushes.filter(({ type }) => type === 'fill');
    show('0.001');
    s.deliver();
    expect(s.position().stop).toMatchObject({ state: 'resting', size: '0.001' });
    const fill = (): void => {
      s.venue.trade(entry, dec('0.001'), dec('20000'));
      s.deliver((push) => push.type === 'fill');
      s.tick();
    };
    return { s, fill, show };
  }

  it('[FOUND-2] [PROT-26] closes the position, whatever fills go on coming', () => {
    const { s, fill } = short();
    fill();
    expect(s.position().stop?.state).toBe('resting');
    fill();
    fill();
    expect(s.position().stop?.state).toBe('failed');
    expect(s.alert('stop_failed')).toBe(true);
  });

  it('[PROT-26] does not where the venue lets it grow with each fill, however late, nor at once after a long rest', () => {
    const { s, fill, show } = short();
    s.tick(60_000);
    for (let n = 1; n < 6; n += 1) {
      fill();
      show(`0.00${n}`);
      s.deliver();
      expect(s.position().stop?.state).toBe('resting');
    }
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
