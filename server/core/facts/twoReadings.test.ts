import { describe, expect, it, test } from 'vitest';
import { add, type Decimal, dec, mul } from '../../../shared/domain/decimal.ts';
import type { VenueAccountState } from '../../ports/venue.ts';
import { enter } from '../../testing/core/samples.ts';
import { APART_MS, Scenario } from '../../testing/core/scenario.ts';
import { positionAfterFill } from '../rules/positionAfterFill.ts';
import { isAtRest } from '../watch/atRest.ts';

type Show = (state: VenueAccountState) => VenueAccountState;

/** What one reading may show of an account that is long BTCUSDT under its stop. */
const ASTRAY: Record<string, (before: VenueAccountState) => Show> = {
  'misses the position': () => (state) => ({ ...state, positions: [] }),
  'misses the stop': () => (state) => ({ ...state, orders: [] }),
  'shows a part of the position': () => (state) => ({
    ...state,
    positions: state.positions.map((held) => ({
      ...held,
      size: mul(held.size, dec('0.5')),
      cost: mul(held.cost, dec('0.5')),
    })),
  }),
  'is wholly of a moment before': (before) => () => before,
  'shows positions of a moment before': (before) => (state) => ({ ...state, positions: before.positions }),
  'shows orders of a moment before': (before) => (state) => ({ ...state, orders: before.orders }),
  'shows the balance of a moment before': (before) => (state) => ({ ...state, balances: before.balances }),
};

/** What a bot does around the reading. */
const SITUATIONS: Record<string, (s: Scenario, botId: string) => void> = {
  'a bot that trades': () => {},
  'a bot that is being stopped': (s, botId) => void s.command({ type: 'StopBot', botId, positions: 'close' }),
  'a bot that holds': (s, botId) => void s.command({ type: 'StopBot', botId, positions: 'hold' }),
  'an emergency stop': (s) => void s.command({ type: 'EmergencyStop', scope: {} }),
  'a restart': (s) => void s.give({ type: 'Recovered', downMs: 1_000, latch: null }),
};

const CAPABILITIES = {
  'many stops': {},
  'one stop': { positionStops: 'one' },
  'stops that nobody amends': { amendStop: false },
} as const;

function protectedBot(capabilities: ConstructorParameters<typeof Scenario>[0]) {
  const s = new Scenario(capabilities);
  const botId = s.runningBot();
  const before = s.venue.state();
  s.bar([enter('long')]);
  s.fillNow(s.order('entry'));
  s.deliver();
  s.readOnce();
  return { s, botId, before };
}

/** A position at the venue that nobody told of. */
const hold = (s: Scenario): void =>
  void s.venue.positions.set('ETHUSDT', positionAfterFill(undefined, 'buy', dec('1500'), dec('1')).after);

/** What must not follow from one reading. */
function expectNothingTaken(s: Scenario, botId: string, size: Decimal): void {
  expect(s.position()).toMatchObject({ size, direction: 'long', botId });
  expect(s.state().account.foreign).toBeNull();
  expect(s.alert('foreign')).toBe(false);
  for (const { order } of s.waiting('CancelOrder')) expect(order.purpose).not.toBe('stop');
  for (const { order, change } of s.waiting('AmendOrder'))
    expect(order.purpose === 'stop' && change.size !== undefined).toBe(false);
  expect(s.bot(botId).state).not.toBe('stopped');
  expect(s.told('EmergencyReceipt')).toEqual([]);
  const stops = s.openOrders('stop');
  expect(stops.some((stop) => s.venue.orders.get(stop.venueOrderId ?? '')?.status === 'open')).toBe(true);
}

for (const [venue, capabilities] of Object.entries(CAPABILITIES))
  describe(`[READ-1] [READ-2] one reading alone, at a venue with ${venue}`, () => {
    for (const [astray, showing] of Object.entries(ASTRAY))
      for (const [situation, bring] of Object.entries(SITUATIONS))
        test(`${astray}, of ${situation}: nothing is taken away, and the next one finds all in step`, () => {
          const { s, botId, before } = protectedBot(capabilities);
          const { size } = s.position();
          bring(s, botId);
          s.readShowing(showing(before));
          expectNothingTaken(s, botId, size);
          s.advance(APART_MS);
          s.readOnce();
          s.findAll();
          expectNothingTaken(s, botId, size);
          expect(s.state().account.status).toBe('ready');
          expect(s.position().stop?.state).toBe('resting');
          expect([...s.state().noted.keys()].filter((subject) => subject.startsWith('position:'))).toEqual(
            [],
          );
        });
  });

