import { describe, expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { enter } from '../testing/core/samples.ts';
import { Scenario } from '../testing/core/scenario.ts';
import { STOP_ATTEMPTS } from './protection/stopRefused.ts';

/** A second passes in which the account could not be read; what is written meanwhile waits for the test. */
function unread(s: Scenario): void {
  const asked = s.takeAll('ReadAccount');
  s.takeAll('FindOrder');
  s.advance(1_000);
  if (asked.length > 0)
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no answer in 10000 ms' });
  s.give({ type: 'Tick' });
}

/** A bot's long whose stop was refused for now, on an account that cannot be read any more. */
function nakedAndUnread(): { s: Scenario; botId: string } {
  const s = new Scenario({ attachedStop: false });
  const botId = s.runningBot();
  s.bar([enter('long')]);
  s.fillNow(s.order('entry'));
  s.deliver();
  s.reject(s.order('stop'), 'maintenance');
  s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
  s.give({ type: 'Tick' });
  return { s, botId };
}

describe('readings fail, writes work', () => {
  it('[FOUND-10] [PROT-4] a stop refused for now is tried again while the account cannot be read', () => {
    const { s } = nakedAndUnread();
    unread(s);
    s.accept(s.order('stop'));
    s.deliver();
    expect(s.position().stop?.state).toBe('resting');
    expect(s.state().account.status).toBe('unreachable');
    unread(s);
    expect(s.sending()).toEqual([]);
  });

  it('[FOUND-10] [PROT-4] [PROT-27] refused again and again, the position is closed, and so is what the close left', () => {
    const { s } = nakedAndUnread();
    for (let n = 1; n < STOP_ATTEMPTS; n += 1) {
      unread(s);
      s.reject(s.order('stop'), 'maintenance');
    }
    s.reject(s.order('close'), 'maintenance');
    unread(s);
    unread(s);
    const close = s.order('close');
    expect(close).toMatchObject({ reduceOnly: true, size: s.position().size });
    s.fillNow(close);
    s.deliver();
    expect(s.isFlat).toBe(true);
  });

  it('[FOUND-10] [PROT-4] its owner is told that it has no stop', () => {
    const { s } = nakedAndUnread();
    for (let n = 0; n < 6; n += 1) unread(s);
    expect(s.alert('unprotected')).toBe(true);
    expect(s.told('Unprotected')).toHaveLength(1);
  });

  it('[FOUND-10] [PROT-12] a stop that the venue says it took away is placed again, though nobody can tell whether the position went too', () => {
    const s = new Scenario();
    s.tradingBot();
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.venue.end(String(s.order('stop').venueOrderId), 'cancelled');
    s.deliver();
    for (let n = 0; n < 3; n += 1) unread(s);
    expect(s.sending('stop')).toEqual([]);
    for (let n = 0; n < 4; n += 1) unread(s);
    expect(s.sending('stop')).toHaveLength(1);
  });

  it('[FOUND-10] [PROT-3] [INV-5] a stop that was to come with the entry and was never told of is placed, and that is said', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    const made = s.venue.madeStop();
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.deliver((push) => push.type === 'fill');
    for (let n = 0; n < 3; n += 1) unread(s);
    expect(s.sending('stop')).toEqual([]);
    for (let n = 0; n < 4; n += 1) unread(s);
    expect(s.alert('unprotected')).toBe(true);
    const placed = s.order('stop');
    s.accept(placed);
    s.deliver();
    expect(s.position().stop).toMatchObject({ state: 'resting', orderId: placed.orderId });
    // It had come after all: of the two one goes once the account can be read.
    s.readLater();
    s.settle();
    expect(s.venue.working().map(({ venueOrderId }) => venueOrderId)).not.toContain(made.venueOrderId);
    expect(s.venue.working()).toHaveLength(1);
  });

  it('[FOUND-10] [PROT-4] a venue that says it has a stop already keeps the position, and its owner is told until that is seen', () => {
    const s = new Scenario({ positionStops: 'one' });
    s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.deliver((push) => push.type === 'fill');
    for (let n = 0; n < 7; n += 1) unread(s);
    s.reject(s.order('stop'), 'stop_exists');
    for (let n = 0; n < 7; n += 1) unread(s);
    expect(s.sending()).toEqual([]);
    expect(s.alert('stop_failed')).toBe(false);
    expect(s.alert('unprotected')).toBe(true);
    s.readLater();
    expect(s.position().stop?.state).toBe('resting');
    expect(s.alert('unprotected')).toBe(false);
  });

  it('[FOUND-10] [ORD-12] a stop and a close whose answers are lost are sent again once they can arrive no more', () => {
    const { s } = nakedAndUnread();
    unread(s);
    s.loseOrder(s.order('stop'));
    for (let n = 0; n < 4; n += 1) unread(s);
    expect(s.sending()).toEqual([]);
    s.advance(s.facts.writeWindowMs);
    for (let n = 0; n < 3; n += 1) unread(s);
    s.reject(s.order('stop'), 'stop_direction');
    s.loseOrder(s.order('close'));
    unread(s);
    expect(s.sending()).toEqual([]);
    s.advance(s.facts.writeWindowMs);
    for (let n = 0; n < 3; n += 1) unread(s);
    expect(s.sending('close')).toHaveLength(1);
  });

  it('[FOUND-10] [ORD-14] a close that was accepted and of which nothing was heard is sent again', () => {
    const { s } = nakedAndUnread();
    unread(s);
    s.reject(s.order('stop'), 'stop_direction');
    s.accept(s.order('close'));
    s.venue.pushes = [];
    for (let n = 0; n < 9; n += 1) unread(s);
    expect(s.sending('close')).toEqual([]);
    for (let n = 0; n < 3; n += 1) unread(s);
    expect(s.sending('close')).toHaveLength(1);
  });

  it('[FOUND-10] [PROT-14] [PROT-16] a time exit closes, and a trailing stop follows', () => {
    const s = new Scenario();
    const trailing = { activatePct: dec('1'), distancePct: dec('0.5') };
    s.tradingBot('long', { trailing, maxHoldMs: 120_000 });
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.price('20400');
    expect(s.waiting('AmendOrder')).toHaveLength(1);
    s.amendAll();
    s.deliver();
    for (let n = 0; n < 121; n += 1) unread(s);
    expect(s.order('close').slot).toBe('time');
  });

  it('[FOUND-10] [ORD-7] a cancel that was refused for now is asked for again', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long', { type: 'limit', price: dec('19900') })]);
    s.accept(s.order('entry'));
    s.deliver();
    s.command({ type: 'CancelOrder', orderId: s.order('entry').orderId });
    s.reject(s.order('entry'), 'maintenance', 'cancel');
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    for (let n = 0; n < 3; n += 1) unread(s);
    expect(s.waiting('CancelOrder').length).toBeGreaterThan(0);
  });

  it('[FOUND-10] [BOT-6] [INV-7] a stopping bot closes its position, is not called stopped, and keeps its stop until the venue was read', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.reject(s.order('close'), 'maintenance');
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    for (let n = 0; n < 3; n += 1) unread(s);
    s.fillNow(s.order('close'));
    s.deliver();
    for (let n = 0; n < 5; n += 1) unread(s);
    expect(s.isFlat).toBe(true);
    expect(s.bot(botId).state).toBe('stopping');
    expect(s.waiting('CancelOrder').filter(({ order }) => order.purpose === 'stop')).toEqual([]);
    s.readLater();
    s.cancelAll();
    s.readLater();
    expect(s.bot(botId).state).toBe('stopped');
  });

  it('[FOUND-10] [INV-10] no bot enters or starts on it meanwhile', () => {
    const s = new Scenario();
    s.runningBot();
    const other = s.createBot({ symbol: 'ETHUSDT', allocationPct: dec('10') });
    s.command({ type: 'StartBot', botId: other });
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.drop(({ type }) => type === 'ConfigureSymbol' || type === 'WatchBars');
    for (let n = 0; n < 5; n += 1) unread(s);
    s.endWarmup(other);
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
    expect(s.bot(other).state).toBe('starting');
    expect(s.waiting('ConfigureSymbol')).toEqual([]);
  });
});
