import { add, type Decimal, dec, mulDiv } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { openOrders, positionOf } from '../../core/desk.ts';
import { entryPrice } from '../../core/rules/priceSides.ts';
import type { Turn } from '../../core/turn/turn.ts';
import type { Sabotage } from '../sabotage.ts';
import { afterwards, type Mutant } from './mutant.ts';

/** Looks after stops that rest by another plan than the position was opened with. */
function planned(change: (turn: Turn, position: Position, pct: Decimal) => Decimal): Sabotage {
  const changed = new Set<string>();
  return afterwards((turn, _input, { events }) => {
    for (const { data } of events) {
      if (!('position' in data)) continue;
      const { accountId, symbol, openedAt } = data.position;
      const held = positionOf(turn.desk, accountId, symbol);
      const life = `${accountId}:${symbol}:${openedAt}`;
      const pct = held?.protection.stopLossPct;
      if (held?.stop == null || held.botId === null || pct == null || changed.has(life)) continue;
      changed.add(life);
      const protection = { ...held.protection, stopLossPct: change(turn, held, pct) };
      turn.emit('PositionChanged', { position: { ...held, protection }, trade: null });
    }
  });
}

/** Shows a stop that is not ours as the one of a bot's position. */
function believing(isBelieved: (stop: Order, position: Position) => boolean): Sabotage {
  return {
    ...afterwards((turn) => {
      for (const held of [...turn.desk.positions.values()]) {
        const { accountId, symbol, stop, botId } = held;
        if (stop === null || botId === null) continue;
        const other = [...openOrders(turn.desk, accountId, symbol)].find(
          (order) => order.type === 'stop_market' && order.foreign === true && isBelieved(order, held),
        );
        if (other === undefined || stop.orderId === other.orderId) continue;
        const believed = { ...stop, state: 'resting', orderId: other.orderId } as const;
        turn.emit('PositionChanged', { position: { ...held, stop: believed }, trade: null });
      }
    }),
    often: ['foreign_stop', 'stop_missing'],
  };
}

const isOfItsSide = (stop: Order, { direction }: Position): boolean =>
  (stop.side === 'buy') === (direction === 'long');

/** Where stops are by the plan, and whose they are. */
export const STOP_PLAN_MUTANTS: readonly Mutant[] = [
  {
    name: 'any-stop-of-the-symbol-counts',
    breaks: 'a stop that somebody else placed hides that our own is not there',
    caughtBy: ['INV-5'],
    profile: 'bare',
    sabotage: () => believing((_stop, { stop }) => stop?.state === 'none' || stop?.state === 'triggered'),
  },
  {
    name: 'stop-of-the-other-side-adopted',
    breaks: 'a stop that would add to a position is taken for the one that protects it',
    caughtBy: ['INV-5'],
    sabotage: () => believing(isOfItsSide),
  },
  {
    name: 'stop-not-brought-to-the-plan',
    breaks: 'a stop stays at its distance from the price at the decision, whatever the entry filled at',
    caughtBy: ['PLAN'],
    profile: 'ideal',
    sabotage: () => planned(() => dec('50')),
  },
  {
    name: 'stop-of-a-short-rounded-looser',
    breaks: 'the stop of a short lies on the tick beyond its plan',
    caughtBy: ['PLAN'],
    profile: 'ideal',
    sabotage: () =>
      planned((turn, held, pct) => {
        const venue = turn.desk.accounts.get(held.accountId)?.account.venue ?? '';
        const tick = turn.context.instrument(venue, held.symbol)?.tickSize;
        if (held.direction === 'long' || tick === undefined) return pct;
        return add(pct, mulDiv(tick, dec('100'), entryPrice(held), 12));
      }),
  },
  {
    name: 'trailing-follows-the-last-price',
    breaks: 'a stop follows the last price, not the mark by which it fires',
    caughtBy: ['TRAIL'],
    profile: 'ideal',
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        if (input.type !== 'PriceMoved') return core(desk, input, context);
        const quote: typeof context.quote = (venue, symbol) => {
          const known = context.quote(venue, symbol);
          return known && { ...known, mark: known.last };
        };
        return core(desk, input, { ...context, quote });
      },
    }),
  },
];
