import postgres from 'postgres';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Clock } from '../../../ports/clock.ts';
import { VenueUnavailable } from '../../../ports/venue.ts';
import { testDatabase } from '../../../testing/postgres.ts';
import { RecordingLogger } from '../../../testing/recordingLogger.ts';
import { silentLogger } from '../../../testing/silentLogger.ts';
import { byClientId, byVenueId } from '../../../testing/venue/refs.ts';
import { ManualFeed, ScriptedPath } from '../../../testing/venue/scriptedPath.ts';
import { accepted, d, order, venueWorld } from '../../../testing/venue/venueWorld.ts';
import { systemClock } from '../../clock/systemClock.ts';
import { SIMULATED_INSTRUMENTS } from '../prices/instruments.ts';
import { MemoryVenueStore } from '../store/memoryVenueStore.ts';
import { PostgresVenueStore } from '../store/postgresVenueStore.ts';
import { type VenueBatch, VenueStoreLost } from '../store/venueStore.ts';

const account = { accountId: 'a' };
const SYMBOL = 'BTCUSDT';
const newFeed = () => new ManualFeed(new ScriptedPath(SIMULATED_INSTRUMENTS));

async function database() {
  const made = await testDatabase('empty');
  onTestFinished(() => made.drop());
  const open = () =>
    new PostgresVenueStore({ url: made.url, clock: systemClock, logger: new RecordingLogger() });
  return { url: made.url, open };
}

/** A clock on which each pause takes a second. */
function hurried(): Clock {
  let now = 0;
  return {
    now: () => now,
    elapsed: () => now,
    after: (_delayMs, run) => {
      now += 1_000;
      setImmediate(run);
      return () => {};
    },
    soon: (run) => void setImmediate(run),
  };
}

/** Commits wait for `release`; `fail` makes the next ones fail. */
class GatedStore extends MemoryVenueStore {
  failures: Error[] = [];
  batches: VenueBatch[] = [];
  #gate: Promise<void> = Promise.resolve();
  release: () => void = () => {};

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.release = resolve;
    });
  }

  override async commit(batch: VenueBatch): Promise<void> {
    await this.#gate;
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.batches.push(batch);
    await super.commit(batch);
  }
}

