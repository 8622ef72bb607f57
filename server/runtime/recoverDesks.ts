import type { LatchReason } from '../../shared/domain/accountStatus.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Engine } from './engine.ts';
import { ONLY_SHARD } from './leaseKeeper.ts';

/** Desks that are asked for together, and how often at a time: the database answers while others are folded. */
const DESKS_AT_ONCE = 25;
const LOADS_AT_ONCE = 2;

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
  const [awake, panics, restoredAt] = await Promise.all([
    log.awakeDesks(ONLY_SHARD),
    engine.panics.pending('all'),
    log.restoredAt(),
  ]);
  const owners = panics.map(({ record }) => log.deskOfAccount(record.accountId));
  const panicked = (await Promise.all(owners)).filter((deskId) => deskId !== undefined);
  const deskIds = [...new Set([...awake, ...panicked])];
  const recoverNext = async (): Promise<void> => {
    for (;;) {
      const taken = deskIds.splice(0, DESKS_AT_ONCE);
      if (taken.length === 0) return;
      for (const { desk, lastEventAt } of await engine.load(taken)) {
        // Read once for all: of a log of an older server only the desk knows which accounts are its own.
        const found = panics.filter(({ record }) => desk.accounts.has(record.accountId));
        engine.recover(desk.deskId, found, absenceOf(lastEventAt, restoredAt, clock.now()));
      }
    }
  };
  await Promise.all(Array.from({ length: LOADS_AT_ONCE }, recoverNext));
}
