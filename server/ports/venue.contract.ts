import { describe, expect, onTestFinished, test } from 'vitest';
import { add, type Decimal, dec, sub, sum, ZERO } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { byClientId, byVenueId } from '../testing/venue/refs.ts';
import {
  type PlaceOrder,
  type Venue,
  type VenueAnswer,
  type VenueOrderRef,
  type VenuePush,
  VenueUnavailable,
} from './venue.ts';

/** A venue under test, with its market in the test's hand. */
export interface VenueUnderTest {
  venue: Venue;
  /** Everything pushed so far. */
  pushes: VenuePush[];
  /** Moves the market of BTCUSDT to `price`, one step of market time on, and waits until it was played. */
  price(price: string): Promise<void>;
  /** Whose accounts are not ours to start anew. */
  keepsAccounts?: true;
  /** The venue lists BTCUSDT with this status from now on. */
  list(status: Instrument['status']): Promise<void>;
  stop(): Promise<void>;
}

const SYMBOL = 'BTCUSDT';
let orders = 0;

function place(
  accountId: string,
  fields: Partial<PlaceOrder> & Pick<PlaceOrder, 'side' | 'size'>,
): PlaceOrder {
  return {
    account: { accountId },
    clientOrderId: `contract${++orders}`,
    symbol: SYMBOL,
    type: 'market',
    price: null,
    triggerPrice: null,
    triggerBy: null,
    timeInForce: 'gtc',
    reduceOnly: false,
    attachedStop: null,
    notAfter: null,
    ...fields,
  };
}

const stop = (
  triggerPrice: string,
): Pick<PlaceOrder, 'type' | 'triggerPrice' | 'triggerBy' | 'reduceOnly'> => ({
  type: 'stop_market',
  triggerPrice: dec(triggerPrice),
  triggerBy: 'last',
  reduceOnly: true,
});

