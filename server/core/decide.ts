import { type Actor, ENGINE } from '../../shared/domain/actor.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { VenueAnswer } from '../ports/venue.ts';
import { advanceBot } from './bot/advanceBot.ts';
import { barClosed } from './bot/barClosed.ts';
import { explain, moveBot } from './bot/botState.ts';
import { openAccount } from './command/accounts.ts';
import { decideCommand } from './command/decideCommand.ts';
import type { CommandOutcome } from './command/reply.ts';
import type { Context } from './context.ts';
import type { AccountState, Desk } from './desk.ts';
import type { Effect } from './effects.ts';
import type { DeskEvent } from './events.ts';
import type { Input } from './inputs.ts';
import { lookUpFailed, orderAnswered, orderFound } from './order/answers.ts';
import { orderWithdrawn } from './order/orderWithdrawn.ts';
import { isPassing } from './order/refusalKind.ts';
import { settingsAnswered } from './order/settingsAnswered.ts';
import { panicFound } from './panic/panic.ts';
import { followPrice } from './protection/followPrice.ts';
import { readAccount } from './protection/guardPosition.ts';
import { loseAccount } from './reconcile/connectAccount.ts';
import { reconcile } from './reconcile/reconcile.ts';
import { venueBillSeen, venueFillSeen, venueOrderSeen } from './reconcile/venueFacts.ts';
import { recover } from './recovery.ts';
import { Turn } from './turn.ts';
import { watch } from './watch.ts';
import { watchStuck } from './watchStuck.ts';

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
  const outcome = input.type === 'Command' ? decideCommand(turn, input) : null;
  if (input.type !== 'Command') react(turn, input);
  return { events: turn.events, effects: turn.effects, outcome };
}

function actorOf(input: Input): Actor {
  return input.type === 'Command' ? input.actor : ENGINE;
}

function causeOf(input: Input): string {
  switch (input.type) {
    case 'Command':
      return `command:${input.commandId}`;
    case 'BarClosed':
      return `bar:${input.openTime}`;
    case 'VenueFillSeen':
      return `fill:${input.fill.fillId}`;
    case 'VenueBillSeen':
      return `bill:${input.bill.billId}`;
    case 'OrderAnswered':
    case 'OrderWithdrawn':
    case 'OrderFound':
    case 'LookUpFailed':
      return `order:${input.orderId}`;
    case 'VenueOrderSeen':
      return `venue_order:${input.order.venueOrderId}`;
    case 'AccountRead':
      return 'reconciliation';
    case 'Recovered':
      return 'recovery';
    default:
      return input.type;
  }
}

function react(turn: Turn, input: Exclude<Input, { type: 'Command' }>): void {
  switch (input.type) {
    case 'OpenDesk':
      openDesk(turn, input.venue, input.deposit as Decimal);
      return;
    case 'BarClosed':
      barClosed(turn, input);
      return;
    case 'PriceMoved': {
      const quote = turn.context.quote(input.venue, input.symbol);
      if (quote === undefined) return;
      for (const state of turn.desk.accounts.values()) {
        if (state.account.venue === input.venue) followPrice(turn, state, quote);
      }
      return;
    }
    case 'Tick':
      watch(turn);
      return;
    case 'StuckTick':
      watchStuck(turn);
      return;
    case 'OrderAnswered':
      orderAnswered(turn, input.orderId, input.action, input.answer);
      return;
    case 'OrderWithdrawn':
      orderWithdrawn(turn, input);
      return;
    case 'OrderFound':
      orderFound(turn, input.orderId, input.order, input.askedAt);
      return;
    case 'LookUpFailed':
      lookUpFailed(turn, input.orderId);
      return;
    case 'Recovered':
      recover(turn, input.downMs, input.latch);
      return;
    case 'WarmupEnded':
      warmupEnded(turn, input);
      return;
    default:
      reactOnAccount(turn, input);
  }
}

type AccountInput = Extract<Input, { accountId: string }>;

function reactOnAccount(turn: Turn, input: AccountInput): void {
  const state = turn.desk.accounts.get(input.accountId);
  // Removed meanwhile.
  if (state === undefined) return;
  switch (input.type) {
    case 'AccountOpened':
      accountOpened(turn, state, input.answer);
      return;
    case 'SymbolAnswered':
      symbolAnswered(turn, state, input);
      return;
    case 'VenueOrderSeen':
      venueOrderSeen(turn, state, input.order);
      return;
    case 'VenueFillSeen':
      venueFillSeen(turn, state, input.fill, input.ingestedAt);
      return;
    case 'VenueBillSeen':
      venueBillSeen(turn, state, input.bill);
      return;
    case 'AccountRead':
      reconcile(turn, state, input);
      return;
    case 'PanicFound':
      panicFound(turn, state, input.panic);
      return;
    case 'AccountUnreadable':
      loseAccount(turn, state, input.reason);
      return;
    case 'StreamInterrupted':
      loseAccount(turn, state, input.reason);
      readAccount(turn, state);
  }
}

/** The first thing a new user has: a simulated account with play money. */
function openDesk(turn: Turn, venue: string, deposit: Decimal): void {
  if (turn.desk.opened) return;
  turn.emit('DeskOpened', { deskId: turn.desk.deskId });
  const command = {
    type: 'CreateAccount',
    name: 'Simulated',
    venue,
    leverage: 1,
    marginMode: 'isolated',
    deposit,
  } as const;
  openAccount(turn, turn.id('account', 'first'), command);
}

function accountOpened(turn: Turn, state: AccountState, answer: VenueAnswer): void {
  if (answer.outcome === 'accepted') {
    readAccount(turn, state);
    return;
  }
  loseAccount(turn, state, answer.message);
}

function symbolAnswered(
  turn: Turn,
  state: AccountState,
  input: Extract<Input, { type: 'SymbolAnswered' }>,
): void {
  const { accountId, symbol, leverage, marginMode, answer } = input;
  if (answer.outcome === 'accepted')
    turn.emit('SymbolConfigured', { accountId, symbol, leverage, marginMode });
  settingsAnswered(turn, state, symbol, { leverage, marginMode }, answer);
  for (const bot of [...turn.desk.bots.values()]) {
    if (bot.accountId !== accountId || bot.symbol !== symbol || bot.state !== 'starting') continue;
    // An answer to settings that were wanted before it was stopped, edited and started again.
    if (bot.leverage !== leverage || bot.marginMode !== marginMode) continue;
    if (answer.outcome === 'accepted') advanceBot(turn, state, bot.botId, null);
    // No answer, or "not now": the next tick asks again.
    else if (answer.outcome === 'rejected' && !isPassing(answer.code))
      moveBot(turn, bot, 'error', { reason: `the venue refused the settings: ${answer.message}` });
  }
}

function warmupEnded(
  turn: Turn,
  { botId, failure, tooShort, symbol, interval }: Extract<Input, { type: 'WarmupEnded' }>,
): void {
  const bot = turn.desk.bots.get(botId);
  const state = bot === undefined ? undefined : turn.desk.accounts.get(bot.accountId);
  if (bot === undefined || state === undefined) return;
  // History that was wanted before it was stopped, edited and started again.
  if (bot.symbol !== symbol || bot.interval !== interval) return;
  if (failure === null) advanceBot(turn, state, botId, null);
  else if (bot.state === 'starting' && tooShort) explain(turn, bot, `waits for history: ${failure}`);
  else if (bot.state === 'starting')
    moveBot(turn, bot, 'error', { reason: `no history to start from: ${failure}` });
}
