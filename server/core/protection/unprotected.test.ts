import { describe, expect, it } from 'vitest';
import { dec, sub } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

/** What the trade that ended last says. */
function reported(s: Scenario): number | undefined {
  return s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade?.unprotectedMs;
}

/** Closes what is open at the venue and lets the desk hear of it. */
function close(s: Scenario): void {
  s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
  s.fillNow(s.order('close'));
  s.deliver();
  expect(s.isFlat).toBe(true);
}

describe('unprotected time', () => {
  it('[PROT-23] [INV-5] [N4] an entry with its stop attached was never unprotected, however late that is read', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver((push) => push.type === 'fill');
    s.advance(3_000);
    s.readLater();
    expect(s.position()).toMatchObject({ unprotectedSince: null, unprotectedMs: 0 });
    close(s);
    expect(reported(s)).toBe(0);
  });

  it('[PROT-23] [INV-5] [N4] where none can be attached it counts from the fill until the stop rests, by the venue’s clock', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    const openedAt = s.marketTime;
    s.advance(700);
    s.deliver();
    expect(s.position().unprotectedSince).toBe(openedAt);
    s.advance(400);
    s.loseAnswer(s.order('stop'));
    // It rests since now; the desk hears of it later.
    s.advance(5_000);
    s.deliver();
    expect(s.position()).toMatchObject({ unprotectedSince: null, unprotectedMs: 1_100 });
    close(s);
    expect(reported(s)).toBe(1_100);
  });

  it('[PROT-23] [INV-5] [N4] a stop that was to come with the entry and is not there counts as missing from the first fill', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.venue.orders.delete(s.venue.madeStop().venueOrderId);
    const openedAt = s.marketTime;
    s.deliver((push) => push.type === 'fill');
    s.tick(2_000);
    s.read();
    expect(s.position().unprotectedSince).toBe(openedAt);
  });

  it('[PROT-23] [INV-5] [N4] a stop taken away at the venue counts from then on, and the trade tells the sum', () => {
    const s = new Scenario();
    s.tradingBot();
    s.advance(10_000);
    s.venue.end(String(s.order('stop').venueOrderId), 'cancelled', 'requested');
    const takenAt = s.marketTime;
    s.advance(250);
    s.deliver();
    expect(s.position().unprotectedSince).toBe(takenAt);
    s.readLater();
    s.advance(150);
    s.loseAnswer(s.order('stop'));
    const restsAt = s.marketTime;
    s.deliver();
    expect(s.position()).toMatchObject({ unprotectedSince: null, unprotectedMs: restsAt - takenAt });
    close(s);
    expect(reported(s)).toBe(restsAt - takenAt);
  });

  it('[PROT-23] [INV-5] [N4] a refused stop counts until the position is closed, and its alert ends with it', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    const openedAt = s.marketTime;
    s.deliver();
    s.reject(s.order('stop'), 'stop_direction');
    s.tick(6_000);
    expect(s.alert('unprotected')).toBe(true);
    s.fillNow(s.order('close'));
    const closedAt = s.marketTime;
    s.deliver();
    expect(reported(s)).toBe(closedAt - openedAt);
    expect(s.alert('unprotected')).toBe(false);
  });

  it('[PROT-36] [N4] [INV-5] [INV-6] a stop that the venue has made for fills still on their way is not made smaller', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    const venueOrderId = s.accept(entry);
    const first = dec('0.1');
    s.venue.trade(venueOrderId, first, dec('20000'));
    s.venue.trade(venueOrderId, sub(entry.size, first), dec('20000'));
    const fills = s.venue.pushes.filter((push) => push.type === 'fill');
    const stop = s.venue.working().find(({ type }) => type === 'stop_market');
    expect(stop?.size).toBe(entry.size);
    s.venue.pushes = fills.slice(0, 1);
    s.deliver();
    if (stop !== undefined) s.push({ type: 'order', accountId: s.accountId, order: stop });
    expect(s.position()).toMatchObject({ size: first, stop: { state: 'resting', size: entry.size } });
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.venue.pushes = fills.slice(1);
    s.deliver();
    expect(s.position().size).toBe(entry.size);
    expect(s.waiting('AmendOrder')).toEqual([]);
  });

  it('[PROT-36] [INV-5] [INV-6] nor just after an entry ended short of its size, whose last fills may be on their way', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    const venueOrderId = s.accept(entry);
    const first = dec('0.1');
    s.venue.trade(venueOrderId, first, dec('20000'));
    s.venue.trade(venueOrderId, sub(entry.size, first), dec('20000'));
    const fill = s.venue.pushes.find((push) => push.type === 'fill');
    const told = s.venue.pushes.find(
      (push) => push.type === 'order' && push.order.venueOrderId === venueOrderId,
    );
    const stop = s.venue.working().find(({ type }) => type === 'stop_market');
    if (fill === undefined || told?.type !== 'order' || stop === undefined) throw new Error('nothing told');
    s.venue.pushes = [fill];
    s.deliver();
    s.push({
      type: 'order',
      accountId: s.accountId,
      order: { ...told.order, status: 'cancelled', filledSize: first },
    });
    s.push({ type: 'order', accountId: s.accountId, order: stop });
    expect(s.order('entry').status).toBe('cancelled');
    expect(s.position()).toMatchObject({ size: first, stop: { state: 'resting' } });
    expect(s.waiting('AmendOrder')).toEqual([]);
    s.tick(11_000);
    expect(s.waiting('AmendOrder')).toHaveLength(1);
  });

  it('[PROT-36] [INV-5] [INV-6] nor made larger by less than its entry may fill by the time the change arrives', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const entry = s.order('entry');
    const venueOrderId = s.accept(entry);
    const part = dec('0.1');
    for (const size of [part, part, sub(sub(entry.size, part), part)])
      s.venue.trade(venueOrderId, size, dec('20000'));
    const fills = s.venue.pushes.filter((push) => push.type === 'fill');
    const stop = s.venue.working().find(({ type }) => type === 'stop_market');
    if (stop === undefined) throw new Error('no stop');
    s.venue.pushes = fills.slice(0, 1);
    s.deliver();
    // As it was after the first fill; the venue has made it larger with each since.
    s.push({ type: 'order', accountId: s.accountId, order: { ...stop, size: part } });
    s.venue.pushes = fills.slice(1, 2);
    s.deliver();
    expect(s.waiting('AmendOrder')).toMatchObject([{ change: { size: entry.size } }]);
  });

  it('[PROT-36] [PROT-14] [INV-6] meanwhile it follows the price all the same, as large as it is', () => {
    const s = new Scenario();
    s.runningBot();
    const trailing = { activatePct: dec('1'), distancePct: dec('1') };
    s.bar([enter('long')], { trailing });
    const entry = s.order('entry');
    s.venue.trade(s.accept(entry), dec('0.1'), dec('20000'));
    s.deliver();
    expect(s.position()).toMatchObject({ size: '0.1', stop: { state: 'resting', size: entry.size } });
    s.price('20300');
    s.amendAll();
    const stop = s.venue.working().find(({ type }) => type === 'stop_market');
    expect(stop).toMatchObject({ triggerPrice: '20097', size: entry.size });
    expect(s.position().stop).toMatchObject({ state: 'resting', triggerPrice: '20097', size: entry.size });
  });

  it.each([
    ['with a trace', 3_000],
    ['without one', 11_000],
  ])(
    '[PROT-37] [N4] [INV-5] a stop that was shown and is taken off in silence, %s, is placed again before the timed comparison',
    (trace, withinMs) => {
      const s = new Scenario({ attachedStop: false });
      s.runningBot();
      s.bar([enter('long')]);
      s.fillNow(s.order('entry'));
      s.deliver();
      const venueOrderId = s.accept(s.order('stop'));
      s.deliver();
      expect(s.position().stop?.state).toBe('resting');
      if (trace === 'without one') s.venue.orders.delete(venueOrderId);
      else s.venue.end(venueOrderId, 'cancelled');
      s.venue.pushes = [];
      let passedMs = 0;
      while (s.sending('stop').length === 0 && passedMs < withinMs + 1_000) {
        s.tick();
        passedMs += 1_000;
        s.findAll();
        if (s.waiting('ReadAccount').length > 0) s.readLater();
      }
      expect(passedMs).toBeLessThanOrEqual(withinMs + 1_000);
      s.accept(s.order('stop'));
      s.deliver();
      expect(s.position().stop?.state).toBe('resting');
    },
  );

  it('[PROT-37] a stop that stays is looked for twice, and not again', () => {
    const s = new Scenario({ attachedStop: false });
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    s.accept(s.order('stop'));
    s.deliver();
    let looks = 0;
    for (let second = 0; second < 30; second += 1) {
      s.tick();
      looks += s.waiting('FindOrder').length;
      s.findAll();
    }
    expect(looks).toBeGreaterThanOrEqual(2);
    expect(looks).toBeLessThanOrEqual(4);
  });
});