describe('two readings', () => {
  it('[READ-2] that show the same at once prove as little as one, and apart they do', () => {
    const { s, botId } = protectedBot({});
    const { size } = s.position();
    const without: Show = (state) => ({ ...state, positions: [] });
    s.readShowing(without);
    s.readShowing(without);
    expectNothingTaken(s, botId, size);
    s.advance(APART_MS);
    s.readShowing(without);
    expect(s.isFlat).toBe(true);
    expect(s.state().account.foreign?.found.code).toBe('closed');
  });

  it('[READ-2] lie further apart than the venue\u2019s readings lag', () => {
    const { s, botId } = protectedBot({ readingLagMs: 5_000 });
    const { size } = s.position();
    const without: Show = (state) => ({ ...state, positions: [] });
    s.readShowing(without);
    s.advance(4_900);
    s.readShowing(without);
    expectNothingTaken(s, botId, size);
    s.advance(100);
    s.readShowing(without);
    expect(s.isFlat).toBe(true);
  });

  it('[READ-2] of which one agrees begin anew', () => {
    const { s, botId } = protectedBot({});
    const { size } = s.position();
    const without: Show = (state) => ({ ...state, positions: [] });
    for (let round = 0; round < 3; round += 1) {
      s.advance(APART_MS);
      s.readShowing(without);
      s.advance(APART_MS);
      s.readOnce();
    }
    expectNothingTaken(s, botId, size);
  });

  it('[READ-2] are asked for while one alone differs, also of an account with nothing open', () => {
    const s = new Scenario();
    hold(s);
    s.readOnce();
    expect(s.desk.positions.size).toBe(0);
    expect(isAtRest(s.desk)).toBe(false);
    s.tick();
    expect(s.waiting('ReadAccount')).toHaveLength(1);
    s.readOnce();
    expect(s.position('ETHUSDT')).toMatchObject({ foreign: true, size: '1' });
  });

  it('[READ-2] a restart forgets what one reading showed', () => {
    const { s } = protectedBot({});
    s.readShowing((state) => ({ ...state, positions: [] }));
    s.give({ type: 'Recovered', downMs: 1_000, latch: null });
    s.advance(APART_MS);
    s.readShowing((state) => ({ ...state, positions: [] }));
    expect(s.isFlat).toBe(false);
  });

  it('[READ-3] prove a bot flat, both after its last act: one that missed the position does not', () => {
    const { s, botId } = protectedBot({});
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.fillNow(s.order('close'));
    s.deliver();
    s.cancelAll();
    s.readOnce();
    expect(s.bot(botId).state).toBe('stopping');
    s.advance(APART_MS);
    // Something of it shows after all.
    s.readShowing((state) => ({
      ...state,
      positions: [
        {
          ...{ symbol: 'BTCUSDT', direction: 'long', size: dec('0.249'), cost: dec('4980'), leverage: 1 },
          ...{ marginMode: 'isolated', liquidationPrice: null },
        },
      ],
    }));
    expect(s.bot(botId).state).toBe('stopping');
    s.advance(APART_MS);
    s.readOnce();
    expect(s.bot(botId).state).toBe('stopping');
    s.advance(APART_MS);
    s.readOnce();
    expect(s.bot(botId).state).toBe('stopped');
  });

  it('[READ-3] give an emergency its receipt', () => {
    const { s } = protectedBot({});
    s.command({ type: 'EmergencyStop', scope: {} });
    s.fillNow(s.order('close'));
    s.deliver();
    s.cancelAll();
    s.readOnce();
    expect(s.told('EmergencyReceipt')).toEqual([]);
    s.advance(APART_MS);
    s.readOnce();
    expect(s.told('EmergencyReceipt')).toHaveLength(1);
  });

  it('[READ-4] call an order foreign', () => {
    const s = new Scenario();
    s.runningBot();
    const { venueOrderId } = s.venue.rest({
      symbol: 'ETHUSDT',
      side: 'buy',
      type: 'limit',
      size: dec('1'),
      price: dec('1400'),
    });
    s.venue.pushes = [];
    s.readOnce();
    expect(s.state().account.foreign).toBeNull();
    s.venue.end(venueOrderId, 'cancelled');
    s.venue.pushes = [];
    s.advance(APART_MS);
    s.readOnce();
    expect(s.state().account.foreign).toBeNull();
    expect([...s.state().noted.keys()]).toEqual([]);
  });

  it('[READ-5] an order that one look-up does not find is not over', () => {
    const s = new Scenario();
    s.command(s.orderByHand({ type: 'limit', timeInForce: 'gtc', price: dec('19500') }));
    const order = s.order('manual');
    s.loseAnswer(order);
    s.advance(2 * s.facts.writeWindowMs);
    s.drop(({ type }) => type === 'FindOrder');
    s.give({ type: 'OrderFound', orderId: order.orderId, order: null, askedAt: s.marketTime });
    expect(s.order('manual').status).toBe('unknown');
    s.tick();
    s.findOnce();
    expect(s.order('manual').status).toBe('open');
    expect([...s.state().noted.keys()]).toEqual([]);
  });

  it('[READ-6] a replaced stop goes once its successor was shown later than readings lag', () => {
    const { s } = protectedBot({ amendStop: false, readingLagMs: 5_000 });
    const former = s.position().stop?.orderId;
    s.advance(5_000);
    s.command({ type: 'SetStop', accountId: s.accountId, symbol: 'BTCUSDT', triggerPrice: dec('19800') });
    const next = s.openOrders('stop').find(({ orderId }) => orderId !== former);
    if (next === undefined) throw new Error('no other stop');
    s.accept(next);
    s.deliver();
    s.findOnce();
    s.findOnce();
    expect(s.waiting('CancelOrder')).toEqual([]);
    s.tick(5_000);
    s.findOnce();
    expect(s.waiting('CancelOrder').map(({ order }) => order.orderId)).toEqual([former]);
  });

  it('[READ-7] an account that one reading showed otherwise is neither removed nor reset', () => {
    const s = new Scenario();
    hold(s);
    s.readOnce();
    for (const type of ['RemoveAccount', 'ResetAccount'] as const)
      expect(s.command({ type, accountId: s.accountId })).toMatchObject({ ok: false });
    s.venue.positions.clear();
    s.readOnce();
    expect(s.command({ type: 'ResetAccount', accountId: s.accountId })).toMatchObject({ ok: true });
  });

  it('[LEDGER-11] [READ-2] a reading that was begun too soon and took long shows no difference either', () => {
    const s = new Scenario({ readingLagMs: 5_000 });
    const { balances } = s.venue.state();
    s.openByHand();
    s.readShowing((state) => ({ ...state, balances }));
    s.advance(2_000);
    const begunAt = s.wallTime;
    s.advance(6_000);
    s.read(s.accountId, begunAt, (state) => ({ ...state, balances }));
    expect(s.alert('ledger_mismatch')).toBe(false);
    s.readShowing((state) => ({ ...state, balances }));
    expect(s.alert('ledger_mismatch')).toBe(true);
  });

  it('[LEDGER-11] a balance of a moment before is no difference', () => {
    const s = new Scenario({ readingLagMs: 5_000 });
    const before = s.venue.state();
    s.openByHand();
    s.readShowing((state) => ({ ...state, balances: before.balances }));
    s.advance(2_000);
    s.readShowing((state) => ({ ...state, balances: before.balances }));
    expect(s.alert('ledger_mismatch')).toBe(false);
    s.venue.balance = add(s.venue.balance, dec('0'));
    s.readOnce();
    expect(s.state().balanceGap).toBeNull();
  });
});

