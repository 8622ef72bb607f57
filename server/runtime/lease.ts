import type { LeaseProof } from '../ports/deskLog.ts';

/** That the desks are this process's, and for how long. */
export interface Lease {
  /** What to prove it with. Throws when it is not held: nothing may be written then. */
  readonly held: LeaseProof;
  /** Ms until it ends unless renewed; 0 when it is not held. */
  leftMs(): number;
  /** Waits until the former holder has let go. `onLost`: another process has taken the desks over. */
  acquire(onLost: () => void): Promise<void>;
  /** Renews it now, which is a write: rejects while the store cannot take one. */
  renew(): Promise<void>;
  /** The store says that it is another's. */
  lost(): void;
  release(): Promise<void>;
}
