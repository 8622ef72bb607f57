import { DeskFold } from '../../../shared/sdk/deskFold.ts';
import type { BarArrived } from '../../core/bot/barsDue.ts';
import { GivenBars } from '../../core/bot/givenBars.ts';
import type { Input } from '../../core/inputs.ts';
import { DeskFeed } from '../../gateway/deskFeed.ts';
import { AccountComparisons } from '../../runtime/accountComparisons.ts';
import { Appender } from '../../runtime/appender.ts';
import { MarketTrack } from '../../runtime/barHub/marketTrack.ts';
import { DeskIndex } from '../../runtime/deskIndex.ts';
import { DeskRestorer } from '../../runtime/deskRestorer.ts';
import { DeskTicks } from '../../runtime/deskTicks.ts';
import { Engine } from '../../runtime/engine.ts';
import { LeaseKeeper } from '../../runtime/leaseKeeper.ts';
import { VenueLanes } from '../../runtime/venueLanes.ts';
import type { Sabotage } from '../sabotage.ts';
import type { Mutant } from './mutant.ts';
import { replacing } from './replacing.ts';

/** What comes to no desk's inbox. */
function deafTo(types: readonly (Input | BarArrived)['type'][]): NonNullable<Sabotage['parts']> {
  return () =>
    replacing(
      Engine.prototype,
      'submit',
      (real) =>
        function (this: Engine, ...given) {
          if (!types.includes(given[1].type)) real.apply(this, given);
        },
    );
}

/** Parts of the runtime, of the gateway and of the SDK that do not do what they are for. */
export const RUNTIME_MUTANTS: readonly Mutant[] = [
  {
    name: 'lease-left-by-the-wall-clock',
    breaks: 'a wall clock that is set back makes a lease last longer',
    caughtBy: ['INV-2'],
    sabotage: () => ({
      often: ['clock_back', 'pause_beyond_lease'],
      parts: (world) =>
        replacing(
          LeaseKeeper.prototype,
          'leftMs',
          (real) =>
            function (this: LeaseKeeper) {
              return real.call(this) === 0 ? Math.max(0, leaseEnd(this) - world.wallTime) : real.call(this);
            },
        ),
    }),
  },
  {
    name: 'lane-open-while-the-venue-takes-nothing',
    breaks: 'calls go on leaving while the venue asks for a pause',
    caughtBy: ['PACE'],
    sabotage: () => ({
      often: ['lane_wait'],
      parts: () => replacing(VenueLanes.prototype, 'close', () => () => {}),
    }),
  },
  {
    name: 'bars-of-a-lost-batch-not-asked-again',
    breaks: 'bots are not asked again about a bar whose decision was lost with its batch',
    caughtBy: ['BARS'],
    sabotage: () => ({
      often: ['commit_failed'],
      parts: () => replacing(GivenBars.prototype, 'rewind', () => () => {}),
    }),
  },
  {
    name: 'desk-not-read-back-after-a-lost-batch',
    breaks: 'a desk whose batch was not stored goes on from what it had decided',
    caughtBy: ['INV-3', 'INV-1'],
    sabotage: () => ({
      often: ['commit_failed'],
      parts: () =>
        replacing(DeskRestorer.prototype, 'reload', () => (record) => {
          record.state = 'ready';
        }),
    }),
  },
  {
    name: 'desk-read-back-amid-its-commit',
    breaks: 'a desk is read from the log before what is on its way there has arrived',
    caughtBy: ['INV-3', 'REST'],
    sabotage: () => ({
      often: ['decision_fails', 'commit_slow'],
      parts: () => replacing(Appender.prototype, 'released', () => async () => {}),
    }),
  },
  {
    name: 'desk-read-back-asks-nothing',
    breaks: 'a desk that was read from the log asks no venue what is true',
    caughtBy: ['READY'],
    sabotage: () => ({ parts: () => replacing(Engine.prototype, 'recover', () => () => {}) }),
  },
  {
    name: 'pushes-go-unheard',
    breaks: 'nothing that venues tell of accounts comes to their desks',
    caughtBy: ['HEARD'],
    sabotage: () => ({ parts: deafTo(['VenueFillSeen', 'VenueOrderSeen', 'VenueBillSeen']) }),
  },
  {
    name: 'time-brings-nothing',
    breaks: 'no desk is looked at while time passes',
    caughtBy: ['TIME', 'INV-5', 'REST', 'FLAT', 'INV-6', 'BEHIND', 'TARGET'],
    sabotage: () => ({ parts: () => replacing(DeskTicks.prototype, 'run', () => () => {}) }),
  },
  {
    name: 'accounts-never-compared',
    breaks: 'what a lost push told is never found',
    caughtBy: ['INV-9', 'INV-5', 'INV-6', 'REST'],
    sabotage: () => ({
      often: ['push_dropped', 'transfer'],
      parts: () => replacing(AccountComparisons.prototype, 'run', () => () => {}),
    }),
  },
  {
    name: 'account-opened-later-goes-unheard',
    breaks: 'pushes reach only the first account of a desk',
    caughtBy: ['HEARD'],
    sabotage: () => ({
      parts: () =>
        replacing(
          DeskIndex.prototype,
          'deskOfAccount',
          (real) =>
            function (this: DeskIndex, accountId) {
              const deskId = real.call(this, accountId);
              const first = [...this.accounts()].find(([, owner]) => owner === deskId)?.[0];
              return first === accountId ? deskId : undefined;
            },
        ),
    }),
  },
  {
    name: 'interrupted-feed-counts-as-live',
    breaks: 'prices from before a gap of the feed count as fresh',
    caughtBy: ['INV-10'],
    sabotage: () => ({
      often: ['feed_gap'],
      parts: () => replacing(MarketTrack.prototype, 'isFresh', () => () => true),
    }),
  },
  {
    name: 'lost-answer-counts-as-stored',
    breaks: 'a commit whose answer was lost counts as stored without a look at the log',
    caughtBy: ['INV-1', 'INV-3'],
    sabotage: () => ({ often: ['commit_never_arrived'], believesLost: true }),
  },
  {
    name: 'resume-folds-nothing-of-what-was-missed',
    breaks: 'a device that comes back counts what it missed as shown',
    caughtBy: ['INV-3'],
    sabotage: () => ({
      parts: () =>
        replacing(
          DeskFold.prototype,
          'takeJoin',
          (real) =>
            function (this: DeskFold, join, compareHash) {
              if (!join.recovered) return real.call(this, join, compareHash);
              const frames = join.frames.map((frame) => ({
                ...frame,
                kind: 'skipped',
              })) as unknown as typeof join.frames;
              return real.call(this, { ...join, frames }, compareHash);
            },
        ),
    }),
  },
  {
    name: 'lost-frame-of-the-bus-not-read',
    breaks: 'what the bus lost is never read from the log',
    caughtBy: ['REST', 'INV-3'],
    sabotage: () => ({
      often: ['frames_lost'],
      parts: () => replacing(DeskFeed.prototype, 'notice', () => () => {}),
    }),
  },
];

function leaseEnd(keeper: LeaseKeeper): number {
  try {
    return keeper.held.expiresAt;
  } catch {
    return 0;
  }
}
