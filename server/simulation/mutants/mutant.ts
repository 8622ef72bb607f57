import { ENGINE } from '../../../shared/domain/actor.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Context } from '../../core/context.ts';
import type { Decision } from '../../core/decide.ts';
import type { Desk } from '../../core/desk.ts';
import type { Effect } from '../../core/effects.ts';
import type { Input } from '../../core/inputs.ts';
import { Turn } from '../../core/turn/turn.ts';
import type { VenueBill, VenueFill } from '../../ports/venue.ts';
import type { Sabotage } from '../sabotage.ts';
import type { VenueKind } from '../venueKinds.ts';
import { NOTHING } from './nothing.ts';

/** A deliberate breakage of the engine that the simulation must notice. */
export interface Mutant {
  /** Words joined by dashes. */
  name: string;
  /** What the engine does wrong. */
  breaks: string;
  /** Invariants that may notice it; another one does not count. */
  caughtBy: readonly string[];
  /** Where it shows, when not everywhere. */
  profile?: VenueKind;
  /** Made anew for each run. */
  sabotage(): Sabotage;
}

/** Sends something else than what was decided. */
export function sending(change: (effect: Effect, desk: Desk, input: Input) => readonly Effect[]): Sabotage {
  return {
    decide: (core, desk, input, context) => {
      const decision = core(desk, input, context);
      return { ...decision, effects: decision.effects.flatMap((effect) => change(effect, desk, input)) };
    },
  };
}

/** Submits another order than the right one: in the log and to the venue alike. */
export function submitting(change: (order: Order, desk: Desk) => Order): Sabotage {
  return {
    decide: (core, desk, input, context) => {
      const { events, effects, outcome } = core(desk, input, context);
      const changed = new Map<string, Order>();
      const meant = (order: Order): Order => {
        const next = changed.get(order.orderId) ?? change(order, desk);
        if (next === order) return order;
        changed.set(order.orderId, next);
        if (desk.orders.get(order.orderId) === order) {
          desk.orders.delete(order.orderId);
          desk.orders.set(next.orderId, next);
        }
        return next;
      };
      return {
        outcome,
        events: events.map((event) =>
          // What the venue has already is no intent of ours.
          event.kind === 'OrderSubmitted' && event.data.order.venueOrderId === null
            ? { ...event, data: { order: meant(event.data.order) } }
            : event,
        ),
        effects: effects.map((effect) =>
          effect.type === 'PlaceOrder' ? { ...effect, order: carried(effect.order, changed) } : effect,
        ),
      };
    },
  };
}

/** What an effect carries of a changed order; without the stop that the venue cannot take. */
function carried(order: Order, changed: ReadonlyMap<string, Order>): Order {
  const next = changed.get(order.orderId);
  return next === undefined
    ? order
    : { ...next, attachedStop: order.attachedStop === null ? null : next.attachedStop };
}

/** Decides from another input than what came; undefined: not at all. */
export function hearing(change: (input: Input, desk: Desk) => Input | undefined): Sabotage {
  return {
    decide: (core, desk, input, context) => {
      const heard = change(input, desk);
      return heard === undefined ? { ...NOTHING } : core(desk, heard, context);
    },
  };
}

/** Takes fills and bills in another way, whether pushed or read; undefined: not at all. */
export function booking(how: {
  fill?(fill: VenueFill, desk: Desk): VenueFill | undefined;
  bill?(bill: VenueBill): VenueBill | undefined;
}): Sabotage {
  const { fill = (same) => same, bill = (same) => same } = how;
  return hearing((input, desk) => {
    if (input.type === 'VenueFillSeen') {
      const seen = fill(input.fill, desk);
      return seen && { ...input, fill: seen };
    }
    if (input.type === 'VenueBillSeen') {
      const seen = bill(input.bill);
      return seen && { ...input, bill: seen };
    }
    if (input.type !== 'AccountRead') return input;
    return {
      ...input,
      fills: input.fills.flatMap((seen) => fill(seen, desk) ?? []),
      bills: input.bills.flatMap((seen) => bill(seen) ?? []),
    };
  });
}

/** Decides with another view of the market. */
export function seeing(change: (context: Context) => Context): Sabotage {
  return { decide: (core, desk, input, context) => core(desk, input, change(context)) };
}

type React = (turn: Turn, input: Input, decision: Decision) => void;

/** Goes on after each decision, as a part of it. */
export function afterwards(react: React): Sabotage {
  return {
    decide: (core, desk, input, context) => {
      const decision = core(desk, input, context);
      return joined(decision, follow(desk, context, input, decision, react));
    },
  };
}

/** Does something first, as a part of each decision. */
export function beforehand(react: (turn: Turn, input: Input) => void): Sabotage {
  return {
    decide: (core, desk, input, context) => {
      const first = follow(desk, context, input, NOTHING, react);
      return joined(first, core(desk, input, context));
    },
  };
}

function follow(desk: Desk, context: Context, input: Input, decision: Decision, react: React): Decision {
  const turn = new Turn(desk, context, ENGINE, 'mutant');
  react(turn, input, decision);
  return { events: turn.events, effects: turn.effects, outcome: null };
}

export function joined(first: Decision, second: Decision): Decision {
  return {
    events: [...first.events, ...second.events],
    effects: [...first.effects, ...second.effects],
    outcome: first.outcome ?? second.outcome,
  };
}
