import { expect, test, vi } from 'vitest';
import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { Venue, VenueAccountState, VenueAnswer } from '../ports/venue.ts';
import { sampleOrder } from '../testing/deskSamples.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { BarHub } from './barHub/barHub.ts';
import { EffectRunner, LEASE_MARGIN_MS } from './effectRunner.ts';

const STATE: VenueAccountState = { balances: {}, positions: [], orders: [], cursor: 3, marketTime: 0 };
const order = sampleOrder({ orderId: 'order-1', venueOrderId: null });
const PLACE: Effect = { type: 'PlaceOrder', venue: 'sim', order };
const READ: Effect = { type: 'ReadAccount', venue: 'sim', accountId: 'acc', cursor: 0 };

function world(venue: Partial<Venue>) {
  const inputs: Input[] = [];
  const lease = { leftMs: LEASE_MARGIN_MS };
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const runner = new EffectRunner({
    // Only what these effects call.
    venues: new Map([['sim', { watch: async () => {}, ...venue } as Venue]]),
    hub: new BarHub({ feeds: [], logger, clock }),
    clock,
    logger,
    leaseLeftMs: () => lease.leftMs,
    submit: (_deskId, input) => void inputs.push(input),
    say: () => {},
  });
  return { runner, inputs, lease, logger };
}

test('[RUN-15] [INV-2] a write is not sent when the lease is about to end; its outcome is unknown', async () => {
  const placeOrder = vi.fn(async (): Promise<VenueAnswer> => ({ outcome: 'accepted', venueOrderId: 'v1' }));
  const { runner, inputs, lease } = world({ placeOrder });
  lease.leftMs = LEASE_MARGIN_MS - 1;
  runner.run('ada', PLACE);
  await runner.settled();
  expect(placeOrder).not.toHaveBeenCalled();
  expect(inputs).toMatchObject([{ type: 'OrderAnswered', answer: { outcome: 'unknown' } }]);
  lease.leftMs = LEASE_MARGIN_MS;
  runner.run('ada', PLACE);
  await runner.settled();
  expect(placeOrder).toHaveBeenCalledTimes(1);
  expect(inputs.at(-1)).toMatchObject({ answer: { outcome: 'accepted', venueOrderId: 'v1' } });
});

test('[RUN-16] a write that throws ends as unknown, a read that throws as unreadable', async () => {
  const fails = () => Promise.reject(new Error('no route'));
  const { runner, inputs } = world({ placeOrder: fails, readAccount: fails });
  runner.run('ada', PLACE);
  runner.run('ada', READ);
  await runner.settled();
  expect(inputs).toHaveLength(2);
  expect(inputs).toContainEqual(expect.objectContaining({ type: 'AccountUnreadable', reason: 'no route' }));
  expect(inputs).toContainEqual(
    expect.objectContaining({ type: 'OrderAnswered', answer: { outcome: 'unknown', message: 'no route' } }),
  );
});

test('[RUN-16] a read under way is not started twice; asked for meanwhile it is repeated once', async () => {
  const gates: (() => void)[] = [];
  const readAccount = vi.fn(
    () => new Promise<VenueAccountState>((resolve) => gates.push(() => resolve(STATE))),
  );
  const { runner, inputs } = world({ readAccount, fillsSince: async () => [], billsSince: async () => [] });
  for (let n = 0; n < 5; n++) runner.run('ada', READ);
  await vi.waitUntil(() => gates.length === 1);
  gates[0]?.();
  await vi.waitUntil(() => gates.length === 2);
  gates[1]?.();
  await runner.settled();
  expect(readAccount).toHaveBeenCalledTimes(2);
  expect(inputs.map((input) => input.type)).toEqual(['AccountRead', 'AccountRead']);
});

test('[RUN-16] a read brings fills and bills only up to the state it was taken with', async () => {
  const fill = (cursor: number) => ({ fillId: `f${cursor}`, cursor }) as never;
  const { runner, inputs } = world({
    readAccount: async () => STATE,
    fillsSince: async () => [fill(2), fill(3), fill(4)],
    billsSince: async () => [],
  });
  runner.run('ada', READ);
  await runner.settled();
  const [read] = inputs;
  expect(read?.type === 'AccountRead' ? read.fills.map((one) => one.cursor) : []).toEqual([2, 3]);
});
