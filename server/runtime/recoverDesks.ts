import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Engine } from './engine.ts';
import { ONLY_SHARD } from './leaseKeeper.ts';

/** Desks that are being read from the log at a time: the database answers one while another is folded. */
const LOADS_AT_ONCE = 4;

/** Loads every desk of the log and lets each ask its venues what is true. `clock`: the machine's. */
export async function recoverDesks(engine: Engine, log: DeskLog, clock: Clock): Promise<void> {
  const waiting = (await log.desksOfShard(ONLY_SHARD)).values();
  const restoredAt = await log.restoredAt();
  const recoverNext = async (): Promise<void> => {
    // One iterator for all: each desk is taken by one of them.
    for (const deskId of waiting) {
      const { lastEventAt, panics } = await engine.load(deskId);
      // Of the future: the clock was set back since, by at least as much as it is off.
      const downMs = lastEventAt === null ? 0 : Math.abs(clock.now() - lastEventAt);
      // Restored from a backup since: what the venue did in between is not in the log.
      const isRestored = restoredAt !== null && lastEventAt !== null && lastEventAt < restoredAt;
      const latch = isRestored ? 'restored' : null;
      engine.recover(deskId, panics, { downMs, latch });
    }
  };
  await Promise.all(Array.from({ length: LOADS_AT_ONCE }, recoverNext));
}
