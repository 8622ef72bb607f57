import { ENGINE } from '../../../shared/domain/actor.ts';
import { dec, isPositive, mul, roundToStep } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { connectAccount } from '../../core/ask/connectAccount.ts';
import { type Desk, openOrders, positionOf } from '../../core/desk.ts';
import { Turn } from '../../core/turn/turn.ts';
import { afterwards, hearing, type Mutant, seeing, sending, submitting } from './mutant.ts';

/** Stops of the symbol that rest at the venue. */
function restingStops(desk: Desk, { accountId, symbol }: Order): Order[] {
  return [...openOrders(desk, accountId, symbol)].filter(
    (order) => order.purpose === 'stop' && order.venueOrderId !== null && !order.cancelRequested,
  );
}

/** Never naked: what protects a position. */
export const STOP_MUTANTS: readonly Mutant[] = [
  {
    name: 'stop-never-placed',
    breaks: 'the stop of a filled entry is written down and never sent',
    caughtBy: ['INV-5'],
    profile: 'bare',
    sabotage: () =>
      sending((effect) => (effect.type === 'PlaceOrder' && effect.order.purpose === 'stop' ? [] : [effect])),
  },
  {
    name: 'entry-without-attached-stop',
    breaks: 'an entry leaves without the stop that the venue would take with it',
    caughtBy: ['INV-1', 'INV-8'],
    profile: 'ideal',
    sabotage: () =>
      submitting((order) => (order.purpose === 'entry' ? { ...order, attachedStop: null } : order)),
  },
  {
    name: 'stop-too-small',
    breaks: 'a stop covers half of its position',
    caughtBy: ['INV-5', 'INV-6', 'PACE'],
    profile: 'bare',
    sabotage: () =>
      submitting((order) => {
        const half = roundToStep(mul(order.size, dec('0.5')), dec('0.001'), 'down');
        return order.purpose === 'stop' && isPositive(half) ? { ...order, size: half } : order;
      }),
  },
  {
    name: 'stop-cancelled-before-its-replacement-rests',
    breaks: 'the old stop is cancelled as soon as the new one is sent',
    caughtBy: ['INV-6'],
    profile: 'bare',
    sabotage: () =>
      sending((effect, desk) => {
        if (effect.type !== 'PlaceOrder' || effect.order.purpose !== 'stop') return [effect];
        const { venue } = effect;
        const old = restingStops(desk, effect.order).filter(
          ({ orderId }) => orderId !== effect.order.orderId,
        );
        return [...old.map((order) => ({ type: 'CancelOrder', venue, order }) as const), effect];
      }),
  },
  {
    name: 'stop-cancelled-with-its-entry',
    breaks: 'cancelling what is left of an entry takes the stop of what filled with it',
    caughtBy: ['INV-6'],
    // Where entries rest.
    profile: 'ideal',
    sabotage: () =>
      sending((effect, desk) => {
        if (effect.type !== 'CancelOrder' || effect.order.reduceOnly) return [effect];
        const { venue } = effect;
        const stops = restingStops(desk, effect.order);
        return [effect, ...stops.map((order) => ({ type: 'CancelOrder', venue, order }) as const)];
      }),
  },
  {
    name: 'stop-not-resized-after-partial-exit',
    breaks: 'a stop keeps the size that its position had',
    caughtBy: ['INV-6', 'REST'],
    profile: 'ideal',
    sabotage: () =>
      seeing((context) => ({
        ...context,
        venue: (name: string) => {
          const facts = context.venue(name);
          return facts && { ...facts, capabilities: { ...facts.capabilities, sizedStop: false } };
        },
      })),
  },
  {
    name: 'trailing-loosens',
    breaks: 'a stop that follows the price moves away from it',
    caughtBy: ['INV-6'],
    profile: 'ideal',
    sabotage: () =>
      sending((effect, desk, input) => {
        if (effect.type !== 'AmendOrder' || input.type !== 'PriceMoved') return [effect];
        const held = positionOf(desk, effect.order.accountId, effect.order.symbol);
        const at = effect.order.triggerPrice;
        if (held === undefined || at === null) return [effect];
        const away = mul(at, dec(held.direction === 'long' ? '0.99' : '1.01'));
        const triggerPrice = roundToStep(away, dec('0.1'), 'nearest');
        return [{ ...effect, change: { ...effect.change, triggerPrice } }];
      }),
  },
  {
    name: 'stop-that-is-gone-counts-as-resting',
    breaks: 'a stop the venue no longer has is believed to protect',
    caughtBy: ['INV-5', 'INV-6', 'INV-9', 'PACE'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'OrderCancelled' && event.kind !== 'OrderRejected') continue;
          const { order } = event.data;
          const held = positionOf(turn.desk, order.accountId, order.symbol);
          if (order.purpose !== 'stop' || held === undefined || held.botId === null) continue;
          turn.emit('OrderUpdated', { order: { ...order, status: 'open', cancelRequested: false } });
          const stop = { state: 'resting', orderId: order.orderId, size: held.size } as const;
          const triggerPrice = order.triggerPrice ?? dec('1');
          turn.emit('PositionChanged', {
            position: { ...held, stop: { ...stop, triggerPrice } },
            trade: null,
          });
        }
      }),
  },
  {
    name: 'question-about-a-stop-is-dropped',
    breaks:
      'a stop that a reading does not show, and of which a look-up knows nothing, goes on counting as resting',
    caughtBy: ['INV-5', 'INV-9', 'REST'],
    profile: 'bare',
    sabotage: () =>
      hearing((input, desk) => {
        if (input.type === 'LookUpFailed') return undefined;
        if (input.type === 'OrderFound' && input.order === null)
          return desk.orders.get(input.orderId)?.status === 'open' ? undefined : input;
        if (input.type !== 'AccountRead') return input;
        const listed = new Set(input.state.orders.map(({ venueOrderId }) => venueOrderId));
        const believed = [...openOrders(desk, input.accountId)].flatMap((order) =>
          order.purpose === 'stop' &&
          order.status === 'open' &&
          order.venueOrderId !== null &&
          !listed.has(order.venueOrderId)
            ? [
                {
                  ...order,
                  venueOrderId: order.venueOrderId,
                  clientOrderId: order.orderId,
                  parentClientOrderId: null,
                  replacesOrderId: null,
                  becameOrderId: null,
                  status: 'open' as const,
                  reason: null,
                  ts: 0,
                },
              ]
            : [],
        );
        return { ...input, state: { ...input.state, orders: [...input.state.orders, ...believed] } };
      }),
  },
  {
    name: 'time-exit-ignored',
    breaks: 'a position stays open beyond the time its plan allows',
    caughtBy: ['TIME'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'PositionChanged') continue;
          const { accountId, symbol } = event.data.position;
          const held = positionOf(turn.desk, accountId, symbol);
          if (held?.protection.close?.why !== 'time') continue;
          const protection = { ...held.protection, close: null };
          turn.emit('PositionChanged', { position: { ...held, protection }, trade: null });
        }
      }),
  },
  {
    name: 'partial-exit-closes-all',
    breaks: 'each rung of a take-profit ladder takes the whole position',
    caughtBy: ['LADDER'],
    sabotage: () =>
      submitting((order, desk) => {
        const held = positionOf(desk, order.accountId, order.symbol);
        return order.purpose === 'take_profit' && held !== undefined ? { ...order, size: held.size } : order;
      }),
  },
  {
    name: 'take-profit-taken-twice',
    breaks: 'a rung that was taken is forgotten, and taken again',
    caughtBy: ['LADDER'],
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'PositionChanged') continue;
          const { accountId, symbol } = event.data.position;
          const held = positionOf(turn.desk, accountId, symbol);
          if (held === undefined || held.protection.partialsTaken.length === 0) continue;
          const protection = { ...held.protection, partialsTaken: [], takenSizes: {} };
          turn.emit('PositionChanged', { position: { ...held, protection }, trade: null });
        }
      }),
  },
  {
    name: 'unprotected-time-not-told',
    breaks: 'the alert over a position without a stop is taken back at once',
    caughtBy: ['INV-5'],
    profile: 'ideal',
    sabotage: () =>
      afterwards((turn, _input, { events }) => {
        for (const event of events) {
          if (event.kind !== 'AlertRaised' || event.data.alert.code !== 'unprotected') continue;
          turn.emit('AlertResolved', { alertId: event.data.alert.alertId });
        }
      }),
  },
  {
    name: 'liquidation-that-moves-unsaid',
    breaks: 'what a reading tells of leverage and liquidation is not taken in',
    caughtBy: ['BEHIND'],
    sabotage: () => ({
      often: ['leverage_change'],
      ...hearing((input, desk) => {
        if (input.type !== 'AccountRead') return input;
        const positions = input.state.positions.map((seen) => {
          const ours = positionOf(desk, input.accountId, seen.symbol);
          if (ours === undefined) return seen;
          const { leverage, marginMode, liquidationPrice } = ours;
          return { ...seen, leverage, marginMode, liquidationPrice };
        });
        return { ...input, state: { ...input.state, positions } };
      }),
    }),
  },
  {
    name: 'unread-account-left-alone',
    breaks: 'nothing is looked after on an account that cannot be read',
    caughtBy: ['INV-5'],
    profile: 'bare',
    sabotage: () => ({
      decide: (core, desk, input, context) => {
        const unread = [...desk.accounts.values()].filter(({ account }) => account.status !== 'ready');
        if (input.type !== 'Tick' || unread.length === 0) return core(desk, input, context);
        const turn = new Turn(desk, context, ENGINE, 'mutant');
        for (const state of unread) connectAccount(turn, state, false);
        return { events: turn.events, effects: turn.effects, outcome: null };
      },
    }),
  },
];
