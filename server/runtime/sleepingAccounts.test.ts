import { expect, it } from 'vitest';
import type { DirectoryEntry } from '../ports/accountDirectory.ts';
import type { AccountsPage } from '../ports/deskLog.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { SleepingAccounts, type SleepingAccountsOptions } from './sleepingAccounts.ts';
import { StoreHealth } from './storeHealth.ts';

const VENUE_ANSWER_MS = 10_000;

/** Accounts of sleeping desks at venues that answer, or do not. */
function accountsWorld(entries: DirectoryEntry[]) {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const health = new StoreHealth({ clock, logger });
  const silent = new Set<string>();
  const looked: string[] = [];
  const woken: string[] = [];
  const store = { hangs: false };
  const answer = <T>(value: T): Promise<T> => (store.hangs ? new Promise(() => {}) : Promise.resolve(value));
  const options = {
    ...{ clock, logger, health, venues: new Set(entries.map(({ venue }) => venue)) },
    engine: { record: () => undefined },
    waker: { wake: async (deskId: string) => void woken.push(deskId) },
    effects: {
      lookAt: async (venue: string, accountId: string) => {
        if (silent.has(venue)) {
          await new Promise<void>((resolve) => clock.after(VENUE_ANSWER_MS, resolve));
          throw new Error('no answer');
        }
        looked.push(accountId);
        return { orders: [], positions: [] };
      },
    },
    log: {
      accounts: (_shard: number, { after, limit, asleepAt }: AccountsPage) =>
        answer(
          entries.filter(({ accountId, venue }) => accountId > after && venue === asleepAt).slice(0, limit),
        ),
      deskOfAccount: (id: string) => answer(entries.find(({ accountId }) => accountId === id)?.deskId),
    },
  } as unknown as SleepingAccountsOptions;
  const sleeping = new SleepingAccounts(options);
  const pass = async (seconds: number, each: (second: number) => void = () => {}): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      each(second);
      sleeping.run();
      for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(1_000);
    }
  };
  return { sleeping, health, store, silent, looked, woken, pass };
}

const entry = (n: number, venue = 'sim'): DirectoryEntry => {
  const id = String(n).padStart(4, '0');
  return { accountId: id, deskId: `u${id}`, name: 'Main', venue, book: 'simulated' };
};

it('[SLEEP-11] however often a stream breaks, each has its turn', async () => {
  const world = accountsWorld(Array.from({ length: 400 }, (_, n) => entry(n)));
  await world.pass(120, (second) => {
    if (second % 3 === 0) world.sleeping.beginAnew();
  });
  expect(new Set(world.looked).size).toBe(400);
});

it('[SLEEP-11] a stream that broke has all of them looked at from then on, without waiting', async () => {
  const world = accountsWorld(Array.from({ length: 120 }, (_, n) => entry(n)));
  await world.pass(2);
  world.sleeping.beginAnew();
  world.looked.length = 0;
  await world.pass(10);
  expect(new Set(world.looked).size).toBe(120);
  // And then they rest until their next turn.
  world.looked.length = 0;
  await world.pass(60);
  expect(world.looked).toEqual([]);
});

it('[SLEEP-11] a venue that does not answer holds up no other', async () => {
  const world = accountsWorld(
    Array.from({ length: 400 }, (_, n) => entry(n, n % 2 === 0 ? 'silent' : 'sim')),
  );
  world.silent.add('silent');
  await world.pass(120);
  expect(new Set(world.looked).size).toBe(200);
  world.silent.clear();
  await world.pass(240);
  expect(new Set(world.looked).size).toBe(400);
});

it('[SLEEP-13] a question that the store never answered is given up: who is told of later is woken', async () => {
  const world = accountsWorld([entry(1), entry(2)]);
  world.store.hangs = true;
  world.sleeping.told('0001');
  await world.pass(6);
  expect(world.health.degradation).not.toBeNull();
  world.store.hangs = false;
  world.health.worked();
  world.sleeping.told('0002');
  await world.pass(2);
  expect(world.woken).toEqual(['u0002']);
  expect(world.looked).toEqual(['0001', '0002']);
});