function accepted(answer: VenueAnswer): string {
  if (answer.outcome !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(answer)}`);
  return answer.venueOrderId;
}

/** What every adapter of the port promises. `create` gives a venue with BTCUSDT at 100 and a tick of 0.1. */
export function describeVenue(name: string, create: () => Promise<VenueUnderTest>): void {
  describe(`${name} as a venue`, () => {
    async function open(...accounts: string[]): Promise<VenueUnderTest> {
      const world = await create();
      onTestFinished(() => world.stop());
      for (const accountId of accounts) {
        await world.venue.openAccount({ accountId }, dec('10000'));
        await world.venue.watch({ accountId });
      }
      return world;
    }
    const pushed = <T extends VenuePush['type']>(world: VenueUnderTest, type: T) =>
      world.pushes.filter((push): push is Extract<VenuePush, { type: T }> => push.type === type);

    test('[SIM-20] opening an account books its deposit once', async () => {
      const { venue } = await open('a');
      await venue.openAccount({ accountId: 'a' }, dec('777'));
      expect((await venue.readAccount({ accountId: 'a' })).balances).toEqual({ USDT: '10000' });
      expect(await venue.billsSince({ accountId: 'a' }, 0)).toMatchObject([
        { kind: 'transfer', amount: '10000' },
      ]);
    });

    test('[SIM-21] what was filled is pushed, readable since a cursor, and adds up', async () => {
      const world = await open('a');
      const { venue } = world;
      const id = accepted(await venue.placeOrder(place('a', { side: 'buy', size: dec('2') })));
      await expect.poll(() => pushed(world, 'fill').length).toBe(1);
      await world.price('110');
      accepted(await venue.placeOrder(place('a', { side: 'sell', size: dec('0.5'), reduceOnly: true })));
      await expect.poll(() => pushed(world, 'fill').length).toBe(2);
      const account = { accountId: 'a' };
      const fills = await venue.fillsSince(account, 0);
      expect(fills).toEqual(pushed(world, 'fill').map((push) => push.fill));
      expect(fills[0]?.venueOrderId).toBe(id);
      const [{ cursor } = { cursor: 0 }] = fills;
      expect(await venue.fillsSince(account, cursor)).toEqual(fills.filter((fill) => fill.cursor > cursor));
      const state = await venue.readAccount(account);
      expect(state.cursors.fills).toBe(fills[1]?.cursor);
      expect(state.positions).toMatchObject([{ symbol: SYMBOL, direction: 'long', size: '1.5' }]);
      const bills = await venue.billsSince(account, 0);
      // What the venue makes of its fills, where it tells, adds up with what it took of them in the coin of the balance.
      if (fills.some(({ realisedPnl }) => realisedPnl === null)) return;
      const fees = fills.filter(({ feeCoin }) => feeCoin === null || feeCoin === 'USDT');
      const realised = sub(
        sum(fills.map((fill) => fill.realisedPnl ?? ZERO)),
        sum(fees.map(({ fee }) => fee)),
      );
      expect(state.balances.USDT).toBe(add(sum(bills.map((bill): Decimal => bill.amount)), realised));
    });

    test('[LEDGER-14] [SIM-21] fills and bills are known by their ids, and counted each for themselves, however their cursors go', async () => {
      const world = await open('a');
      const { venue } = world;
      const account = { accountId: 'a' };
      for (const side of ['buy', 'sell', 'buy', 'sell'] as const)
        accepted(await venue.placeOrder(place('a', { side, size: dec('1') })));
      const [fills, bills] = [await venue.fillsSince(account, 0), await venue.billsSince(account, 0)];
      expect(new Set(fills.map(({ fillId }) => fillId)).size).toBe(4);
      expect(bills).toHaveLength(1);
      const { cursors } = await venue.readAccount(account);
      expect(cursors).toEqual({ fills: fills.at(-1)?.cursor, bills: bills.at(-1)?.cursor });
      const told = fills.map(({ cursor }) => cursor);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      if (venue.capabilities.denseCursors === true) expect(told).toEqual(told.map((_, index) => index + 1));
      // As often and as far back as anybody reads, each is told with the same id and in the same place.
      for (const from of told)
        expect(await venue.fillsSince(account, from)).toEqual(fills.filter(({ cursor }) => cursor > from));
      expect(await venue.fillsSince(account, cursors.fills)).toEqual([]);
    });

    test('[ORD-21] [SIM-79] an order that arrives after its time is refused where the venue says that it looks at that', async () => {
      const { venue } = await open('a');
      const { marketTime } = await venue.readAccount({ accountId: 'a' });
      const late = place('a', { side: 'buy', size: dec('1'), notAfter: marketTime - 1 });
      const answer = await venue.placeOrder(late);
      if (venue.capabilities.expiringOrders) expect(answer).toMatchObject({ code: 'expired' });
      // Whoever sends it may see that it is late, and not send it.
      else if (answer.outcome !== 'accepted') expect(answer).toMatchObject({ code: 'expired' });
    });

    test('[SIM-22] [SIM-81] a working order is found by our id, working and ended, and can be amended and cancelled', async () => {
      const { venue } = await open('a');
      const account = { accountId: 'a' };
      const order = place('a', { side: 'buy', size: dec('1'), type: 'limit', price: dec('99') });
      const id = accepted(await venue.placeOrder(order));
      expect(await venue.findOrder(account, SYMBOL, byClientId(order.clientOrderId))).toMatchObject({
        venueOrderId: id,
        status: 'open',
      });
      const change = { price: dec('98.5'), size: dec('2') };
      const next = accepted(await venue.amendOrder(account, SYMBOL, byVenueId(id), change));
      const former = next === id ? null : id;
      expect((await venue.readAccount(account)).orders).toMatchObject([
        { venueOrderId: next, replacesOrderId: former, clientOrderId: order.clientOrderId, price: '98.5' },
      ]);
      // By our id it goes on, whichever of the venue's comes with it.
      accepted(
        await venue.cancelOrder(account, SYMBOL, { ...byVenueId(id), clientOrderId: order.clientOrderId }),
      );
      expect(await venue.findOrder(account, SYMBOL, byClientId(order.clientOrderId))).toMatchObject({
        status: 'cancelled',
      });
      expect((await venue.readAccount(account)).orders).toEqual([]);
      // What took its place is told as ended, the former one never is.
      expect(await venue.ordersSince(account, 0)).toMatchObject([
        { venueOrderId: next, status: 'cancelled' },
      ]);
      expect(await venue.cancelOrder(account, SYMBOL, byVenueId(next))).toMatchObject({
        outcome: 'rejected',
        code: 'no_such_order',
      });
      expect(await venue.findOrder(account, SYMBOL, byClientId('never'))).toBeUndefined();
    });

    test('[SIM-80] an order goes by our id, by the venue’s or by both, as what it is; where they disagree, ours decides', async () => {
      const { venue } = await open('a');
      const account = { accountId: 'a' };
      accepted(await venue.placeOrder(place('a', { side: 'buy', size: dec('1') })));
      const resting = place('a', { side: 'sell', size: dec('1'), ...stop('95') });
      const entry = place('a', { side: 'buy', size: dec('1'), type: 'limit', price: dec('99') });
      const [stopId, entryId] = [
        accepted(await venue.placeOrder(resting)),
        accepted(await venue.placeOrder(entry)),
      ];
      const found = async (ref: VenueOrderRef) => (await venue.findOrder(account, SYMBOL, ref))?.venueOrderId;
      expect(await found(byVenueId(stopId, 'stop'))).toBe(stopId);
      expect(await found(byClientId(resting.clientOrderId, 'stop'))).toBe(stopId);
      expect(await found(byVenueId(stopId))).toBeUndefined();
      expect(await found(byClientId(entry.clientOrderId, 'stop'))).toBeUndefined();
      expect(await found({ ...byVenueId('former'), clientOrderId: entry.clientOrderId })).toBe(entryId);
      const missing = { outcome: 'rejected', code: 'no_such_order' };
      expect(await venue.cancelOrder(account, SYMBOL, byClientId(resting.clientOrderId))).toMatchObject(
        missing,
      );
      expect(await venue.cancelOrder(account, SYMBOL, byClientId('never'))).toMatchObject(missing);
      accepted(await venue.cancelOrder(account, SYMBOL, byClientId(entry.clientOrderId)));
      accepted(await venue.cancelOrder(account, SYMBOL, byClientId(resting.clientOrderId, 'stop')));
      expect((await venue.readAccount(account)).orders).toEqual([]);
    });

    test('[SIM-83] a position is closed whole by one call where the venue has it, and refused elsewhere', async () => {
      const world = await open('a');
      const { venue } = world;
      const account = { accountId: 'a' };
      accepted(await venue.placeOrder(place('a', { side: 'buy', size: dec('2') })));
      const answer = await venue.closePosition(account, SYMBOL);
      if (venue.capabilities.closesPosition !== true) {
        expect(answer).toMatchObject({ outcome: 'rejected' });
        return;
      }
      accepted(answer);
      await expect.poll(() => pushed(world, 'fill').length).toBe(2);
      expect(pushed(world, 'fill')[1]?.fill).toMatchObject({ clientOrderId: null, side: 'sell', size: '2' });
      expect((await venue.readAccount(account)).positions).toEqual([]);
      expect(await venue.closePosition(account, SYMBOL)).toMatchObject({ code: 'no_position' });
    });

    test('[SIM-23] [SIM-81] a resting stop fires while nobody is there, and says that it did', async () => {
      const world = await open('a');
      const { venue } = world;
      accepted(await venue.placeOrder(place('a', { side: 'buy', size: dec('1') })));
      const resting = place('a', { side: 'sell', size: dec('1'), ...stop('95') });
      const id = accepted(await venue.placeOrder(resting));
      await world.price('95.1');
      expect((await venue.readAccount({ accountId: 'a' })).positions).toHaveLength(1);
      await world.price('94');
      await expect.poll(() => pushed(world, 'fill').length).toBe(2);
      const told = () => pushed(world, 'order').filter(({ order }) => order.venueOrderId === id);
      await expect.poll(() => told().length).toBeGreaterThanOrEqual(2);
      const fired = told();
      const became = fired.at(-1)?.order.becameOrderId ?? null;
      const isItself = became === null;
      expect(pushed(world, 'fill')[1]?.fill).toMatchObject({
        venueOrderId: became ?? id,
        clientOrderId: isItself ? resting.clientOrderId : null,
        price: '94',
      });
      expect(['stop', null]).toContain(pushed(world, 'fill')[1]?.fill.source);
      expect(['-6', null]).toContain(pushed(world, 'fill')[1]?.fill.realisedPnl);
      expect(fired.map(({ order }) => order.status)).toEqual(
        isItself ? ['open', 'triggered', 'filled'] : ['open', 'triggered'],
      );
      // Under whichever name it trades, it is found, and how it ended.
      const account = { accountId: 'a' };
      const asStop = await venue.findOrder(account, SYMBOL, byClientId(resting.clientOrderId, 'stop'));
      expect(asStop).toMatchObject({ status: isItself ? 'filled' : 'triggered', becameOrderId: became });
      if (became !== null)
        expect(await venue.findOrder(account, SYMBOL, byVenueId(became))).toMatchObject({
          type: 'market',
          clientOrderId: null,
          status: 'filled',
        });
      expect((await venue.readAccount({ accountId: 'a' })).positions).toEqual([]);
    });

    test('[SIM-24] refusals are answers, with a reason and without effect', async () => {
      const { venue } = await open('a');
      const refuse = async (order: PlaceOrder) => {
        const answer = await venue.placeOrder(order);
        return answer.outcome === 'rejected' ? answer.code : answer.outcome;
      };
      expect(await refuse(place('a', { side: 'buy', size: dec('0.00005') }))).toBe('size');
      expect(await refuse(place('a', { side: 'buy', size: dec('1000000') }))).toBe('size');
      expect(await refuse(place('a', { side: 'sell', size: dec('1'), reduceOnly: true }))).toBe(
        'no_position',
      );
      expect(await refuse(place('nobody', { side: 'buy', size: dec('1') }))).toBe('permission');
      expect(await venue.configureSymbol({ accountId: 'a' }, SYMBOL, 1_000, 'cross')).toMatchObject({
        code: 'leverage',
      });
      expect(await venue.fillsSince({ accountId: 'a' }, 0)).toEqual([]);
    });

    test('[SIM-25] the client id of a working order is taken, also for two calls at the same time', async () => {
      const { venue } = await open('a');
      const order = place('a', { side: 'buy', size: dec('1'), type: 'limit', price: dec('99') });
      const answers = await Promise.all([venue.placeOrder(order), venue.placeOrder(order)]);
      expect(answers.map((answer) => answer.outcome).sort()).toEqual(['accepted', 'rejected']);
      expect((await venue.readAccount({ accountId: 'a' })).orders).toHaveLength(1);
    });

    test('[SIM-26] what one account does, no other hears of, sees or pays for', async () => {
      const world = await open('a', 'b');
      const { venue } = world;
      accepted(await venue.placeOrder(place('a', { side: 'buy', size: dec('3') })));
      const resting = accepted(
        await venue.placeOrder(place('a', { side: 'buy', size: dec('1'), type: 'limit', price: dec('99') })),
      );
      await expect.poll(() => pushed(world, 'fill').length).toBe(1);
      const b = { accountId: 'b' };
      expect(await venue.readAccount(b)).toMatchObject({
        balances: { USDT: '10000' },
        positions: [],
        orders: [],
      });
      expect(await venue.fillsSince(b, 0)).toEqual([]);
      expect(await venue.cancelOrder(b, SYMBOL, byVenueId(resting))).toMatchObject({ code: 'no_such_order' });
      expect(
        world.pushes.some((push) => 'accountId' in push && push.accountId === 'b' && push.type !== 'bill'),
      ).toBe(false);
    });

    test('[SIM-27] a flat account can start anew, one that is not cannot', async () => {
      const { venue, keepsAccounts } = await open('a');
      const account = { accountId: 'a' };
      accepted(await venue.placeOrder(place('a', { side: 'buy', size: dec('1') })));
      expect(await venue.resetAccount(account, dec('500'))).toMatchObject({ outcome: 'rejected' });
      accepted(await venue.placeOrder(place('a', { side: 'sell', size: dec('1'), reduceOnly: true })));
      if (keepsAccounts === true) return;
      accepted(await venue.resetAccount(account, dec('500')));
      expect((await venue.readAccount(account)).balances).toEqual({ USDT: '500' });
    });

    test('[FOUND-29] [SIM-24] a market that has ended takes no entries; exits, cancels and what rests there go on', async () => {
      const world = await open('a');
      const { venue } = world;
      const account = { accountId: 'a' };
      accepted(await venue.placeOrder(place('a', { side: 'buy', size: dec('2') })));
      const resting = place('a', { side: 'buy', size: dec('1'), type: 'limit', price: dec('99') });
      const entryId = accepted(await venue.placeOrder(resting));
      const stopId = accepted(
        await venue.placeOrder(place('a', { side: 'sell', size: dec('2'), ...stop('95') })),
      );
      await world.list('ended');
      const working = (await venue.readAccount(account)).orders.map(({ venueOrderId }) => venueOrderId);
      expect(working.sort()).toEqual([entryId, stopId].sort());
      expect(await venue.placeOrder(place('a', { side: 'buy', size: dec('1') }))).toMatchObject({
        outcome: 'rejected',
        code: 'not_trading',
      });
      accepted(await venue.cancelOrder(account, SYMBOL, byVenueId(entryId)));
      accepted(await venue.placeOrder(place('a', { side: 'sell', size: dec('2'), reduceOnly: true })));
      expect((await venue.readAccount(account)).positions).toEqual([]);
    });

    test('[SIM-28] reads of an account that is not there fail', async () => {
      const { venue } = await open();
      await expect(venue.readAccount({ accountId: 'nobody' })).rejects.toThrow(VenueUnavailable);
    });
  });
}
