import { inputsNow } from '../../core/bot/barsDue.ts';
import type { Context } from '../../core/context.ts';
import type { Clock } from '../../ports/clock.ts';
import { VENUE_ANSWER_MS } from '../../runtime/boundedVenue.ts';
import type { RecoveryPauses } from '../../runtime/deskFailures.ts';
import type { Instead } from '../../runtime/kernel.ts';
import type { World } from '../world.ts';
import { contextWith } from './contextWith.ts';

interface Mutations {
  instead: Instead;
  recoveryPauses: RecoveryPauses | undefined;
  steady(clock: Clock): Clock;
  context(real: Context): Context;
}

/** What a deliberate breakage hands to a kernel in place of its parts, settings and clock. */
export function kernelMutations(world: World): Mutations {
  const { sabotage } = world;
  const { due, recoveryPauseMs, sendsAfterWait } = sabotage;
  const instead: Instead = {};
  if (due !== undefined) instead.due = (...args) => due(inputsNow, ...args);
  if (sabotage.sendsWithdrawn === true) instead.withdrawn = () => null;
  if (sendsAfterWait !== undefined || sabotage.ignoresLease === true)
    instead.effectOptions = (real) => ({
      ...real,
      leaseLeftMs: sabotage.ignoresLease === true ? () => Number.POSITIVE_INFINITY : real.leaseLeftMs,
      withdrawn: (deskId, effect) => (effect.type === sendsAfterWait ? null : real.withdrawn(deskId, effect)),
    });
  return {
    instead,
    recoveryPauses:
      recoveryPauseMs === undefined
        ? undefined
        : { firstMs: recoveryPauseMs(1), lastMs: recoveryPauseMs(Number.POSITIVE_INFINITY) },
    steady: (clock) => (sabotage.waitsForReads === true ? withoutDeadlines(clock) : clock),
    context: (real) => (sabotage.waitsForWallClock === true ? waitingForWallClock(world, real) : real),
  };
}

/** Venues are waited for for ever. */
function withoutDeadlines(clock: Clock): Clock {
  return {
    ...clock,
    after: (delayMs, run) => (delayMs === VENUE_ANSWER_MS ? () => {} : clock.after(delayMs, run)),
  };
}

/** Decisions measure by the wall clock, which stands still until it has caught up with where it was. */
function waitingForWallClock(world: World, real: Context): Context {
  let waitedFor = 0;
  return contextWith(real, {
    wallTime: {
      enumerable: true,
      get: () => {
        waitedFor = Math.max(waitedFor, world.wallTime);
        return waitedFor;
      },
    },
  });
}
