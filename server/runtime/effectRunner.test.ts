import { expect, test, vi } from 'vitest';
import { because } from '../../shared/domain/cause.ts';
import { dec } from '../../shared/domain/decimal.ts';
import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import { type Venue, type VenueAccountState, type VenueAnswer, VenueUnavailable } from '../ports/venue.ts';
import { sampleOrder } from '../testing/deskSamples.ts';
import { waitUntil } from '../testing/patience.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { BarHub } from './barHub/barHub.ts';
import { BotBars } from './botBars.ts';
import { BoundedVenue, VENUE_ANSWER_MS } from './boundedVenue.ts';
import { EffectRunner } from './effectRunner.ts';
import { LEASE_MARGIN_MS } from './venueCalls.ts';
import { LANE_LIMIT } from './venueLanes.ts';

const STATE: VenueAccountState = {
  balances: {},
  positions: [],
  orders: [],
  cursors: { fills: 3, bills: 1 },
  marketTime: 0,
};
const order = sampleOrder({ orderId: 'order-1', venueOrderId: null });
const PLACE: Effect = { type: 'PlaceOrder', venue: 'sim', order };
const READ: Effect = { type: 'ReadAccount', venue: 'sim', accountId: 'acc', cursors: { fills: 0, bills: 0 } };

const withdrawnNow = (orderId: string, action: 'place' | 'cancel' | 'amend'): Input => ({
  type: 'OrderWithdrawn',
  orderId,
  action,
  why: 'unwanted',
  reason: because('denied', { limit: 'account_latched' }),
});

function world(venue: Partial<Venue>) {
  const inputs: Input[] = [];
  const lease = { leftMs: LEASE_MARGIN_MS };
  const latch: { instead: Input | null } = { instead: null };
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  // Only what these effects call.
  const fake = { venue: 'sim', capabilities: {}, watch: async () => {}, ...venue } as Venue;
  const runner = new EffectRunner({
    venues: new Map([['sim', new BoundedVenue(fake, clock)]]),
    bars: new BotBars(new BarHub({ feeds: [], logger, clock })),
    clock,
    logger,
    leaseLeftMs: () => lease.leftMs,
    withdrawn: () => latch.instead,
    submit: (_deskId, input) => void inputs.push(input),
    say: () => {},
  });
  return { runner, inputs, lease, latch, clock, logger };
}

/** What a call answered at once has been taken in. */
const answersHeard = () => new Promise((resolve) => setImmediate(resolve));

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

test('[RUN-16] [FOUND-2] a look-up that fails ends as failed, by whatever id it was asked for', async () => {
  const fails = () => Promise.reject(new Error('no route'));
  const find = (venueOrderId: string | null): Effect => ({
    type: 'FindOrder',
    venue: 'sim',
    order: { ...order, venueOrderId },
  });
  const unreachable = world({ findOrder: fails });
  unreachable.runner.run('ada', find(null));
  await unreachable.runner.settled();
  unreachable.runner.run('ada', find('v1'));
  await unreachable.runner.settled();
  const failed = { type: 'LookUpFailed', orderId: 'order-1', reason: 'no route' };
  expect(unreachable.inputs).toEqual([failed, failed]);
});

test('[RUN-16] a read under way is not started twice; asked for meanwhile it is repeated once', async () => {
  const gates: (() => void)[] = [];
  const readAccount = vi.fn(
    () => new Promise<VenueAccountState>((resolve) => gates.push(() => resolve(STATE))),
  );
  const { runner, inputs } = world({ readAccount, fillsSince: async () => [], billsSince: async () => [] });
  for (let n = 0; n < 5; n++) runner.run('ada', READ);
  await waitUntil(() => gates.length === 1);
  gates[0]?.();
  await waitUntil(() => gates.length === 2);
  gates[1]?.();
  await runner.settled();
  expect(readAccount).toHaveBeenCalledTimes(2);
  expect(inputs.map((input) => input.type)).toEqual(['AccountRead', 'AccountRead']);
});

test('[RUN-16] [FOUND-2] a look-up asked for while one is under way is made once more, and says when it was asked', async () => {
  const gates: (() => void)[] = [];
  const findOrder = vi.fn(() => new Promise<undefined>((resolve) => gates.push(() => resolve(undefined))));
  const { runner, inputs } = world({ findOrder });
  for (const askedAt of [1, 2, 3]) runner.run('ada', { type: 'FindOrder', venue: 'sim', order, askedAt });
  gates[0]?.();
  await waitUntil(() => gates.length === 2);
  gates[1]?.();
  await runner.settled();
  expect(inputs).toMatchObject([
    { type: 'OrderFound', askedAt: 1 },
    { type: 'OrderFound', askedAt: 3 },
  ]);
});

