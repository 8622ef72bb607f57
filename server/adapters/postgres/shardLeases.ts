import type { Clock } from '../../ports/clock.ts';
import type { HeldLease, ShardLeases } from '../../ports/shardLeases.ts';
import type { Sql } from './openPostgres.ts';

/**
 * Leases as rows, timed by the database's clock. What we return ends earlier than that by the time the answer took,
 * so we never believe in a lease longer than the database does.
 */
export class PostgresShardLeases implements ShardLeases {
  readonly #sql: Sql;
  readonly #clock: Clock;

  constructor(sql: Sql, clock: Clock) {
    this.#sql = sql;
    this.#clock = clock;
  }

  async acquire(shard: number, owner: string, ttlMs: number): Promise<HeldLease | undefined> {
    const askedAt = this.#clock.now();
    // The conflicting update waits for an append in flight, which holds the row for share.
    const [row] = await this.#sql<{ token: string }[]>`
      insert into lease (shard, owner, token, expires_at)
      values (${shard}, ${owner}, 1, clock_timestamp() + ${ttlMs} * interval '1 millisecond')
      on conflict (shard) do update
        set owner = excluded.owner, token = lease.token + 1,
          expires_at = clock_timestamp() + ${ttlMs} * interval '1 millisecond'
        where lease.expires_at <= clock_timestamp() or lease.owner = excluded.owner
      returning token::text`;
    return row === undefined ? undefined : { shard, token: BigInt(row.token), expiresAt: askedAt + ttlMs };
  }

  async renew(lease: HeldLease, ttlMs: number): Promise<HeldLease | undefined> {
    const askedAt = this.#clock.now();
    const result = await this.#sql`
      update lease set expires_at = clock_timestamp() + ${ttlMs} * interval '1 millisecond'
      where shard = ${lease.shard} and token = ${lease.token.toString()}::bigint`;
    return result.count === 1 ? { ...lease, expiresAt: askedAt + ttlMs } : undefined;
  }

  async release(lease: HeldLease): Promise<void> {
    // The row stays, so that the token never repeats.
    await this.#sql`
      update lease set expires_at = clock_timestamp()
      where shard = ${lease.shard} and token = ${lease.token.toString()}::bigint`;
  }
}
