import type { DeskLog, LeaseProof } from '../ports/deskLog.ts';
import type { Lease } from './lease.ts';

/** The lease of a log that nobody else writes, a replay's or a test's: it never ends by itself. */
export function soleLease(log: DeskLog, proof: LeaseProof): Lease {
  let onLost = (): void => {};
  return {
    held: proof,
    leftMs: () => Number.POSITIVE_INFINITY,
    acquire: async (handler) => {
      onLost = handler;
    },
    // Nothing to write: reading tells whether the log is there.
    renew: async () => {
      await log.heads([]);
    },
    lost: () => onLost(),
    release: async () => {},
  };
}