test('[FOUND-7] [RUN-33] what is sent again waits and is asked about again, also where the venue asks for no pause', async () => {
  const placeOrder = vi.fn(async (): Promise<VenueAnswer> => {
    latch.instead = withdrawnNow('order-1', 'place');
    return { outcome: 'rejected', code: 'rate_limited', message: 'slow down', retryAfterMs: 0 };
  });
  const { runner, inputs, latch, clock } = world({ placeOrder });
  runner.run('ada', { ...PLACE, order: { ...order, reduceOnly: true } });
  await answersHeard();
  expect(inputs).toEqual([]);
  clock.advance(10_000);
  await runner.settled();
  expect(placeOrder).toHaveBeenCalledTimes(1);
  expect(inputs).toEqual([withdrawnNow('order-1', 'place')]);
});

test('[RUN-16] a read brings fills and bills only up to the state it was taken with', async () => {
  const fill = (cursor: number) => ({ fillId: `f${cursor}`, cursor }) as never;
  const bill = (cursor: number) => ({ billId: `b${cursor}`, cursor }) as never;
  const { runner, inputs } = world({
    readAccount: async () => STATE,
    fillsSince: async () => [fill(2), fill(3), fill(4)],
    billsSince: async () => [bill(1), bill(2)],
  });
  runner.run('ada', READ);
  await runner.settled();
  const [read] = inputs;
  expect(read?.type === 'AccountRead' ? read.fills.map((one) => one.cursor) : []).toEqual([2, 3]);
  expect(read?.type === 'AccountRead' ? read.bills.map((one) => one.cursor) : []).toEqual([1]);
});

const LIMITED: VenueAnswer = {
  outcome: 'rejected',
  code: 'rate_limited',
  message: 'slow down',
  retryAfterMs: 700,
};
const ACCEPTED: VenueAnswer = { outcome: 'accepted', venueOrderId: 'v1' };
const entry = (orderId: string): Effect => ({
  type: 'PlaceOrder',
  venue: 'sim',
  order: { ...order, orderId },
});
const close = (orderId: string): Effect => ({
  type: 'PlaceOrder',
  venue: 'sim',
  order: { ...order, orderId, reduceOnly: true },
});
const capabilities = { rateLimit: { calls: 100, perMs: 1_000 } } as Venue['capabilities'];

test('[RUN-31] [N8] with the budget used up by entries and readings, an exit leaves at once and they follow in order', async () => {
  const sent: string[] = [];
  const { runner, clock } = world({
    capabilities,
    placeOrder: async ({ clientOrderId }) => {
      sent.push(clientOrderId);
      return ACCEPTED;
    },
    findOrder: async (_account, _symbol, orderId) => {
      sent.push(`find ${orderId}`);
      return undefined;
    },
  });
  for (let n = 0; n < 200; n += 1) {
    runner.run('ada', entry(`entry-${n}`));
    runner.run('bob', { type: 'FindOrder', venue: 'sim', order: { ...order, orderId: `${n}` } });
  }
  await waitUntil(() => sent.length > 0);
  const before = sent.length;
  expect(before).toBeLessThan(100);
  runner.run('ada', close('exit'));
  await waitUntil(() => sent.length > before);
  expect(sent.slice(before)).toEqual(['exit']);
  clock.advance(1_000);
  await waitUntil(() => sent.length > 2 * before);
  const entries = sent.filter((id) => id.startsWith('entry'));
  expect(entries).toEqual(entries.map((_, n) => `entry-${n}`));
});

test('[RUN-44] however calls come, no more than the venue names leave within the time that it names, wherever that begins', async () => {
  const at: number[] = [];
  const { runner, clock } = world({
    capabilities,
    placeOrder: async () => {
      at.push(clock.now());
      return ACCEPTED;
    },
  });
  for (let n = 0; n < 400; n += 1) {
    runner.run('ada', n % 2 === 0 ? entry(`entry-${n}`) : close(`exit-${n}`));
    if (n % 10 !== 0) continue;
    clock.advance(70);
    await answersHeard();
  }
  await waitUntil(() => {
    clock.advance(90);
    return at.length === 400;
  });
  for (const from of at)
    expect(at.filter((ts) => ts >= from && ts < from + 1_000).length).toBeLessThanOrEqual(100);
});

