import type { Bot } from '../../../shared/domain/bot.ts';
import type { BotNote } from '../../../shared/domain/botNote.ts';
import {
  abs,
  add,
  type Decimal,
  dec,
  gte,
  lte,
  min,
  mul,
  mulDiv,
  roundToStep,
  sub,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import type { Order } from '../../../shared/domain/order.ts';
import { type AccountState, botPosition, openOrders } from '../desk.ts';
import { requestAmend } from '../order/amend.ts';
import { requestCancel, submitOrder } from '../order/submit.ts';
import { canMoveStop } from '../protection/sendStop.ts';
import { checkOrder } from '../risk/checkOrder.ts';
import { cooldownLeftMs } from '../risk/cooldown.ts';
import type { OrderProposal } from '../risk/proposal.ts';
import { valuate } from '../risk/valuation.ts';
import { lossSide } from '../rules/priceSides.ts';
import type { DesiredOrder, ProtectionPlan } from '../strategy/strategy.ts';
import type { Turn } from '../turn/turn.ts';
import type { AskedBar } from './barsDue.ts';
import { diffEntries, type WantedEntry } from './diffEntries.ts';
import { logNote, sayNote } from './sayNote.ts';

/** What the strategy wants, what is to protect it, and the bar it was asked about. */
interface Wanted {
  entries: readonly DesiredOrder[];
  plan: ProtectionPlan;
  bar: AskedBar;
}

type Priced = WantedEntry & { desired: DesiredOrder };

/**
 * Has the entries work that the strategy wants, and no others; new ones come only to who is flat. Answers whether something
 * was said of it.
 */
export function bringEntries(turn: Turn, state: AccountState, bot: Bot, wanted: Wanted): boolean {
  const { plan, bar } = wanted;
  const working = [...openOrders(turn.desk, bot.accountId, bot.symbol)];
  const own = working.filter((order) => order.botId === bot.botId && order.purpose === 'entry');
  if (own.length === 0 && wanted.entries.length === 0) return false;
  const instrument = turn.context.instrument(state.account.venue, bot.symbol);
  if (instrument === undefined) {
    sayNote(turn, bot, { code: 'blind', figures: {} });
    return true;
  }
  const priced = wanted.entries.map((desired) => pricedBy(instrument, desired));
  const diff = diffEntries(priced, own);
  for (const order of diff.cancel) requestCancel(turn, state, order);
  if (diff.amend.length + diff.place.length === 0) return false;
  const quote = turn.context.quote(state.account.venue, bot.symbol);
  if (quote === undefined) {
    sayNote(turn, bot, { code: 'blind', figures: {} });
    return true;
  }
  for (const { order, price } of diff.amend) moveEntry(turn, state, bot, { order, price, instrument });
  // What somebody else has on this symbol comes first.
  if (diff.place.length === 0 || working.length > own.length || botPosition(turn.desk, bot) !== undefined)
    return false;
  // One entry per bar and slot: its id names them, so a second one would be the first one sent again.
  if (bot.lastBarTime !== null && bar.openTime <= bot.lastBarTime) return false;
  const waitsMs = cooldownLeftMs(turn, state, bot.symbol);
  if (waitsMs > 0) {
    sayNote(turn, bot, { code: 'cooldown', figures: { left: waitsMs } });
    return true;
  }
  for (const entry of diff.place) enter(turn, state, bot, { ...entry, plan, bar }, { instrument, quote });
  return true;
}

function pricedBy({ tickSize }: Instrument, desired: DesiredOrder): Priced {
  const { slot, direction, type, price } = desired;
  const limit = type === 'limit' && price !== undefined ? roundToStep(price, tickSize, 'nearest') : null;
  return { slot, side: direction === 'long' ? 'buy' : 'sell', price: limit, desired };
}

interface Move {
  order: Order;
  price: Decimal;
  instrument: Instrument;
}

/** An entry that may not be where it is wanted is wanted no more: another one comes once it is gone. */
function moveEntry(turn: Turn, state: AccountState, bot: Bot, { order, price, instrument }: Move): void {
  // Not yet known to the venue: it can be moved once it is.
  if (order.venueOrderId === null) return;
  const { side, size } = order;
  const stopPrice = order.attachedStop?.triggerPrice ?? null;
  const proposal = entryOf(bot, { side, type: 'limit', size, price, stopPrice });
  const { denials } = checkOrder(turn, state, { ...proposal, replaces: order });
  if (denials.length === 0 && keepsItsPlan(turn, state, bot, { order, price, instrument }))
    requestAmend(turn, state, order, { price });
  else requestCancel(turn, state, order);
}

/** Of the distance that is planned between an entry and its stop, the least and the most that is left of it by a move. */
const LEAST_OF_PLAN = dec('0.5');
const MOST_OF_PLAN = dec('1.5');

/**
 * Whether the stop, which stays where it is when its entry moves, is still about as far from it as its plan says: not so
 * near that the next move of the market ends it, and farther only where it can be brought to its plan after the fill.
 */
function keepsItsPlan(
  turn: Turn,
  state: AccountState,
  bot: Bot,
  { order, price, instrument: { tickSize } }: Move,
): boolean {
  const pct = bot.plan?.stopLossPct;
  const facts = turn.context.venue(state.account.venue);
  if (order.attachedStop === null || pct === undefined || facts === undefined) return false;
  const direction = order.side === 'buy' ? 'long' : 'short';
  const planned = abs(sub(price, lossSide(direction, price, pct, tickSize)));
  const actual = abs(sub(price, order.attachedStop.triggerPrice));
  const most = canMoveStop(facts) ? mul(planned, MOST_OF_PLAN) : planned;
  return gte(actual, mul(planned, LEAST_OF_PLAN)) && lte(actual, most);
}

interface NewEntry extends Priced {
  plan: ProtectionPlan;
  bar: AskedBar;
}

function enter(
  turn: Turn,
  state: AccountState,
  bot: Bot,
  { desired, slot, side, price, plan, bar }: NewEntry,
  { instrument, quote }: Market,
): void {
  const orderId = turn.id(bot.accountId, bot.botId, bot.symbol, bar.openTime, slot, 0);
  if (turn.desk.orders.has(orderId)) return;
  const { direction, type } = desired;
  const size = entrySize(turn, state, bot, desired, { instrument, quote });
  if (size === undefined) {
    sayNote(turn, bot, { code: 'blind', figures: {} });
    return;
  }
  const stopPrice = lossSide(direction, price ?? quote.mark, plan.stopLossPct, instrument.tickSize);
  const { denials } = checkOrder(turn, state, entryOf(bot, { side, type, size, price, stopPrice }));
  const [first] = denials;
  if (first !== undefined) {
    sayNote(turn, bot, { code: 'denied', figures: { direction, denial: first } });
    return;
  }
  const said: BotNote = { code: 'entered', figures: { direction, size, stop: stopPrice } };
  logNote(turn, bot, said);
  // The plan and the bar are durable with the intent: what protects the fill is known before it happens.
  const current = turn.desk.bots.get(bot.botId) ?? bot;
  turn.emit('BotNote', {
    bot: { ...current, plan, lastBarTime: bar.openTime, note: { ...said, ts: turn.wallTime } },
  });
  const attaches = turn.context.venue(state.account.venue)?.capabilities.attachedStop === true;
  submitOrder(turn, state, {
    orderId,
    botId: bot.botId,
    symbol: bot.symbol,
    side,
    type,
    purpose: 'entry',
    slot,
    size,
    price,
    triggerPrice: null,
    // Unattended, an entry would fill without a stop.
    timeInForce: type === 'market' || !attaches ? 'ioc' : 'gtc',
    reduceOnly: false,
    attachedStop: attaches ? { triggerPrice: stopPrice, triggerBy: 'mark' } : null,
  });
}

/** An entry of the bot, as its checks see it. */
function entryOf(
  { symbol, leverage, marginMode, botId }: Bot,
  order: Pick<OrderProposal, 'side' | 'type' | 'size' | 'price' | 'stopPrice'>,
): OrderProposal {
  return { ...order, symbol, leverage, marginMode, botId, reduceOnly: false, takeProfitPrice: null };
}

/** What a symbol is, and what it costs now. */
interface Market {
  instrument: Instrument;
  quote: Quote;
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
  { instrument, quote }: Market,
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
