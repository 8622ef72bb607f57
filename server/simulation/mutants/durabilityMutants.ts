import type { DeskAppend } from '../../ports/deskLog.ts';
import type { Mutant } from './mutant.ts';

function inSnapshot(append: DeskAppend, change: (state: Record<string, unknown>) => object): DeskAppend {
  const { snapshot } = append;
  if (snapshot === undefined) return append;
  const state = JSON.parse(snapshot.state) as Record<string, unknown>;
  return { ...append, snapshot: { ...snapshot, state: JSON.stringify({ ...state, ...change(state) }) } };
}

/** Commit, then act; one writer; what was committed is what is read back. */
export const DURABILITY_MUTANTS: readonly Mutant[] = [
  {
    name: 'published-before-commit',
    breaks: 'frames go out before their events are committed',
    caughtBy: ['INV-1'],
    sabotage: () => ({ publishesEarly: true }),
  },
  {
    name: 'acted-before-commit',
    breaks: 'effects run before what they follow from is committed',
    caughtBy: ['INV-1'],
    sabotage: () => ({ actsEarly: true }),
  },
  {
    name: 'append-not-fenced',
    breaks: 'a process whose desks were taken over can still append',
    caughtBy: ['INV-2', 'INV-3'],
    sabotage: () => ({ neverFences: true }),
  },
  {
    name: 'lease-not-checked-before-a-write',
    breaks: 'a process writes to the venue after its lease is over',
    caughtBy: ['INV-2'],
    sabotage: () => ({ ignoresLease: true }),
  },
  {
    name: 'answer-not-stored-with-its-events',
    breaks: 'a command that is sent again is carried out again',
    caughtBy: ['CMD'],
    sabotage: () => ({ forgetsCommands: true }),
  },
  {
    name: 'seq-gap',
    breaks: 'an event of a batch is lost on its way to the log',
    caughtBy: ['INV-3'],
    sabotage: () => ({
      append: (append) =>
        append.events.length < 3
          ? append
          : { ...append, events: append.events.filter((_, index) => index !== 1) },
    }),
  },
  {
    name: 'snapshot-drops-a-field',
    breaks: 'a snapshot forgets what the venue confirmed of leverage and margin',
    caughtBy: ['INV-3'],
    sabotage: () => ({
      append: (append) =>
        inSnapshot(append, ({ accounts }) => ({
          accounts: (accounts as object[]).map((account) => ({ ...account, configured: [] })),
        })),
    }),
  },
  {
    name: 'snapshot-drops-an-order',
    breaks: 'a snapshot forgets the oldest working order',
    caughtBy: ['INV-3'],
    sabotage: () => ({
      append: (append) =>
        inSnapshot(append, ({ workingOrderIds }) => ({
          workingOrderIds: (workingOrderIds as string[]).slice(1),
        })),
    }),
  },
  {
    name: 'failing-recovery-loops',
    breaks: 'a desk whose recovery fails is recovered again at once',
    caughtBy: ['PACE'],
    sabotage: () => ({ often: ['decision_fails'], recoveryPauseMs: () => 0 }),
  },
  {
    name: 'stuck-desk-looks-after-nothing',
    breaks: 'a desk that waits for its recovery leaves positions, stops and closes alone',
    caughtBy: ['INV-5', 'TIME', 'TARGET'],
    sabotage: () => ({ often: ['decision_fails', 'stop_rejected'], stuckTakesNothing: true }),
  },
  {
    name: 'fold-skips-a-frame',
    breaks: 'what folds the frames of a desk leaves some of them out',
    caughtBy: ['INV-3'],
    sabotage: () => ({ skipsFrames: true }),
  },
  {
    name: 'frames-of-another-desk',
    breaks: 'a device is sent the frames of another user',
    caughtBy: ['INV-11'],
    sabotage: () => ({ misdelivers: true }),
  },
];
