import { barClosed } from './bot/barClosed.ts';
import { warmupEnded } from './bot/warmupEnded.ts';
import { decideCommand } from './command/decideCommand.ts';
import { openDesk } from './command/openDesk.ts';
import type { CommandOutcome } from './command/reply.ts';
import type { Context } from './context.ts';
import type { AccountState, Desk } from './desk.ts';
import type { Effect } from './effects.ts';
import type { DeskEvent } from './events.ts';
import { accountOpened, accountUnreadable, streamInterrupted } from './facts/accountReach.ts';
import { lookUpFailed, orderAnswered, orderFound } from './facts/orderAnswers.ts';
import { orderWithdrawn } from './facts/orderWithdrawn.ts';
import { venueBillSeen, venueFillSeen, venueOrderSeen } from './facts/pushes.ts';
import { reconcile } from './facts/reconcile.ts';
import { symbolAnswered } from './facts/symbolAnswered.ts';
import type { Input, InputOf } from './inputs.ts';
import { panicFound } from './panic/panic.ts';
import { priceMoved } from './protection/followPrice.ts';
import { actorOf, causeOf } from './turn/cause.ts';
import { Turn } from './turn/turn.ts';
import { recover } from './watch/recovery.ts';
import { watch } from './watch/watch.ts';
import { watchStuck } from './watch/watchStuck.ts';
import { woken } from './watch/woken.ts';

export interface Decision {
  events: DeskEvent[];
  effects: Effect[];
  /** For commands. */
  outcome: CommandOutcome | null;
}

/**
 * The engine: what follows from one input. Pure but for folding its own events into the desk. Effects run, and anyone
 * hears of the events, only after they are committed.
 */
export function decide(desk: Desk, input: Input, context: Context): Decision {
  const turn = new Turn(desk, context, actorOf(input), causeOf(input));
  if ('loadedSeq' in input) turn.loadedSeq = input.loadedSeq ?? 0;
  const outcome = input.type === 'Command' ? decideCommand(turn, input) : null;
  if (input.type !== 'Command') handlerOf(input)(turn, input);
  return { events: turn.events, effects: turn.effects, outcome };
}

/** What happens to a desk without being asked for. */
type Fact = Exclude<Input, { type: 'Command' }>;
type Handler<I extends Fact> = (turn: Turn, input: I) => void;

/** Who takes what. */
const HANDLERS: { readonly [T in Fact['type']]: Handler<InputOf<T>> } = {
  OpenDesk: openDesk,
  BarClosed: barClosed,
  PriceMoved: priceMoved,
  Tick: watch,
  StuckTick: watchStuck,
  OrderAnswered: orderAnswered,
  OrderWithdrawn: orderWithdrawn,
  OrderFound: orderFound,
  LookUpFailed: lookUpFailed,
  AccountOpened: ofAccount(accountOpened),
  SymbolAnswered: ofAccount(symbolAnswered),
  WarmupEnded: warmupEnded,
  VenueOrderSeen: ofAccount(venueOrderSeen),
  VenueFillSeen: ofAccount(venueFillSeen),
  VenueBillSeen: ofAccount(venueBillSeen),
  AccountRead: ofAccount(reconcile),
  PanicFound: ofAccount(panicFound),
  AccountUnreadable: ofAccount(accountUnreadable),
  StreamInterrupted: ofAccount(streamInterrupted),
  Recovered: recover,
  Woken: woken,
};

/** One that was removed meanwhile hears nothing any more. */
function ofAccount<I extends Extract<Fact, { accountId: string }>>(
  handler: (turn: Turn, state: AccountState, input: I) => void,
): Handler<I> {
  return (turn, input) => {
    const state = turn.desk.accounts.get(input.accountId);
    if (state !== undefined) handler(turn, state, input);
  };
}

function handlerOf(input: Fact): Handler<Fact> {
  // The table has for each kind the handler of that kind.
  return HANDLERS[input.type] as Handler<Fact>;
}
