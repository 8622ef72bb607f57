import type { LatchReason } from '../../shared/domain/accountStatus.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Engine } from './engine.ts';
import { ONLY_SHARD } from './leaseKeeper.ts';

/** Desks that are being read from the log at a time: the database answers one while another is folded. */
const LOADS_AT_ONCE = 4;

/** How long nobody had a desk, and why its entries are latched for that. `now`: of the machine's clock. */
export function absenceOf(
  lastEventAt: number | null,
  restoredAt: number | null,
  now: number,
): { downMs: number; latch: LatchReason | null } {
  // Of the future: the clock was set back since, by at least as much as it is off.
  const downMs = lastEventAt === null ? 0 : Math.abs(now - lastEventAt);
  // Restored from a backup since: what the venue did in between is not in the log.
  const isRestored = restoredAt !== null && lastEventAt !== null && lastEventAt < restoredAt;
  return { downMs, latch: isRestored ? 'restored' : null };
}

/**
 * Loads every desk that has something to look after, and those somebody panicked on, and lets each ask its venues what is
 * true. `clock`: the machine's.
 */
export async function recoverDesks(engine: Engine, log: DeskLog, clock: Clock): Promise<void> {
  const [awake, panicked, restoredAt] = await Promise.all([
    log.awakeDesks(ONLY_SHARD),
    engine.panics.desks(log),
    log.restoredAt(),
  ]);
  const waiting = new Set([...awake, ...panicked]).values();
  const recoverNext = async (): Promise<void> => {
    // One iterator for all: each desk is taken by one of them.
    for (const deskId of waiting) {
      const { lastEventAt, panics } = await engine.load(deskId);
      engine.recover(deskId, panics, absenceOf(lastEventAt, restoredAt, clock.now()));
    }
  };
  await Promise.all(Array.from({ length: LOADS_AT_ONCE }, recoverNext));
}
