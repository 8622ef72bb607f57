import type { Bot } from '../../../shared/domain/bot.ts';
import { isOpen } from '../../../shared/domain/order.ts';
import { askForProof, type FlatProof } from '../ask/flatProof.ts';
import { delistedAlert, explain, moveBot } from '../botState/botState.ts';
import { type AccountState, botPosition, isUnderWay, limitsOver, openOrders, positionOf } from '../desk.ts';
import { closeFailures } from '../order/exitFailures.ts';
import { type CloseReason, flatten } from '../order/flatten.ts';
import { requestCancel } from '../order/submit.ts';
import { closes } from '../risk/breach.ts';
import type { Turn } from '../turn/turn.ts';
import { isRefusedDust, leaveDust } from './dust.ts';
import { paramsOf } from './paramsOf.ts';
import { startDenials } from './startDenials.ts';

/** Brings a bot in transition one step on; does nothing to one that is not. `proof`: what the venue just confirmed. */
export function advanceBot(turn: Turn, state: AccountState, botId: string, proof: FlatProof | null): void {
  const bot = turn.desk.bots.get(botId);
  if (bot === undefined) return;
  if (bot.state === 'starting') advanceStart(turn, state, bot);
  else if (bot.closing) advanceClose(turn, state, bot, proof);
  else if (LATCHED.has(bot.state)) {
    cancelEntries(turn, state, bot);
    if (bot.state === 'holding') endHold(turn, state, bot, proof);
  }
}

/** States in which entries are latched and what is open goes on. */
const LATCHED: ReadonlySet<Bot['state']> = new Set(['paused', 'holding', 'halted', 'error']);

/** What it held is gone: nothing is left to hold, once the venue says so too. */
function endHold(turn: Turn, state: AccountState, bot: Bot, proof: FlatProof | null): void {
  const hasOrders = [...openOrders(turn.desk, bot.accountId, bot.symbol)].some(
    (order) => order.botId === bot.botId,
  );
  if (hasOrders || botPosition(turn.desk, bot) !== undefined) return;
  if (isProven(bot, proof)) moveBot(turn, bot, 'stopped', { plan: null });
  else askForProof(turn, state);
}

function advanceStart(turn: Turn, state: AccountState, bot: Bot): void {
  const { name, status } = state.account;
  if (status !== 'ready') {
    explain(turn, bot, { code: 'awaits_account', figures: { account: name, status } });
    return;
  }
  // What came up since it was asked for: it ends here with its reason, rather than run without ever entering.
  const denials = startDenials(turn, state, bot);
  if (denials.length > 0) {
    moveBot(turn, bot, 'error', { reason: { code: 'denied', figures: { denials } } });
    return;
  }
  const configured = state.configured.get(bot.symbol);
  if (configured?.leverage !== bot.leverage || configured.marginMode !== bot.marginMode) {
    explain(turn, bot, { code: 'sets_settings', figures: {} });
    return;
  }
  const strategy = turn.context.strategy(bot.strategy);
  const params = strategy && paramsOf(strategy, bot);
  if (strategy === undefined || params === undefined) {
    moveBot(turn, bot, 'error', { reason: { code: 'strategy_unknown', figures: {} } });
    return;
  }
  const bars = strategy.warmupBars(params.data);
  if (turn.context.series(state.account.venue, bot.symbol, bot.interval, bars) === undefined) {
    explain(turn, bot, { code: 'loads_history', figures: { bars } });
    return;
  }
  moveBot(turn, bot, 'running', { startedAt: turn.wallTime });
}

function closeReason(turn: Turn, state: AccountState, bot: Bot): CloseReason {
  if (bot.state !== 'halted') return 'bot_stop';
  for (const emergency of turn.desk.emergencies.values()) {
    if (isUnderWay(emergency) && emergency.accountIds.includes(bot.accountId)) return 'emergency';
  }
  const isBroken = limitsOver(turn.desk, state).some(({ breaches }) => breaches.some(closes));
  return !isBroken && turn.desk.alerts.has(delistedAlert(bot.botId)) ? 'delisting' : 'limit';
}

/** Latched → orders cancelled → exposure closed → the venue asked until it confirms: only then `stopped`. */
function advanceClose(turn: Turn, state: AccountState, bot: Bot, proof: FlatProof | null): void {
  const held = positionOf(turn.desk, bot.accountId, bot.symbol);
  // Never another's exposure: what is not this bot's stays as it is.
  if (held !== undefined && held.botId !== bot.botId) {
    for (const order of openOrders(turn.desk, bot.accountId, bot.symbol)) {
      if (order.botId === bot.botId) requestCancel(turn, state, order);
    }
    const own = [...openOrders(turn.desk, bot.accountId, bot.symbol)].some(
      (order) => order.botId === bot.botId,
    );
    // Another's exposure keeps the symbol from being flat: that the venue showed no order of a bot is enough.
    if (!own && proof?.accountId === bot.accountId && proof.withoutOrders.has(bot.symbol))
      finishClose(turn, bot);
    else if (!own) askForProof(turn, state);
    return;
  }
  const outcome = flatten(turn, state, bot.symbol, closeReason(turn, state, bot), bot.botId);
  if (outcome === 'busy') {
    if (held !== undefined && isRefusedDust(turn, state, held)) {
      leaveDust(turn, bot, held);
      advanceClose(turn, state, bot, null);
      return;
    }
    const failures = closeFailures(turn.desk, bot.accountId, bot.symbol);
    if (failures !== undefined)
      explain(turn, bot, { code: 'close_refused', figures: { cause: failures.reason } });
    else if (bot.state === 'stopping') {
      const code = botPosition(turn.desk, bot) ? 'closes_position' : 'cancels_orders';
      explain(turn, bot, { code, figures: {} });
    }
    return;
  }
  if (isProven(bot, proof)) {
    finishClose(turn, bot);
    return;
  }
  if (bot.state === 'stopping') explain(turn, bot, { code: 'asks_venue', figures: {} });
  askForProof(turn, state);
}

function isProven(bot: Bot, proof: FlatProof | null): boolean {
  return proof?.accountId === bot.accountId && proof.symbols.has(bot.symbol);
}

function finishClose(turn: Turn, bot: Bot): void {
  const current = turn.desk.bots.get(bot.botId) ?? bot;
  if (current.state === 'stopping') moveBot(turn, current, 'stopped', { plan: null });
  else turn.emit('BotStateChanged', { bot: { ...current, closing: false } });
}

function cancelEntries(turn: Turn, state: AccountState, bot: Bot): void {
  for (const order of openOrders(turn.desk, bot.accountId, bot.symbol)) {
    if (order.botId === bot.botId && order.purpose === 'entry' && isOpen(order))
      requestCancel(turn, state, order);
  }
}