test('[RUN-32] [INV-8] an entry that was latched while it waited for its turn is not sent', async () => {
  const placeOrder = vi.fn(async () => ACCEPTED);
  const { runner, inputs, latch, clock } = world({ capabilities, placeOrder });
  for (let n = 0; n < 100; n += 1) runner.run('ada', entry(`entry-${n}`));
  await waitUntil(() => inputs.length > 0);
  const sent = placeOrder.mock.calls.length;
  latch.instead = withdrawnNow('entry', 'place');
  clock.advance(60_000);
  await runner.settled();
  expect(placeOrder).toHaveBeenCalledTimes(sent);
  expect(inputs.filter(({ type }) => type === 'OrderWithdrawn')).toHaveLength(100 - sent);
});

test('[FOUND-7] [RUN-32] whatever waited is asked again before it leaves: changes, cancels, closes and settings', async () => {
  const call = vi.fn(async () => ACCEPTED);
  const venue = { placeOrder: call, amendOrder: call, cancelOrder: call, configureSymbol: call };
  const { runner, inputs, latch, clock } = world({ ...venue, placeOrder: async () => LIMITED });
  // Refused for its rate: everything waits for a while from now on.
  runner.run('ada', entry('first'));
  await runner.settled();
  const known = { ...order, venueOrderId: 'v1' };
  const change = { price: dec('1') };
  runner.run('ada', { type: 'AmendOrder', venue: 'sim', order: known, change, notAfter: null });
  runner.run('ada', { type: 'CancelOrder', venue: 'sim', order: known });
  runner.run('ada', close('exit'));
  const settings = { accountId: 'acc', symbol: 'BTCUSDT', leverage: 2, marginMode: 'isolated' } as const;
  runner.run('ada', { type: 'ConfigureSymbol', venue: 'sim', ...settings });
  latch.instead = withdrawnNow('any', 'amend');
  clock.advance(60_000);
  await runner.settled();
  expect(call).not.toHaveBeenCalled();
  expect(inputs.slice(1)).toEqual(Array.from({ length: 4 }, () => latch.instead));
});

test('[FOUND-7] an exit that is tried again after a refusal for the rate is asked about first', async () => {
  const placeOrder = vi.fn(async () => LIMITED);
  const { runner, inputs, latch, clock } = world({ placeOrder });
  runner.run('ada', close('exit'));
  await waitUntil(() => placeOrder.mock.calls.length === 1);
  latch.instead = withdrawnNow('exit', 'place');
  await waitUntil(() => {
    clock.advance(1_000);
    return inputs.length > 0;
  });
  expect(placeOrder).toHaveBeenCalledTimes(1);
  expect(inputs).toEqual([latch.instead]);
});

test('[RUN-33] [N8] refused for the rate, an exit is sent again after the pause that the venue asks for, an entry never is', async () => {
  const answers = [LIMITED, ACCEPTED];
  const placeOrder = vi.fn(async () => answers.shift() ?? ACCEPTED);
  const { runner, inputs, clock } = world({ placeOrder });
  runner.run('ada', close('exit'));
  await answersHeard();
  clock.advance(699);
  expect(placeOrder).toHaveBeenCalledTimes(1);
  clock.advance(1);
  await runner.settled();
  expect(inputs).toMatchObject([{ type: 'OrderAnswered', orderId: 'exit', answer: ACCEPTED }]);
  answers.push(LIMITED);
  runner.run('ada', entry('entry'));
  await runner.settled();
  expect(inputs.at(-1)).toMatchObject({ orderId: 'entry', answer: { code: 'rate_limited' } });
  expect(placeOrder).toHaveBeenCalledTimes(3);
});

test('[RUN-33] [N8] a reading refused for the rate is asked again after the pause', async () => {
  const limited = new VenueUnavailable('slow down');
  limited.retryAfterMs = 300;
  const readAccount = vi.fn().mockRejectedValueOnce(limited).mockResolvedValue(STATE);
  const { runner, inputs, clock } = world({
    readAccount,
    fillsSince: async () => [],
    billsSince: async () => [],
  });
  runner.run('ada', READ);
  await answersHeard();
  clock.advance(300);
  await runner.settled();
  expect(inputs.map(({ type }) => type)).toEqual(['AccountRead']);
});

test('[RUN-33] a pause that the venue asks for while it opens an account is kept by all that comes after it', async () => {
  const limited = new VenueUnavailable('slow down');
  limited.retryAfterMs = 300;
  const placeOrder = vi.fn(async () => ACCEPTED);
  const { runner, inputs, clock } = world({ openAccount: vi.fn().mockRejectedValue(limited), placeOrder });
  runner.run('ada', {
    type: 'OpenAccount',
    venue: 'sim',
    accountId: 'account-1',
    deposit: dec('1000'),
    reset: false,
  });
  await runner.settled();
  expect(inputs).toMatchObject([{ type: 'AccountOpened', answer: { outcome: 'unknown' } }]);
  runner.run('ada', entry('entry'));
  await answersHeard();
  expect(placeOrder).not.toHaveBeenCalled();
  clock.advance(300);
  await runner.settled();
  expect(placeOrder).toHaveBeenCalledTimes(1);
});

