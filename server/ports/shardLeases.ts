import type { LeaseProof } from './deskLog.ts';

export interface HeldLease extends LeaseProof {
  /** Wall time, by the database's clock corrected to ours, at which it ends unless renewed. */
  expiresAt: number;
}

/** Who may write the desks of a shard. A takeover increments the token, which fences the former holder out. */
export interface ShardLeases {
  /** Undefined: another living process holds it. */
  acquire(shard: number, owner: string, ttlMs: number): Promise<HeldLease | undefined>;
  /** Undefined: lost. */
  renew(lease: HeldLease, ttlMs: number): Promise<HeldLease | undefined>;
  release(lease: HeldLease): Promise<void>;
}