it('[READ-2] what a former process was shown does not count, also where its desk could not be recovered', () => {
  const { s, botId } = protectedBot({});
  const half: Show = (state) => ({
    ...state,
    positions: state.positions.map((held) => ({ ...held, size: mul(held.size, dec('0.5')) })),
  });
  const { size } = s.position();
  s.readShowing(half);
  const loadedSeq = s.desk.seq;
  const showHalf = (): void => {
    s.advance(APART_MS);
    s.read(s.accountId, s.wallTime, half, loadedSeq);
  };
  showHalf();
  expectNothingTaken(s, botId, size);
  showHalf();
  expect(s.position().size).toBe(mul(size, dec('0.5')));
});

describe('[READ-8] a reading that proves too little does not ask for the next: the next look does', () => {
  const asked = (effects: readonly { type: string }[]): number =>
    effects.filter(({ type }) => type === 'ReadAccount').length;

  it.each(['StopBot', 'EmergencyStop'] as const)('%s, with two accounts', (type) => {
    const s = new Scenario();
    const other = s.openAccount('Other');
    const botId = s.runningBot();
    s.command(type === 'StopBot' ? { type, botId, positions: 'close' } : { type, scope: {} });
    for (let reading = 0; reading < 3; reading += 1) {
      const decisions = [s.read(other, s.wallTime), s.readOnce()];
      expect(decisions.map(({ effects }) => asked(effects))).toEqual([0, 0]);
    }
    const isStopped = (): boolean =>
      type === 'StopBot'
        ? s.bot(botId).state === 'stopped'
        : [...s.desk.emergencies.values()].every(({ stage }) => stage === 'done');
    expect(isStopped()).toBe(false);
    s.advance(APART_MS);
    expect(asked(s.tick(0).effects)).toBeGreaterThan(0);
    s.read(other);
    s.read();
    expect(isStopped()).toBe(true);
  });
});