test('[RUN-34] beyond what may wait in a lane nothing is sent, and the answer says so', async () => {
  const placeOrder = vi.fn(async () => LIMITED);
  const { runner, inputs, clock } = world({ placeOrder });
  runner.run('ada', entry('first'));
  await runner.settled();
  for (let n = 0; n <= LANE_LIMIT; n += 1) runner.run('ada', entry(`entry-${n}`));
  await waitUntil(() => inputs.length === 2);
  expect(inputs.at(-1)).toMatchObject({ orderId: `entry-${LANE_LIMIT}`, answer: { code: 'rate_limited' } });
  expect(placeOrder).toHaveBeenCalledTimes(1);
  expect(clock.pending).toBe(1);
});

const never = <T>() => new Promise<T>(() => {});

test('[FOUND-13] [RUN-16] a read that never answers ends as unreadable, and the next one of the account is made', async () => {
  const readAccount = vi.fn(async () => STATE).mockImplementationOnce(never);
  const { runner, inputs, clock } = world({
    readAccount,
    fillsSince: async () => [],
    billsSince: async () => [],
  });
  runner.run('ada', READ);
  await answersHeard();
  runner.run('ada', READ);
  clock.advance(VENUE_ANSWER_MS - 1);
  await answersHeard();
  expect(inputs).toEqual([]);
  clock.advance(1);
  await runner.settled();
  expect(inputs.map(({ type }) => type)).toEqual(['AccountUnreadable', 'AccountRead']);
  expect(readAccount).toHaveBeenCalledTimes(2);
});

test('[FOUND-13] whichever call of a reading hangs, fills, bills or the stream, the reading ends', async () => {
  for (const call of ['watch', 'fillsSince', 'billsSince'] as const) {
    const { runner, inputs, clock } = world({
      readAccount: async () => STATE,
      fillsSince: async () => [],
      billsSince: async () => [],
      [call]: never,
    });
    runner.run('ada', READ);
    await answersHeard();
    clock.advance(VENUE_ANSWER_MS);
    await runner.settled();
    expect(inputs).toMatchObject([{ type: 'AccountUnreadable', reason: expect.stringContaining(call) }]);
  }
});

test('[FOUND-13] a look-up that never answers is made anew, and says nothing late', async () => {
  let answerLate: (order: undefined) => void = () => {};
  const findOrder = vi
    .fn(async () => undefined)
    .mockImplementationOnce(() => new Promise((resolve) => (answerLate = resolve)));
  const { runner, inputs, clock } = world({ findOrder });
  const find: Effect = { type: 'FindOrder', venue: 'sim', order, askedAt: 1 };
  runner.run('ada', find);
  await answersHeard();
  clock.advance(VENUE_ANSWER_MS);
  await runner.settled();
  runner.run('ada', { ...find, askedAt: 2 });
  answerLate(undefined);
  await runner.settled();
  expect(inputs.filter(({ type }) => type === 'OrderFound')).toMatchObject([{ askedAt: 2 }]);
});

test('[FOUND-13] [ORD-8] a write that never answers is unknown, whatever kind it is; what it answers later is ignored', async () => {
  let answerLate: (answer: VenueAnswer) => void = () => {};
  const hangs = () => new Promise<VenueAnswer>((resolve) => (answerLate = resolve));
  const amend: Effect = { type: 'AmendOrder', venue: 'sim', order, change: {}, notAfter: null };
  const settings = { symbol: 'BTCUSDT', leverage: 2, marginMode: 'isolated' } as const;
  const effects: Effect[] = [
    PLACE,
    close('close'),
    { type: 'CancelOrder', venue: 'sim', order },
    amend,
    { type: 'ConfigureSymbol', venue: 'sim', accountId: 'acc', ...settings },
    { type: 'OpenAccount', venue: 'sim', accountId: 'acc', deposit: order.size, reset: false },
    { type: 'OpenAccount', venue: 'sim', accountId: 'acc', deposit: order.size, reset: true },
  ];
  for (const effect of effects) {
    const { runner, inputs, clock } = world({
      placeOrder: hangs,
      cancelOrder: hangs,
      amendOrder: hangs,
      configureSymbol: hangs,
      resetAccount: hangs,
      openAccount: never,
    });
    runner.run('ada', effect);
    await answersHeard();
    clock.advance(VENUE_ANSWER_MS);
    await runner.settled();
    answerLate(ACCEPTED);
    await answersHeard();
    expect(inputs).toMatchObject([{ answer: { outcome: 'unknown' } }]);
  }
});
