import { describe, expect, test } from 'vitest';
import { deskLogContract } from '../../ports/deskLog.contract.ts';
import { historyContract } from '../../ports/history.contract.ts';
import { identityStoreContract } from '../../ports/identityStore.contract.ts';
import { shardLeasesContract } from '../../ports/shardLeases.contract.ts';
import { venueKeysContract } from '../../ports/venueKeys.contract.ts';
import { sampleAppend } from '../../testing/storedSamples.ts';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import { type AppendFaults, MemoryDeskLog } from './deskLog.ts';
import { MemoryHistory } from './history.ts';
import { MemoryIdentityStore } from './identityStore.ts';
import { MemorySealedKeyRows } from './sealedKeyRows.ts';
import { MemoryShardLeases } from './shardLeases.ts';
import { MemoryStore } from './store.ts';

const close = async () => undefined;

function makeStorage() {
  const store = new MemoryStore();
  const clock = new ManualClock();
  const leases = new MemoryShardLeases(store, clock);
  return { store, clock, leases, log: new MemoryDeskLog(store), history: new MemoryHistory(store), close };
}

deskLogContract('memory', async () => makeStorage());
historyContract('memory', async () => makeStorage());
identityStoreContract('memory', async () => ({ store: new MemoryIdentityStore(), close }));
venueKeysContract('memory', async () => ({ rows: new MemorySealedKeyRows(), close }));
shardLeasesContract('memory', async () => {
  const { leases, clock } = makeStorage();
  return { leases, close, expire: async (_shard, ttlMs) => clock.advance(ttlMs) };
});

describe('faults of the memory log', () => {
  async function appendWith(faults: AppendFaults) {
    const { store, leases } = makeStorage();
    const lease = await leases.acquire(1, 'me', 1_000);
    if (lease === undefined) throw new Error('the lease is taken');
    const log = new MemoryDeskLog(store, faults);
    const outcome = await log.append(lease, [sampleAppend('d', 0, 2)]);
    return { outcome: outcome.outcome, head: (await log.heads(['d'])).get('d') ?? 0 };
  }
  const fail = () => {
    throw new Error('disk full');
  };

  test('[LOG-19] before the commit nothing is written, after it only the answer is lost', async () => {
    expect(await appendWith({ beforeCommit: fail })).toEqual({ outcome: 'failed', head: 0 });
    expect(await appendWith({ afterCommit: fail })).toEqual({ outcome: 'unknown', head: 2 });
    expect(await appendWith({})).toEqual({ outcome: 'committed', head: 2 });
  });
});
