import { dec } from '../../../shared/domain/decimal.ts';
import type { Context } from '../../core/context.ts';
import { type Desk, openOrders, positionOf } from '../../core/desk.ts';
import { HAND_SLOT } from '../../core/fold/countExitFailures.ts';
import type { Input } from '../../core/inputs.ts';
import { placeTarget } from '../../core/protection/targets.ts';
import type { Sabotage } from '../sabotage.ts';
import { afterwards, type Mutant, submitting } from './mutant.ts';

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
    breaks: 'a take-profit by hand is placed anew while an emergency or a breach closes the position',
    caughtBy: ['INV-8'],
    sabotage: () =>
      afterwards((turn) => {
        for (const position of [...turn.desk.positions.values()]) {
          const { accountId, symbol, size, botId, protection } = position;
          const state = turn.desk.accounts.get(accountId);
          const price = protection.takeProfitPrice;
          const instrument = turn.context.instrument(state?.account.venue ?? '', symbol);
          if (state === undefined || price === undefined || instrument === undefined || botId !== null)
            continue;
          const isHeld = state.account.latch !== null || state.limits.breaches.length > 0;
          const isPlaced = [...openOrders(turn.desk, accountId, symbol)].some(
            (order) => order.purpose === 'take_profit',
          );
          if (isHeld && !isPlaced)
            placeTarget(turn, state, position, instrument, { slot: HAND_SLOT, price, size });
        }
      }),
  },
  {
    name: 'unfilled-close-untold',
    breaks: 'a close that is taken and given up with nothing filled counts as nothing worth telling',
    caughtBy: ['CLOSE'],
    sabotage: () => ({
      ...afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'AlertRaised' || event.data.alert.code !== 'close_refused') continue;
          if (event.data.alert.figures.cause.code.startsWith('gave_up'))
            turn.emit('AlertResolved', { alertId: event.data.alert.alertId });
        }
      }),
      often: ['book_empty'],
    }),
  },
  {
    name: 'decided-exit-not-repeated',
    breaks: 'an exit that was decided and got nothing is forgotten, unless its strategy says so again',
    caughtBy: ['EXIT'],
    sabotage: () => ({
      ...afterwards((turn, _input, { events }) => {
        for (const { kind, data } of events) {
          if (kind !== 'OrderRejected' && kind !== 'OrderCancelled') continue;
          const { purpose, accountId, symbol, slot } = data.order;
          const held = positionOf(turn.desk, accountId, symbol);
          const exits = held?.protection.exits.filter((exit) => exit.slot !== slot) ?? [];
          if (held === undefined || purpose !== 'exit' || exits.length === held.protection.exits.length)
            continue;
          const protection = { ...held.protection, exits };
          turn.emit('PositionChanged', { position: { ...held, protection }, trade: null });
        }
      }),
      often: ['order_rejected', 'book_empty'],
    }),
  },
  {
    name: 'target-id-repeats',
    breaks: 'a target is sent under the id of one that was sent before and is forgotten since',
    caughtBy: ['INV-4'],
    sabotage: () => {
      const ids = new Map<string, string>();
      return submitting((order) => {
        if (order.purpose !== 'take_profit') return order;
        const key = `${order.accountId}:${order.symbol}:${order.slot}`;
        const orderId = ids.get(key) ?? order.orderId;
        ids.set(key, orderId);
        return { ...order, orderId };
      });
    },
  },
];
