import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ShardLeases } from './shardLeases.ts';

export interface ShardLeasesUnderTest {
  leases: ShardLeases;
  /** Lets a lease of `ttlMs` end. */
  expire(shard: number, ttlMs: number): Promise<void>;
  close(): Promise<void>;
}

const TTL_MS = 60_000;

/** What every ShardLeases does. Each test uses a shard of its own. */
export function shardLeasesContract(name: string, open: () => Promise<ShardLeasesUnderTest>): void {
  describe(`shard leases contract: ${name}`, () => {
    let under: ShardLeasesUnderTest;
    let shard = 1_000;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    async function acquire(owner: string) {
      const lease = await under.leases.acquire(shard, owner, TTL_MS);
      if (lease === undefined) throw new Error('the lease is taken');
      return lease;
    }

    test('[LEASE-1] one holder at a time', async () => {
      shard += 1;
      const lease = await acquire('a');
      expect(await under.leases.acquire(shard, 'b', TTL_MS)).toBeUndefined();
      expect(await under.leases.renew(lease, TTL_MS)).toMatchObject({ shard, token: lease.token });
    });

    test('[LEASE-2] of many at once one gets it', async () => {
      shard += 1;
      const asked = await Promise.all(
        Array.from({ length: 10 }, (_, index) => under.leases.acquire(shard, `owner${index}`, TTL_MS)),
      );
      expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    test('[LEASE-3] every takeover has a greater token, also after a release', async () => {
      shard += 1;
      const first = await acquire('a');
      await under.leases.release(first);
      const second = await acquire('b');
      await under.expire(shard, TTL_MS);
      const third = await acquire('c');
      expect(second.token).toBeGreaterThan(first.token);
      expect(third.token).toBeGreaterThan(second.token);
    });

    test('[LEASE-4] an expired lease can be taken; its former holder can neither renew nor release it', async () => {
      shard += 1;
      const lost = await acquire('a');
      await under.expire(shard, TTL_MS);
      await acquire('b');
      expect(await under.leases.renew(lost, TTL_MS)).toBeUndefined();
      await under.leases.release(lost);
      expect(await under.leases.acquire(shard, 'c', TTL_MS)).toBeUndefined();
    });

    test('[LEASE-5] an expired lease that nobody took is renewed', async () => {
      shard += 1;
      const lease = await acquire('a');
      await under.expire(shard, TTL_MS);
      expect(await under.leases.renew(lease, TTL_MS)).toMatchObject({ token: lease.token });
      expect(await under.leases.acquire(shard, 'b', TTL_MS)).toBeUndefined();
    });
  });
}
