import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  account,
  alert,
  bodyOf,
  bot,
  emergency,
  fill,
  frame,
  limits,
  order,
  position,
} from '../../server/testing/sdk/frameSamples.ts';
import { because } from '../domain/cause.ts';
import { isZero } from '../domain/decimal.ts';
import { isOpen } from '../domain/order.ts';
import { type DeskFrame, FRAME_KINDS, frameData } from '../protocol/frames.ts';
import { hashView } from './hashView.ts';
import { reduceView } from './reduceView.ts';
import { emptyView, positionKey, VIEW_LIMITS, type View } from './view.ts';

const EPOCH = 'epoch1';
const RUNS = { numRuns: 100 };

const framesOf = (minLength: number, maxLength: number) =>
  fc
    .array(fc.tuple(fc.constantFrom(...FRAME_KINDS), fc.nat(400), fc.nat(20)), { minLength, maxLength })
    .map((bodies) => bodies.map(([kind, n, variant], at) => frame(EPOCH, at + 1, bodyOf(kind, n, variant))));

const fold = (view: View, frames: readonly DeskFrame[]): View => frames.reduce(reduceView, view);

test('the frames of these tests are such as the server may send', () => {
  for (const kind of FRAME_KINDS) {
    for (let n = 0; n < 20; n += 1)
      expect(frameData[kind].safeParse(bodyOf(kind, n, n).data).error).toBeUndefined();
  }
});

test('[VIEW-1] the same frames in any portions give the same view and hash', () => {
  fc.assert(
    fc.property(framesOf(0, 300), fc.array(fc.nat(300), { maxLength: 8 }), (frames, cuts) => {
      const whole = fold(emptyView(), frames);
      const bounds = [
        0,
        ...cuts.map((cut) => Math.min(cut, frames.length)).sort((a, b) => a - b),
        frames.length,
      ];
      let view = emptyView();
      for (let n = 1; n < bounds.length; n += 1) {
        // Between portions the view goes over the wire, as a snapshot does.
        view = JSON.parse(JSON.stringify(view)) as View;
        fold(view, frames.slice(bounds[n - 1], bounds[n]));
      }
      expect(view).toEqual(whole);
      expect(hashView(EPOCH, frames.length, view)).toBe(hashView(EPOCH, frames.length, whole));
    }),
    RUNS,
  );
});

test('[VIEW-1] folding leaves frames as they are', () => {
  fc.assert(
    fc.property(framesOf(1, 60), (frames) => {
      const before = structuredClone(frames);
      const view = fold(emptyView(), frames);
      expect(frames).toEqual(before);
      const again = fold(emptyView(), frames);
      expect(again).toEqual(view);
    }),
    RUNS,
  );
});

test('[VIEW-2] every list stays within its bound, and every entity is held once', () => {
  fc.assert(
    fc.property(framesOf(300, 600), (frames) => {
      const view = fold(emptyView(), frames);
      for (const list of ['fills', 'closedOrders', 'trades', 'emergencies'] as const) {
        expect(view[list].length).toBeLessThanOrEqual(VIEW_LIMITS[list]);
      }
      const closed = view.closedOrders.map(({ orderId }) => orderId);
      expect(new Set(closed).size).toBe(closed.length);
      const emergencies = view.emergencies.map(({ emergencyId }) => emergencyId);
      expect(new Set(emergencies).size).toBe(emergencies.length);
    }),
    { numRuns: 40 },
  );
});

test('[VIEW-3] what is open is in the maps, under its own id, and what is over is not', () => {
  fc.assert(
    fc.property(framesOf(0, 300), (frames) => {
      const view = fold(emptyView(), frames);
      for (const [id, each] of Object.entries(view.orders))
        expect([each.orderId, isOpen(each)]).toEqual([id, true]);
      for (const each of view.closedOrders) expect(isOpen(each)).toBe(false);
      for (const [key, each] of Object.entries(view.positions)) {
        expect([positionKey(each.accountId, each.symbol), isZero(each.size)]).toEqual([key, false]);
      }
      for (const [id, each] of Object.entries(view.accounts)) {
        expect([each.accountId, each.status === 'removed']).toEqual([id, false]);
      }
    }),
    RUNS,
  );
});

