import { eq, lt, ZERO } from '../../../shared/domain/decimal.ts';
import { readAccount } from '../../core/ask/readAccount.ts';
import { isUnderWay, positionOf, positionsOf } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import { afterwards, beforehand, joined, type Mutant, seeing } from './mutant.ts';

const MISSES = ['reading_lags', 'reading_omits', 'reading_partial'] as const;

/** The same once more, as if asked long after. */
const LATER_MS = 60_000;

function again(input: Input): Input | undefined {
  if (input.type === 'AccountRead')
    return { ...input, startedAt: input.startedAt + LATER_MS, endedAt: input.endedAt + LATER_MS };
  if (input.type === 'OrderFound' && input.askedAt !== undefined && input.order === null)
    return { ...input, askedAt: input.askedAt + LATER_MS * 60 };
  return undefined;
}

/** Takes each of these as if it had come twice, apart. */
const countingTwice =
  (type: Input['type']): Mutant['sabotage'] =>
  () => ({
    often: MISSES,
    decide: (core, desk, input, context) => {
      const second = input.type === type ? again(input) : undefined;
      const first = core(desk, input, context);
      return second === undefined ? first : joined(first, core(desk, second, context));
    },
  });

/** A reading is not one instant: what is taken from one alone. */
export const READING_MUTANTS: readonly Mutant[] = [
  {
    name: 'reading-asks-for-the-next',
    breaks: 'a reading that proves nothing to a bot that closes is followed by another at once',
    caughtBy: ['PACE'],
    sabotage: () =>
      afterwards((turn, input) => {
        const state = input.type === 'AccountRead' ? turn.desk.accounts.get(input.accountId) : undefined;
        if (state !== undefined && [...turn.desk.bots.values()].some(({ closing }) => closing))
          readAccount(turn, state);
      }),
  },
  {
    name: 'one-reading-counts-as-two',
    breaks: 'what one reading shows is taken as if a second one had shown it too',
    caughtBy: ['HELD', 'INV-7'],
    sabotage: countingTwice('AccountRead'),
  },
  {
    name: 'one-look-up-ends-an-order',
    breaks: 'an order that one look-up does not find is given up',
    caughtBy: ['INV-4'],
    sabotage: countingTwice('OrderFound'),
  },
  {
    name: 'one-reading-proves-flat',
    breaks: 'one reading that shows nothing of a bot, or of an account that is stopped, proves it flat',
    caughtBy: ['INV-7'],
    sabotage: () => ({
      often: MISSES,
      decide: (core, desk, input, context) => {
        if (input.type === 'AccountRead') {
          const { positions, orders } = input.state;
          const isFlat = positions.length + orders.length === 0;
          const emergencies = [...desk.emergencies.values()].filter(isUnderWay);
          const bots = [...desk.bots.values()].filter(({ closing }) => closing);
          // As it was believed before: what the reading shows ends the books, and the same reading proves it.
          if (isFlat && emergencies.length + bots.length > 0) {
            const first = core(desk, input, context);
            const later = (n: number): Input => ({ ...input, startedAt: input.startedAt + n * LATER_MS });
            return [1, 2].map(later).reduce((all, next) => joined(all, core(desk, next, context)), first);
          }
        }
        return core(desk, input, context);
      },
    }),
  },
  {
    name: 'one-reading-shrinks-a-position',
    breaks: 'a position that one reading shows smaller is smaller, and its stop with it',
    caughtBy: ['HELD'],
    sabotage: () => ({
      often: MISSES,
      ...beforehand((turn, input) => {
        if (input.type !== 'AccountRead') return;
        for (const { symbol, size, cost } of input.state.positions) {
          const held = positionOf(turn.desk, input.accountId, symbol);
          if (held !== undefined && lt(size, held.size) && !eq(size, ZERO))
            turn.emit('PositionChanged', { position: { ...held, size, cost }, trade: null });
        }
      }),
    }),
  },
  {
    name: 'one-reading-ends-a-position',
    breaks: 'a position that one reading does not show is gone, and its stop is cancelled',
    caughtBy: ['HELD'],
    sabotage: () => ({
      often: MISSES,
      ...beforehand((turn, input) => {
        if (input.type !== 'AccountRead') return;
        for (const held of positionsOf(turn.desk, input.accountId))
          if (!input.state.positions.some(({ symbol }) => symbol === held.symbol))
            turn.emit('PositionChanged', {
              position: { ...held, size: ZERO, cost: ZERO, stop: null },
              trade: null,
            });
      }),
    }),
  },
  {
    name: 'readings-taken-for-now',
    breaks: 'how far the venue’s readings lag is ignored: two of the same moment count',
    caughtBy: ['HELD', 'INV-7', 'INV-4', 'INV-5', 'INV-6'],
    profile: 'lagging',
    sabotage: () => ({
      often: ['reading_lags', 'push_dropped'],
      ...seeing((context) => ({
        ...context,
        venue: (name) => {
          const facts = context.venue(name);
          return facts && { ...facts, capabilities: { ...facts.capabilities, readingLagMs: 0 } };
        },
      })),
    }),
  },
];
