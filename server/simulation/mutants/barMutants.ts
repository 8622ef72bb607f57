import { seriesKey } from '../../core/bot/barsDue.ts';
import { hearing, type Mutant } from './mutant.ts';

/** Bars that are old, given twice, or not at all. */
export const BAR_MUTANTS: readonly Mutant[] = [
  {
    name: 'missed-bar-enters',
    breaks: 'no bar counts as missed: one that closed while the feed was gone opens a position',
    caughtBy: ['INV-10'],
    sabotage: () => hearing((input) => (input.type === 'BarClosed' ? { ...input, missed: false } : input)),
  },
  {
    name: 'waited-bar-enters',
    breaks: 'the newest bar is entered on however long it waited for its turn',
    caughtBy: ['INV-10'],
    sabotage: () => ({
      due: (real, desk, given, context, came) => {
        const inputs = real(desk, given, context, came);
        const newest = inputs.findLast((input) => input.type === 'BarClosed');
        return inputs.map((input) =>
          input === newest && input.type === 'BarClosed' ? { ...input, missed: false } : input,
        );
      },
    }),
  },
  {
    name: 'corrected-bar-acted-on',
    breaks: 'bots are asked again about a bar that was corrected after they were asked about it',
    caughtBy: ['BARS', 'INV-10'],
    sabotage: () => ({
      due: (real, desk, given, context, came) => {
        const inputs = real(desk, given, context, came);
        const asked = came.type === 'BarArrived' ? given.newest(seriesKey(came)) : undefined;
        if (came.type !== 'BarArrived' || asked === undefined || came.openTime > asked) return inputs;
        return [...inputs, { ...came, type: 'BarClosed', missed: false }];
      },
    }),
  },
  {
    name: 'missed-bars-not-given',
    breaks: 'of bars that come in a burst only the newest is given: exits on the others are lost',
    caughtBy: ['BARS'],
    sabotage: () => ({
      due: (real, desk, given, context, came) => {
        const inputs = real(desk, given, context, came);
        const isNewest = (at: number): boolean => {
          const next = inputs[at + 1]?.type;
          return next !== 'BarClosed' && next !== 'BarArrived';
        };
        return inputs.filter((input, at) => input.type !== 'BarClosed' || isNewest(at));
      },
    }),
  },
  {
    name: 'downtime-bars-not-given',
    breaks: 'bars that closed while nobody had the desk are never given',
    caughtBy: ['BARS'],
    sabotage: () => ({
      due: (real, desk, given, context, came) =>
        real(desk, given, context, came).filter(
          (input) =>
            input.type !== 'BarClosed' ||
            given.newest(seriesKey(input)) !== undefined ||
            context.series(input.venue, input.symbol, input.interval, 1)?.openTime[0] === input.openTime,
        ),
    }),
  },
  {
    name: 'bars-before-a-late-fill-not-given',
    breaks: 'a bar that closed before the fill of its bot was told is never given to it',
    caughtBy: ['BARS'],
    sabotage: () => ({
      often: ['push_dropped', 'push_delayed'],
      due: (real, desk, given, context, came) =>
        real(desk, given, context, came).filter(
          (input) => input.type !== 'BarClosed' || input.only === undefined,
        ),
    }),
  },
];