describe('by hand', () => {
  const view = (...bodies: Parameters<typeof frame>[2][]) =>
    fold(
      emptyView(),
      bodies.map((body, at) => frame(EPOCH, at + 1, body)),
    );

  test('[VIEW-2] the newest fills are kept, newest last', () => {
    const { fills } = view(
      ...Array.from({ length: 250 }, (_, n) => ({ kind: 'FillRecorded', data: { fill: fill(n) } }) as const),
    );
    expect(fills).toHaveLength(200);
    expect([fills[0]?.fillId, fills.at(-1)?.fillId]).toEqual(['fill50', 'fill249']);
  });

  test('[VIEW-2] the newest closed orders and trades are kept', () => {
    const { closedOrders, trades } = view(
      ...Array.from({ length: 230 }, (_, n) => [
        { kind: 'OrderCancelled', data: { order: order(n, 'cancelled') } } as const,
        bodyOf('PositionChanged', n, 0),
      ]).flat(),
    );
    expect([closedOrders.length, closedOrders[0]?.orderId]).toEqual([200, 'order30']);
    expect([trades.length, trades[0]?.tradeId]).toEqual([100, 'trade130']);
  });

  test('[VIEW-3] an order moves from open to closed, and stays one', () => {
    const folded = view(
      { kind: 'OrderSubmitted', data: { order: order(1, 'submitting') } },
      { kind: 'OrderAccepted', data: { order: order(1, 'open') } },
      { kind: 'OrderCancelled', data: { order: order(1, 'cancelled') } },
      { kind: 'OrderUpdated', data: { order: { ...order(1, 'filled'), reason: because('unanswered', {}) } } },
    );
    expect(folded.orders).toEqual({});
    expect(folded.closedOrders.map(({ status }) => status)).toEqual(['filled']);
  });

  test('[VIEW-3] an order thought abandoned that turns out to work is open again, and only that', () => {
    const folded = view(
      { kind: 'OrderUpdated', data: { order: order(1, 'abandoned') } },
      { kind: 'OrderUpdated', data: { order: order(1, 'open') } },
    );
    expect(Object.keys(folded.orders)).toEqual(['order1']);
    expect(folded.closedOrders).toEqual([]);
  });

  test('[VIEW-3] what is deleted, flat, removed or resolved is gone', () => {
    const folded = view(
      { kind: 'BotCreated', data: { bot: bot(1) } },
      { kind: 'BotDeleted', data: { botId: 'bot1' } },
      { kind: 'StopPlaced', data: { position: position(1) } },
      bodyOf('PositionChanged', 1, 0),
      { kind: 'AccountChanged', data: { account: account(1) } },
      { kind: 'LimitChanged', data: { limits: limits(1) } },
      { kind: 'AccountChanged', data: { account: account(1, 'removed') } },
      { kind: 'AlertRaised', data: { alert: alert(1) } },
      { kind: 'AlertResolved', data: { alertId: 'alert1' } },
    );
    expect(folded).toEqual({ ...emptyView(), trades: folded.trades });
  });

  test('an emergency stop advances in place; of many the newest five are kept', () => {
    const folded = view(
      ...Array.from(
        { length: 7 },
        (_, n) => ({ kind: 'EmergencyStage', data: { emergency: emergency(n) } }) as const,
      ),
      { kind: 'EmergencyReceipt', data: { emergency: emergency(4, 'done') } },
    );
    expect(folded.emergencies.map(({ emergencyId, stage }) => `${emergencyId} ${stage}`)).toEqual([
      'emergency2 latched',
      'emergency3 latched',
      'emergency4 done',
      'emergency5 latched',
      'emergency6 latched',
    ]);
  });

  test('[VIEW-4] a frame of an unknown kind changes nothing', () => {
    const unknown = {
      ...frame(EPOCH, 1, { kind: 'Internal', data: {} }),
      kind: 'FromTheFuture',
    } as unknown as DeskFrame;
    expect(reduceView(emptyView(), unknown)).toEqual(emptyView());
  });
});
