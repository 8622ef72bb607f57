import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotNote } from '../../../shared/domain/botNote.ts';
import { dec, mul, toFloat } from '../../../shared/domain/decimal.ts';
import { INTERVAL_MS } from '../../../shared/domain/market.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, botPosition } from '../desk.ts';
import { bringExits } from '../protection/bringExits.ts';
import { decideExit, exitLeft } from '../protection/partialExit.ts';
import { entryPrice } from '../rules/priceSides.ts';
import type { DesiredOrder, HeldPosition, StrategyDecision } from '../strategy/strategy.ts';
import type { Turn } from '../turn/turn.ts';
import type { AskedBar } from './barsDue.ts';
import { bringEntries } from './bringEntries.ts';
import { paramsOf } from './paramsOf.ts';
import { logNote, sayNote, showNote } from './sayNote.ts';

/** States in which a bot's strategy is asked, also while it is flat. */
const MANAGED: ReadonlySet<Bot['state']> = new Set(['running', 'paused', 'holding', 'halted']);
/** States in which it is asked for exits of what is open. */
const EXITS_ONLY: ReadonlySet<Bot['state']> = new Set(['starting', 'error']);

/** A bar of the bot's market closed: asks its strategy what it wants, and acts on what differs from what is. */
export function evaluateBot(turn: Turn, state: AccountState, bot: Bot, bar: AskedBar): void {
  const isAsked =
    MANAGED.has(bot.state) || (EXITS_ONLY.has(bot.state) && botPosition(turn.desk, bot) !== undefined);
  if (!isAsked || bot.closing || isBefore(bar, bot, botPosition(turn.desk, bot))) return;
  const decision = decideStrategy(turn, state, bot, bar);
  if ('code' in decision) {
    sayNote(turn, bot, decision);
    return;
  }
  const position = botPosition(turn.desk, bot);
  logNote(turn, bot, decision.note);
  if (position !== undefined) {
    for (const wanted of decision.desired) if (wanted.intent === 'exit') exit(turn, state, bot, wanted);
    bringExits(turn, state, bot.symbol);
  }
  // Of all that is said of one bar the last is shown: the reasons would take turns else, bar after bar.
  if (bot.state !== 'running' || !followEntries(turn, state, bot, decision, bar))
    showNote(turn, bot, decision.note);
}

/** Whether something was said that counts more than what the strategy says. */
function followEntries(
  turn: Turn,
  state: AccountState,
  bot: Bot,
  { desired, protection: plan }: StrategyDecision,
  bar: AskedBar,
): boolean {
  const entries = desired.filter((wanted) => wanted.intent === 'enter');
  if (!bar.missed) return bringEntries(turn, state, bot, { entries, plan, bar });
  const [first] = entries;
  if (first === undefined || botPosition(turn.desk, bot) !== undefined) return false;
  sayNote(turn, bot, { code: 'missed_bar', figures: { direction: first.direction } });
  return true;
}

/** A bar that was over before the position was opened says nothing about it. */
function isBefore(bar: AskedBar, bot: Bot, position: Position | undefined): boolean {
  return (
    bar.missed && position !== undefined && bar.openTime + INTERVAL_MS[bot.interval] <= position.openedAt
  );
}

function decideStrategy(
  turn: Turn,
  state: AccountState,
  bot: Bot,
  bar: AskedBar,
): StrategyDecision | BotNote {
  const strategy = turn.context.strategy(bot.strategy);
  if (strategy === undefined) return { code: 'strategy_unknown', figures: { strategy: bot.strategy } };
  const params = paramsOf(strategy, bot);
  if (params === undefined) return { code: 'params_misfit', figures: {} };
  const bars = turn.context.series(
    state.account.venue,
    bot.symbol,
    bot.interval,
    strategy.warmupBars(params.data),
    bar.openTime,
  );
  if (bars === undefined) return { code: 'bars_gap', figures: {} };
  return strategy.evaluate({ params: params.data, bars, position: heldBy(botPosition(turn.desk, bot)) });
}

function heldBy(position: Position | undefined): HeldPosition | null {
  if (position === undefined) return null;
  return {
    direction: position.direction,
    entryPrice: toFloat(entryPrice(position)),
    partialsTaken: position.protection.partialsTaken,
    openedAt: position.openedAt,
  };
}

/** Decided once; how it goes on is the position's matter, whatever the next bars say. */
function exit(turn: Turn, state: AccountState, bot: Bot, { slot, share, direction }: DesiredOrder): void {
  const position = botPosition(turn.desk, bot);
  const instrument = turn.context.instrument(state.account.venue, bot.symbol);
  if (position === undefined || instrument === undefined || direction !== position.direction) return;
  if (position.protection.exits.some((decided) => decided.slot === slot)) return;
  if (exitLeft(position, { slot, share }, instrument) === undefined) return;
  const said = { code: 'exit_decided', figures: { direction, share: mul(share, dec('100')) } } as const;
  logNote(turn, bot, said);
  decideExit(turn, position, { slot, share });
}
