import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppendOutcome } from '../../ports/deskLog.ts';
import { ChildProgram } from '../../testing/childProgram.ts';
import { waitFor } from '../../testing/patience.ts';
import { openPostgresStorage } from '../../testing/postgresStorage.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { sampleAppend, sampleBill } from '../../testing/storedSamples.ts';
import { PostgresDeskLog } from './deskLog.ts';
import { openPostgres } from './openPostgres.ts';

describe('one writer per desk', () => {
  let storage: Awaited<ReturnType<typeof openPostgresStorage>>;
  beforeAll(async () => {
    storage = await openPostgresStorage();
  });
  afterAll(() => storage.close());

  async function acquire(shard: number, owner = 'me') {
    const lease = await storage.leases.acquire(shard, owner, 60_000);
    if (lease === undefined) throw new Error('the lease is taken');
    return lease;
  }
  /** Statements of this database that wait for a lock. */
  async function waiting(): Promise<number> {
    const rows = await storage.sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    return rows.length;
  }
  const headOf = async (deskId: string): Promise<number> =>
    (await storage.log.heads([deskId])).get(deskId) ?? 0;

  test('[LEASE-6] two processes fighting for a lease write one gap-free log, each only under its own token', async () => {
    const owners = await Promise.all(
      [1, 2].map(() => ChildProgram.start('shardOwner', storage.url, 'fought')),
    );
    const outcomes: AppendOutcome['outcome'][] = [];
    const watch = owners.map(async (owner) => {
      while (outcomes.filter((outcome) => outcome === 'lease_lost').length < 10) {
        outcomes.push((await owner.receive<{ outcome: AppendOutcome['outcome'] }>()).outcome);
      }
    });
    await Promise.race(watch);
    await Promise.all(owners.map((owner) => owner.kill()));
    await Promise.allSettled(watch);
    expect(new Set(outcomes)).toEqual(new Set(['committed', 'lease_lost']));
    const events = await storage.log.read('fought', 0, 1_000_000);
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    const tokens = events.map((event) => BigInt((JSON.parse(event.body) as { token: string }).token));
    expect(tokens.every((token, index) => index === 0 || token >= (tokens[index - 1] ?? 0n))).toBe(true);
  });

  test('[LEASE-7] a takeover waits for the append in flight, and fences every later one', async () => {
    const lease = await acquire(2);
    await storage.expire(2);
    const blocker = await storage.sql.reserve();
    // Holds the append inside its transaction, after its check of the lease.
    await blocker`begin`;
    await blocker`lock table event in exclusive mode`;
    const append = storage.log.append(lease, [sampleAppend('taken', 0, 1)]);
    await waitFor(async () => expect(await waiting()).toBe(1));
    const takeover = storage.leases.acquire(2, 'another', 60_000);
    await waitFor(async () => expect(await waiting()).toBe(2));
    await blocker`commit`;
    blocker.release();
    expect(await append).toEqual({ outcome: 'committed' });
    expect((await takeover)?.token).toBe(lease.token + 1n);
    expect(await storage.log.append(lease, [sampleAppend('taken', 1, 1)])).toEqual({ outcome: 'lease_lost' });
    expect(await headOf('taken')).toBe(1);
  });

  test('[LEASE-8] a holder never believes in its lease longer than the database does', async () => {
    const lease = await acquire(6);
    const renewed = await storage.leases.renew(lease, 5_000);
    const [row] = await storage.sql<{ at: string }[]>`
      select extract(epoch from expires_at) * 1000 as at from lease where shard = 6`;
    expect(renewed?.expiresAt).toBeGreaterThan(0);
    // Both clocks are this machine's here, so the difference is the time the answer took.
    expect(renewed?.expiresAt ?? 0).toBeLessThanOrEqual(Math.ceil(Number(row?.at)));
  });

  test('[LOG-20] a connection cut in the middle of an append is `unknown`; the heads then say that nothing was written', async () => {
    const lease = await acquire(3);
    const blocker = await storage.sql.reserve();
    await blocker`begin`;
    await blocker`lock table bill_history in exclusive mode`;
    const projections = { orders: [], fills: [], trades: [], equity: [], bills: [sampleBill('b')] };
    const append = storage.log.append(lease, [sampleAppend('cut', 0, 5, { projections })]);
    await waitFor(async () => {
      const killed = await storage.sql`
        select pg_terminate_backend(pid) from pg_locks where not granted and relation = 'bill_history'::regclass`;
      expect(killed).toHaveLength(1);
    });
    await blocker`commit`;
    blocker.release();
    expect(await append).toMatchObject({ outcome: 'unknown' });
    expect(await headOf('cut')).toBe(0);
    expect(await storage.log.append(lease, [sampleAppend('cut', 0, 5, { projections })])).toEqual({
      outcome: 'committed',
    });
    expect(await headOf('cut')).toBe(5);
  });

  test('[LOG-21] after any outcome the head decides: connections cut at random lose and repeat nothing', async () => {
    const lease = await acquire(4);
    let head = 0;
    let unknown = 0;
    for (let round = 0; round < 50 || (unknown === 0 && round < 1_000); round += 1) {
      const answer = storage.log.append(lease, [sampleAppend('random', head, 2)]);
      const kill = storage.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and query like '%append_batch%'`;
      const [{ outcome }] = await Promise.all([answer, kill.catch(() => undefined)]);
      const actual = await waitFor(() => headOf('random'));
      if (outcome === 'committed') expect(actual).toBe(head + 2);
      else if (outcome === 'failed') expect(actual).toBe(head);
      else expect([head, head + 2]).toContain(actual);
      if (outcome === 'unknown') unknown += 1;
      head = actual;
    }
    expect(unknown).toBeGreaterThan(0);
    // The last cut may have met the connection that this is asked on.
    const events = await waitFor(() => storage.log.read('random', 0, 1_000));
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: head }, (_, index) => index + 1));
  });

  test('[LOG-22] what the server refuses, or never got, is `failed`', async () => {
    const lease = await acquire(5);
    const projections = {
      orders: [],
      fills: [],
      trades: [],
      equity: [],
      bills: [sampleBill('b', { amount: 'much' })],
    };
    const refused = await storage.log.append(lease, [sampleAppend('refused', 0, 1, { projections })]);
    expect(refused).toMatchObject({ outcome: 'failed' });
    expect(await headOf('refused')).toBe(0);
    const gone = openPostgres('postgres://nobody@127.0.0.1:1/none', { logger: new RecordingLogger() });
    const unreached = await new PostgresDeskLog(gone.sql).append(lease, [sampleAppend('refused', 0, 1)]);
    expect(unreached).toMatchObject({ outcome: 'failed' });
    await gone.close();
  });
});
