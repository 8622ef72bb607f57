import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotNote } from '../../../shared/domain/botNote.ts';
import {
  add,
  type Decimal,
  dec,
  min,
  mul,
  mulDiv,
  roundToStep,
  toFloat,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { INTERVAL_MS, type Quote } from '../../../shared/domain/market.ts';
import type { Position } from '../../../shared/domain/position.ts';
import { type AccountState, botPosition, openOrders } from '../desk.ts';
import { submitOrder } from '../order/submit.ts';
import { bringExits } from '../protection/bringExits.ts';
import { decideExit, exitLeft } from '../protection/partialExit.ts';
import { checkOrder } from '../risk/checkOrder.ts';
import { cooldownLeftMs } from '../risk/cooldown.ts';
import { valuate } from '../risk/valuation.ts';
import { entryPrice, lossSide } from '../rules/priceSides.ts';
import type { DesiredOrder, HeldPosition, ProtectionPlan, StrategyDecision } from '../strategy/strategy.ts';
import type { Turn } from '../turn/turn.ts';
import type { BarClosed } from './barsDue.ts';
import { paramsOf } from './paramsOf.ts';

/** States in which a bot's strategy is asked, also while it is flat. */
const MANAGED: ReadonlySet<Bot['state']> = new Set(['running', 'paused', 'holding', 'halted']);
/** States in which it is asked for exits of what is open. */
const EXITS_ONLY: ReadonlySet<Bot['state']> = new Set(['starting', 'error']);

/** One bar, as the bots that follow it are asked about it. */
export type AskedBar = Pick<BarClosed, 'openTime' | 'missed'>;

/** A bar of the bot's market closed: asks its strategy what it wants, and acts on what differs from what is. */
export function evaluateBot(turn: Turn, state: AccountState, bot: Bot, bar: AskedBar): void {
  const isAsked =
    MANAGED.has(bot.state) || (EXITS_ONLY.has(bot.state) && botPosition(turn.desk, bot) !== undefined);
  if (!isAsked || bot.closing || isBefore(bar, bot, botPosition(turn.desk, bot))) return;
  const decision = decideStrategy(turn, state, bot, bar);
  if ('code' in decision) {
    note(turn, bot, decision);
    return;
  }
  const position = botPosition(turn.desk, bot);
  note(turn, bot, decision.note);
  if (position !== undefined) {
    for (const wanted of decision.desired) if (wanted.intent === 'exit') exit(turn, state, bot, wanted);
    bringExits(turn, state, bot.symbol);
    return;
  }
  const entry = decision.desired.find((wanted) => wanted.intent === 'enter');
  if (entry === undefined || bot.state !== 'running') return;
  if (!bar.missed) enter(turn, state, bot, { wanted: entry, plan: decision.protection, bar });
  else note(turn, bot, { code: 'missed_bar', figures: { direction: entry.direction } });
}

/** A bar that was over before the position was opened says nothing about it. */
function isBefore(bar: AskedBar, bot: Bot, position: Position | undefined): boolean {
  return (
    bar.missed && position !== undefined && bar.openTime + INTERVAL_MS[bot.interval] <= position.openedAt
  );
}

function currentBot(turn: Turn, bot: Bot): Bot {
  return turn.desk.bots.get(bot.botId) ?? bot;
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

/** Kinds of reasons: with other figures the same is said. */
function kindOf(said: BotNote): string {
  const { code } = said;
  return code === 'denied' || code === 'denied_always' ? `${code}:${said.figures.denial.limit}` : code;
}

/** The log gets every line; the desk is told when the reason changes. */
export function note(turn: Turn, bot: Bot, said: BotNote): void {
  turn.effect({ type: 'Say', botId: bot.botId, said });
  if (bot.note !== null && kindOf(bot.note) === kindOf(said)) return;
  turn.emit('BotNote', { bot: { ...currentBot(turn, bot), note: { ...said, ts: turn.wallTime } } });
}

/** What the strategy wants, what is to protect it, and the bar it was asked about. */
interface WantedEntry {
  wanted: DesiredOrder;
  plan: ProtectionPlan;
  bar: AskedBar;
}

function enter(turn: Turn, state: AccountState, bot: Bot, { wanted, plan, bar }: WantedEntry): void {
  const { venue } = state.account;
  const working = [...openOrders(turn.desk, bot.accountId, bot.symbol)];
  if (working.length > 0) return;
  // One entry per bar: its id names the bar, so a second one would be the first one sent again.
  const orderId = turn.id(bot.accountId, bot.botId, bot.symbol, bar.openTime, wanted.slot, 0);
  if (turn.desk.orders.has(orderId) || (bot.lastBarTime !== null && bar.openTime <= bot.lastBarTime)) return;
  const waitsMs = cooldownLeftMs(turn, state, bot.symbol);
  if (waitsMs > 0) {
    note(turn, bot, { code: 'cooldown', figures: { left: waitsMs } });
    return;
  }
  const instrument = turn.context.instrument(venue, bot.symbol);
  const quote = turn.context.quote(venue, bot.symbol);
  const size =
    instrument === undefined || quote === undefined
      ? undefined
      : entrySize(turn, state, bot, wanted, { instrument, quote });
  if (instrument === undefined || quote === undefined || size === undefined) {
    note(turn, bot, { code: 'blind', figures: {} });
    return;
  }
  const side = wanted.direction === 'long' ? 'buy' : 'sell';
  const price =
    wanted.type === 'limit' && wanted.price !== undefined
      ? roundToStep(wanted.price, instrument.tickSize, 'nearest')
      : null;
  const stopPrice = lossSide(wanted.direction, price ?? quote.mark, plan.stopLossPct, instrument.tickSize);
  const proposal = {
    symbol: bot.symbol,
    side,
    type: wanted.type,
    size,
    price,
    reduceOnly: false,
    stopPrice,
    takeProfitPrice: null,
  } as const;
  const check = checkOrder(turn, state, {
    ...proposal,
    leverage: bot.leverage,
    marginMode: bot.marginMode,
    botId: bot.botId,
  });
  const [first] = check.denials;
  if (first !== undefined) {
    note(turn, bot, { code: 'denied', figures: { direction: wanted.direction, denial: first } });
    return;
  }
  const said: BotNote = { code: 'entered', figures: { direction: wanted.direction, size, stop: stopPrice } };
  turn.effect({ type: 'Say', botId: bot.botId, said });
  // The plan and the bar are durable with the intent: what protects the fill is known before it happens.
  turn.emit('BotNote', {
    bot: { ...currentBot(turn, bot), plan, lastBarTime: bar.openTime, note: { ...said, ts: turn.wallTime } },
  });
  const attaches = turn.context.venue(venue)?.capabilities.attachedStop === true;
  submitOrder(turn, state, {
    orderId,
    botId: bot.botId,
    symbol: bot.symbol,
    side,
    type: wanted.type,
    purpose: 'entry',
    slot: wanted.slot,
    size,
    price,
    triggerPrice: null,
    // Unattended, an entry would fill without a stop.
    timeInForce: wanted.type === 'market' || !attaches ? 'ioc' : 'gtc',
    reduceOnly: false,
    attachedStop: attaches ? { triggerPrice: stopPrice, triggerBy: 'mark' } : null,
  });
}

/**
 * Size of an entry: the bot's share of the account's equity, times its leverage, less room for the fees of the way in
 * and out. Undefined without a fresh price.
 */
export function entrySize(
  turn: Turn,
  state: AccountState,
  bot: Bot,
  wanted: Pick<DesiredOrder, 'direction' | 'type' | 'price' | 'share'>,
  { instrument, quote }: { instrument: Instrument; quote: Quote },
): Decimal | undefined {
  const valuation = valuate(turn.desk, state, turn.context);
  if (valuation === undefined) return undefined;
  const leverage = dec(String(bot.leverage));
  const budget = mul(mulDiv(valuation.equity, bot.allocationPct, dec('100')), wanted.share);
  const feeRoom = add(dec('1'), mul(mul(leverage, instrument.takerFeeRate), dec('2')));
  const notional = mulDiv(budget, leverage, feeRoom);
  const price = wanted.price ?? (wanted.direction === 'long' ? quote.ask : quote.bid);
  const size = roundToStep(mulDiv(notional, dec('1'), price, 12), instrument.sizeStep, 'down');
  return min(size, wanted.type === 'market' ? instrument.maxMarketSize : instrument.maxLimitSize);
}

/** Decided once; how it goes on is the position's matter, whatever the next bars say. */
function exit(turn: Turn, state: AccountState, bot: Bot, { slot, share, direction }: DesiredOrder): void {
  const position = botPosition(turn.desk, bot);
  const instrument = turn.context.instrument(state.account.venue, bot.symbol);
  if (position === undefined || instrument === undefined || direction !== position.direction) return;
  if (position.protection.exits.some((decided) => decided.slot === slot)) return;
  if (exitLeft(position, { slot, share }, instrument) === undefined) return;
  const said = { code: 'exit_decided', figures: { direction, share: mul(share, dec('100')) } } as const;
  turn.effect({ type: 'Say', botId: bot.botId, said });
  decideExit(turn, position, { slot, share });
}