describe('commit before anyone hears', () => {
  test('[SIM-40] no answer, push or read leaves before what it tells is durable', async () => {
    const store = new GatedStore();
    const w = await venueWorld({ store });
    w.pushes.length = 0;
    store.hold();
    const heard: string[] = [];
    const placed = w.venue
      .placeOrder(order('a', { side: 'buy', size: d('1') }))
      .then(() => heard.push('answer'));
    const read = w.venue.readAccount(account).then((state) => heard.push(`read ${state.positions.length}`));
    const refused = w.venue.cancelOrder(account, SYMBOL, byVenueId('nope')).then(() => heard.push('refusal'));
    await new Promise((resolve) => setImmediate(resolve));
    expect([heard, w.pushes]).toEqual([[], []]);
    store.release();
    await Promise.all([placed, read, refused]);
    expect(heard.sort()).toEqual(['answer', 'read 1', 'refusal']);
    expect(w.pushes.map((push) => push.type)).toEqual(['order', 'fill', 'position', 'order']);
  });

  test('[SIM-41] what is written while a commit is under way shares the next one', async () => {
    const store = new GatedStore();
    const w = await venueWorld({ store });
    store.hold();
    store.batches.length = 0;
    const writes = Array.from({ length: 50 }, () =>
      w.venue.placeOrder(order('a', { side: 'buy', size: d('0.1') })),
    );
    await new Promise((resolve) => setImmediate(resolve));
    writes.push(
      ...Array.from({ length: 50 }, () => w.venue.placeOrder(order('a', { side: 'buy', size: d('0.1') }))),
    );
    store.release();
    for (const answer of await Promise.all(writes)) accepted(answer);
    expect(store.batches.map((batch) => batch.fills.length)).toEqual([50, 50]);
  });

  test('[SIM-42] a commit that fails is tried again; meanwhile writes are refused and none is lost or doubled', async () => {
    const store = new GatedStore();
    const w = await venueWorld({ store });
    store.failures.push(new Error('disk full'), new Error('disk full'));
    const placed = w.venue.placeOrder(order('a', { side: 'buy', size: d('1') }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(await w.venue.placeOrder(order('a', { side: 'buy', size: d('1') }))).toMatchObject({
      outcome: 'rejected',
      code: 'maintenance',
    });
    w.clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
    w.clock.advance(100);
    accepted(await placed);
    expect(await w.venue.fillsSince(account, 0)).toHaveLength(1);
  });

  test('[SIM-43] a commit that takes too long leaves its write unknown, to be looked for', async () => {
    const store = new GatedStore();
    const w = await venueWorld({ store });
    store.hold();
    const asked = order('a', { side: 'buy', size: d('1'), price: d('99') });
    const placed = w.venue.placeOrder(asked);
    const read = w.venue.readAccount(account);
    const failed = expect(read).rejects.toThrow(VenueUnavailable);
    await new Promise((resolve) => setImmediate(resolve));
    w.clock.advance(5_000);
    expect(await placed).toMatchObject({ outcome: 'unknown' });
    await failed;
    store.release();
    expect(await w.venue.findOrder(account, SYMBOL, byClientId(asked.clientOrderId))).toMatchObject({
      status: 'open',
    });
    expect(w.clock.pending).toBe(0);
  });

  test('[SIM-44] who lost its store trades no more', async () => {
    const store = new GatedStore();
    const w = await venueWorld({ store });
    store.failures.push(new VenueStoreLost('taken over'));
    expect(await w.venue.placeOrder(order('a', { side: 'buy', size: d('1') }))).toMatchObject({
      outcome: 'unknown',
    });
    expect(await w.venue.placeOrder(order('a', { side: 'buy', size: d('1') }))).toMatchObject({
      code: 'maintenance',
    });
    expect(store.batches.every((batch) => batch.fills.length === 0)).toBe(true);
  });
});

describe('the store on PostgreSQL', () => {
  test('[SIM-45] everything is there after a restart: balances, positions, orders, history, taken client ids, market time', async () => {
    const { open } = await database();
    const feed = newFeed();
    const first = await venueWorld({ store: open(), feed });
    const bought = order('a', {
      side: 'buy',
      size: d('2'),
      attachedStop: { triggerPrice: d('95'), triggerBy: 'last' },
    });
    accepted(await first.venue.placeOrder(bought));
    accepted(await first.venue.placeOrder(order('a', { side: 'buy', size: d('1'), price: d('97') })));
    await feed.advance(3);
    const before = {
      state: await first.venue.readAccount(account),
      fills: await first.venue.fillsSince(account, 0),
      bills: await first.venue.billsSince(account, 0),
      ended: await first.venue.ordersSince(account, 0),
    };
    await first.stop();
    const second = await venueWorld({ store: open(), feed, accounts: [] });
    onTestFinished(second.stop);
    expect({
      state: await second.venue.readAccount(account),
      fills: await second.venue.fillsSince(account, 0),
      bills: await second.venue.billsSince(account, 0),
      ended: await second.venue.ordersSince(account, 0),
    }).toEqual(before);
    expect(await second.venue.placeOrder(bought)).toMatchObject({ code: 'duplicate_client_id' });
    expect(await second.venue.findOrder(account, SYMBOL, byClientId(bought.clientOrderId))).toMatchObject({
      status: 'filled',
    });
  });

  test('[SIM-46] a stop that was crossed while the venue was down has fired, at the price and time of the crossing', async () => {
    const { open } = await database();
    const feed = newFeed();
    const first = await venueWorld({ store: open(), feed });
    feed.path.script(SYMBOL, '100', '100', '100', '93', '120');
    accepted(
      await first.venue.placeOrder(
        order('a', { side: 'buy', size: d('2'), attachedStop: { triggerPrice: d('95'), triggerBy: 'last' } }),
      ),
    );
    const { marketTime } = await first.venue.readAccount(account);
    await first.stop();
    feed.skip(1_000);
    const second = await venueWorld({ store: open(), feed, accounts: [] });
    onTestFinished(second.stop);
    expect((await second.venue.readAccount(account)).positions).toEqual([]);
    const fills = await second.venue.fillsSince(account, 0);
    expect(fills[1]).toMatchObject({ source: 'stop', price: '93', ts: marketTime + 3 * feed.path.stepMs });
  });

  test('[SIM-47] two processes never share a store: the second waits and gives up, a thief makes the first stop', async () => {
    const { url, open } = await database();
    const w = await venueWorld({ store: open() });
    onTestFinished(w.stop);
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    await sql`UPDATE venue_sim.market SET owner = 'thief'`;
    const buy = () => w.venue.placeOrder(order('a', { side: 'buy', size: d('1') }));
    expect(await buy()).toMatchObject({ outcome: 'unknown' });
    expect(await buy()).toMatchObject({ code: 'maintenance' });
    expect(await sql`SELECT * FROM venue_sim.fills`).toHaveLength(0);
    await sql.end();
    const impatient = new PostgresVenueStore({ url, clock: hurried(), logger: silentLogger });
    await expect(impatient.open()).rejects.toThrow('belongs to another running process');
    // A venue in a process of its own is no former holder of a lease.
    const server = new PostgresVenueStore({
      url,
      clock: hurried(),
      logger: silentLogger,
      isUnderLease: true,
    });
    await expect(server.open()).rejects.toThrow('belongs to another running process');
  });

  test('[SIM-47] who holds the lease takes the store from a former holder that lets go of nothing', async () => {
    const { url } = await database();
    const underLease = (clock: Clock) =>
      new PostgresVenueStore({ url, clock, logger: silentLogger, isUnderLease: true });
    const feed = newFeed();
    const former = await venueWorld({ store: underLease(systemClock), feed });
    onTestFinished(former.stop);
    accepted(await former.venue.placeOrder(order('a', { side: 'buy', size: d('1') })));
    const heir = await venueWorld({ store: underLease(hurried()), feed, accounts: [] });
    onTestFinished(heir.stop);
    const sell = () => order('a', { side: 'sell', size: d('1'), reduceOnly: true });
    expect(await former.venue.placeOrder(sell())).toMatchObject({ outcome: 'unknown' });
    expect(await former.venue.placeOrder(sell())).toMatchObject({ code: 'maintenance' });
    accepted(await heir.venue.placeOrder(sell()));
    expect(await heir.venue.fillsSince(account, 0)).toHaveLength(2);
  });

  test('[SIM-48] open positions are not carried over to another market', async () => {
    const store = new MemoryVenueStore();
    const w = await venueWorld({ store });
    accepted(await w.venue.placeOrder(order('a', { side: 'buy', size: d('1') })));
    await w.stop();
    const other = newFeed();
    Object.assign(other.path, { id: 'another market' });
    await expect(venueWorld({ store, feed: other, accounts: [] })).rejects.toThrow(
      'open positions belong to market scripted',
    );
    const back = await venueWorld({ store, feed: w.feed, accounts: [] });
    accepted(await back.venue.placeOrder(order('a', { side: 'sell', size: d('1'), reduceOnly: true })));
    await back.stop();
    const moved = await venueWorld({ store, feed: other, accounts: [] });
    expect((await moved.venue.readAccount(account)).positions).toEqual([]);
  });
});

/** Tells which accounts were read one by one. */
class ReadStore extends MemoryVenueStore {
  readonly read: string[] = [];

  override account(accountId: string) {
    this.read.push(accountId);
    return super.account(accountId);
  }
}

describe('accounts with nothing open', () => {
  const buy = (accountId: string) => order(accountId, { side: 'buy', size: d('1') });
  const sell = (accountId: string) => order(accountId, { side: 'sell', size: d('1'), reduceOnly: true });

  test('[SIM-49] are not read at the start, but each once at its first use, as they were', async () => {
    const store = new ReadStore();
    const first = await venueWorld({ store, accounts: ['a', 'b', 'c'] });
    accepted(await first.venue.placeOrder(buy('a')));
    const bought = buy('b');
    accepted(await first.venue.placeOrder(bought));
    accepted(await first.venue.placeOrder(sell('b')));
    const before = await first.venue.readAccount({ accountId: 'b' });
    await first.stop();
    expect((await store.open()).accounts.map(({ accountId }) => accountId)).toEqual(['a']);

    store.read.length = 0;
    const second = await venueWorld({ store, feed: first.feed, accounts: [] });
    expect((await second.venue.readAccount(account)).positions).toHaveLength(1);
    expect(store.read).toEqual([]);
    const [state, opened, again] = await Promise.all([
      second.venue.readAccount({ accountId: 'b' }),
      second.venue.openAccount({ accountId: 'b' }, d('1')),
      second.venue.placeOrder(bought),
    ]);
    expect([state.balances, state.cursors.fills, opened]).toEqual([
      before.balances,
      before.cursors.fills,
      undefined,
    ]);
    expect(again).toMatchObject({ code: 'duplicate_client_id' });
    accepted(await second.venue.placeOrder(buy('b')));
    expect(store.read).toEqual(['b']);
    await second.venue.openAccount({ accountId: 'new' }, d('500'));
    const ids = [
      accepted(await second.venue.placeOrder(buy('c'))),
      accepted(await second.venue.placeOrder(buy('new'))),
    ];
    expect(new Set(ids).size).toBe(2);
    await second.stop();
  });

  test('[SIM-49] asked for twice at once an account is opened once: no commit holds it twice', async () => {
    const store = new GatedStore();
    const w = await venueWorld({ store, accounts: ['a'] });
    const twice = [1, 2].map(() => w.venue.openAccount({ accountId: 'new' }, d('500')));
    expect(await Promise.all(twice)).toEqual([undefined, undefined]);
    const written = store.batches.flatMap(({ accounts }) => accounts.map(({ accountId }) => accountId));
    expect(written).toEqual(['a', 'new']);
    expect((await w.venue.readAccount({ accountId: 'new' })).balances).toEqual({ USDT: '500' });
    accepted(await w.venue.placeOrder(buy('a')));
    await w.stop();
  });

  test('[SIM-78] leave memory when a thousand others were used since, and come back as they were', async () => {
    const store = new ReadStore();
    const w = await venueWorld({ store, accounts: ['a', 'b'] });
    accepted(await w.venue.placeOrder(buy('a')));
    for (let n = 0; n < 1_001; n += 1) await w.venue.openAccount({ accountId: `other${n}` }, d('10'));
    store.read.length = 0;
    expect((await w.venue.readAccount({ accountId: 'b' })).positions).toEqual([]);
    expect((await w.venue.readAccount(account)).positions).toHaveLength(1);
    // Whoever has something open stays; the one that was used last is there.
    expect(store.read).toEqual(['b']);
    accepted(await w.venue.placeOrder(sell('a')));
    for (let n = 0; n < 1_001; n += 1) await w.venue.readAccount({ accountId: `other${n}` });
    store.read.length = 0;
    expect((await w.venue.readAccount(account)).positions).toEqual([]);
    expect(store.read).toEqual(['a']);
    await w.stop();
  });

  test('[SIM-49] tables of an older venue are told apart by what their accounts have', async () => {
    const { url, open } = await database();
    const first = await venueWorld({ store: open(), accounts: ['a', 'b'] });
    accepted(await first.venue.placeOrder(buy('a')));
    await first.stop();
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    await sql`ALTER TABLE venue_sim.accounts DROP COLUMN has_open`;
    await sql.end();
    const store = open();
    const { accounts, lastNumber } = await store.open();
    expect([accounts.map(({ accountId }) => accountId), lastNumber]).toEqual([['a'], 2]);
    expect(await store.account('b')).toMatchObject({ accountId: 'b', number: 2 });
    expect(await store.account('nobody')).toBeUndefined();
    await store.close();
  });
});
