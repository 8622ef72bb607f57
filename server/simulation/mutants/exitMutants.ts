import { dec } from '../../../shared/domain/decimal.ts';
import type { Context } from '../../core/context.ts';
import type { Desk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import { guardTakeProfit } from '../../core/protection/manualTakeProfit.ts';
import type { Sabotage } from '../sabotage.ts';
import { afterwards, type Mutant } from './mutant.ts';

/** Looks after open positions as if the venue's price band were this; orders are still judged by the right one. */
function withBand(ratio: string, hear: (input: Input) => Input = (input) => input): Sabotage {
  const isJudged = (input: Input, desk: Desk): boolean =>
    input.type === 'Command' || (input.type === 'BarClosed' && desk.positions.size === 0);
  const changed = (context: Context): Context => ({
    ...context,
    instrument: (venue, symbol) => {
      const known = context.instrument(venue, symbol);
      return known && { ...known, priceBandRatio: dec(ratio) };
    },
  });
  return {
    decide: (core, desk, input, context) =>
      core(desk, hear(input), isJudged(input, desk) ? context : changed(context)),
  };
}

/** Targets and closes: taken, or told of. */
export const EXIT_MUTANTS: readonly Mutant[] = [
  {
    name: 'waiting-target-forgotten',
    breaks: 'a target that waits is never placed, wherever the price goes',
    caughtBy: ['TARGET'],
    profile: 'ideal',
    sabotage: () => withBand('-0.5'),
  },
  {
    name: 'band-refusal-is-final',
    breaks: 'a target outside the band is sent all the same, and given up when it is refused for that',
    caughtBy: ['TARGET'],
    profile: 'ideal',
    sabotage: () =>
      withBand('10', (input) => {
        if (input.type !== 'OrderAnswered' || input.answer.outcome !== 'rejected') return input;
        if (input.answer.code !== 'price_band') return input;
        return { ...input, answer: { ...input.answer, code: 'other' } };
      }),
  },
  {
    name: 'hand-target-placed-under-latch',
    breaks: 'a take-profit by hand is placed anew in spite of a latch or breach',
    caughtBy: ['INV-8'],
    sabotage: () =>
      afterwards((turn) => {
        for (const position of [...turn.desk.positions.values()]) {
          const state = turn.desk.accounts.get(position.accountId);
          if (state === undefined) continue;
          const account = { ...state.account, latch: null };
          const limits = { ...state.limits, breaches: [] };
          guardTakeProfit(turn, { ...state, account, limits }, position);
        }
      }),
  },
  {
    name: 'unfilled-close-untold',
    breaks: 'a close that is taken and given up with nothing filled counts as nothing worth telling',
    caughtBy: ['CLOSE'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'AlertRaised' || event.data.alert.code !== 'close_refused') continue;
          if (event.data.alert.message.includes('nothing filled'))
            turn.emit('AlertResolved', { alertId: event.data.alert.alertId });
        }
      }),
  },
];
