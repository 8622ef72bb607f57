import { expect, test, vi } from 'vitest';
import { MemoryShardLeases } from '../adapters/memory/shardLeases.ts';
import { MemoryStore } from '../adapters/memory/store.ts';
import type { Clock } from '../ports/clock.ts';
import type { ShardLeases } from '../ports/shardLeases.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { LEASE_TTL_MS, LeaseKeeper } from './leaseKeeper.ts';
import { StoreHealth } from './storeHealth.ts';

function keeperOf(leases: ShardLeases, clock: Clock, owner: string): LeaseKeeper {
  const logger = new RecordingLogger();
  return new LeaseKeeper({ leases, clock, logger, owner, health: new StoreHealth({ clock, logger }) });
}

function twoProcesses() {
  const clock = new ManualClock();
  const leases = new MemoryShardLeases(new MemoryStore(), clock);
  const keeper = (owner: string) => keeperOf(leases, clock, owner);
  return { clock, leases, first: keeper('first'), second: keeper('second') };
}

/** Lets promises run between steps of the hand-moved clock. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    clock.advance(Math.min(250, left));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('[RUN-17] the lease is renewed for as long as the process lives', async () => {
  const { clock, first } = twoProcesses();
  const lost = vi.fn();
  await first.acquire(lost);
  const { token } = first.held;
  await pass(clock, LEASE_TTL_MS * 5);
  expect(first.held.token).toBe(token);
  expect(first.leftMs()).toBeGreaterThan(0);
  expect(lost).not.toHaveBeenCalled();
});

test('[RUN-17] [INV-2] another process waits for it; taken over, the former holder can prove nothing', async () => {
  const { clock, leases, first, second } = twoProcesses();
  const lost = vi.fn();
  await first.acquire(lost);
  const { token } = first.held;
  const waiting = second.acquire(() => {});
  await pass(clock, LEASE_TTL_MS);
  expect(second.leftMs()).toBe(0);
  // The first process is paused: it renews nothing, and its lease ends in the store.
  vi.spyOn(leases, 'renew').mockImplementation(() => new Promise(() => {}));
  await pass(clock, LEASE_TTL_MS + 1_000);
  await waiting;
  expect(second.held.token).toBeGreaterThan(token);
  expect(first.leftMs()).toBe(0);
  first.lost();
  expect(lost).toHaveBeenCalledTimes(1);
  expect(() => first.held).toThrow('not held');
});

test('[RUN-17] let go at the end of a process, it is there for the next at once', async () => {
  const { first, second } = twoProcesses();
  await first.acquire(() => {});
  await first.release();
  await second.acquire(() => {});
  expect(second.leftMs()).toBe(LEASE_TTL_MS);
});

test('[RUN-17] [INV-2] a wall clock that is set back does not make the lease longer', async () => {
  const clock = new ManualClock();
  let setBackMs = 0;
  const wall = {
    now: () => clock.now() - setBackMs,
    elapsed: () => clock.now(),
    after: (delayMs: number, run: () => void) => clock.after(delayMs, run),
    soon: (run: () => void) => clock.soon(run),
  };
  const leases = new MemoryShardLeases(new MemoryStore(), wall);
  vi.spyOn(leases, 'renew').mockImplementation(() => new Promise(() => {}));
  const keeper = keeperOf(leases, wall, 'only');
  await keeper.acquire(() => {});
  setBackMs = 60_000;
  expect(keeper.leftMs()).toBe(LEASE_TTL_MS);
  clock.advance(LEASE_TTL_MS);
  expect(keeper.leftMs()).toBe(0);
});
