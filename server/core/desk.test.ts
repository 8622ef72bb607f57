import { describe, expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { Chaos } from '../testing/core/chaos.ts';
import { enter } from '../testing/core/samples.ts';
import { Scenario } from '../testing/core/scenario.ts';
import { decide } from './decide.ts';
import { DESK_LIMITS, newDesk } from './desk.ts';
import { apply } from './fold/apply.ts';
import { deserializeDesk, serializeDesk } from './fold/snapshot.ts';

/** A run with everything in it. */
function longRun(): Scenario {
  const chaos = new Chaos();
  const actions = ['bar', 'answer', 'deliver', 'work', 'tick', 'price', 'answer', 'user', 'restart'] as const;
  for (let step = 0; step < 400; step += 1) {
    const action = actions[(step * 7) % actions.length];
    if (action !== undefined) chaos.step({ action, pick: (step * 31) % 997, luck: (step * 53) % 100 });
  }
  return chaos.s;
}

describe('the desk as a fold of its events', () => {
  it('[INV-3] seq has no gap and no repeat: an event out of place is refused, and changes nothing', () => {
    const s = longRun();
    expect(s.events.map(({ seq }) => seq)).toEqual(s.events.map((_, index) => index + 1));
    const [first, second] = s.events;
    if (first === undefined || second === undefined) throw new Error('no events');
    const desk = newDesk('u1');
    expect(() => apply(desk, second)).toThrow('event 2 after 0');
    apply(desk, first);
    expect(() => apply(desk, first)).toThrow('event 1 after 1');
    expect(desk.seq).toBe(1);
  });

  it('[REC-9] the log alone rebuilds the desk, and so does a snapshot anywhere in it with what followed', () => {
    const s = longRun();
    expect(s.events.length).toBeGreaterThan(150);
    const replayed = newDesk('u1');
    for (const event of s.events) apply(replayed, structuredClone(event));
    expect(serializeDesk(replayed)).toBe(serializeDesk(s.desk));
    const half = newDesk('u1');
    for (const event of s.events.slice(0, 77)) apply(half, event);
    const restored = deserializeDesk(serializeDesk(half));
    for (const event of s.events.slice(77)) apply(restored, event);
    expect(serializeDesk(restored)).toBe(serializeDesk(s.desk));
  });

  it('[REC-10] decisions repeat: the same inputs give the same events, byte for byte', () => {
    expect(JSON.stringify(longRun().events)).toBe(JSON.stringify(longRun().events));
  });

  it('[INV-1] deciding only says what should be done: nothing is called, and effects name committed orders', () => {
    const s = new Scenario();
    s.runningBot();
    s.bar([enter('long')]);
    const [order] = s.sending();
    expect(order?.status).toBe('submitting');
    expect(s.told('OrderSubmitted').at(-1)?.order.orderId).toBe(order?.orderId);
  });

  it('[INV-11] what names another desk’s entities finds nothing', () => {
    const theirs = new Scenario();
    const botId = theirs.tradingBot();
    const stranger = newDesk('u2');
    const command = { type: 'StopBot', botId, positions: 'close' } as const;
    const actor = { kind: 'user', userId: 'u2', deviceId: null } as const;
    const input = { type: 'Command', command, commandId: 'c1', expectedVersion: null, actor } as const;
    const { events, outcome } = decide(stranger, input, theirs.context());
    expect(events).toEqual([]);
    expect(outcome).toMatchObject({ ok: false, refusal: { code: 'not_found' } });
    const fill = theirs.venue.fills[0];
    if (fill === undefined) throw new Error('no fill');
    const seen = { type: 'VenueFillSeen', accountId: theirs.accountId, fill, ingestedAt: 0 } as const;
    expect(decide(stranger, seen, theirs.context()).events).toEqual([]);
  });

  it('[ORD-18] closed orders are forgotten oldest first, working ones never', () => {
    const s = new Scenario();
    s.command({
      type: 'SetLimits',
      accountId: s.accountId,
      values: { maxOrdersPerMinute: 60 },
      timeZone: undefined,
    });
    const order = (price: string) => {
      s.advance(2_000);
      s.command(s.orderByHand({ type: 'limit', size: dec('0.001'), price: dec(price), timeInForce: 'gtc' }));
      return s.order('manual');
    };
    const resting = order('19900');
    s.accept(resting);
    const first = order('19800');
    s.reject(first);
    for (let count = 0; count < DESK_LIMITS.closedOrders; count += 1) s.reject(order('19700'));
    expect(s.desk.orders.has(first.orderId)).toBe(false);
    expect(s.desk.orders.has(resting.orderId)).toBe(true);
    expect(s.desk.orders.size).toBe(DESK_LIMITS.closedOrders + 1);
  });
});
