import type { Account, Book, Limits, MarginMode } from '../../shared/domain/account.ts';
import type { Alert, Emergency } from '../../shared/domain/alert.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import type { Cause } from '../../shared/domain/cause.ts';
import { type Decimal, isZero, ZERO } from '../../shared/domain/decimal.ts';
import type { Trade } from '../../shared/domain/fill.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { Position } from '../../shared/domain/position.ts';
import type { VenueCursors, VenueFill, VenueOrder } from '../ports/venue.ts';
import { isKnownAs } from './rules/venueName.ts';

/** Bounds of what a desk remembers in memory; the log and its projections keep everything. */
export const DESK_LIMITS = {
  /** Closed orders kept to attribute late fills to. */
  closedOrders: 300,
  emergencies: 5,
  /** Alerts that only tell what happened. */
  news: 100,
  deletedBots: 50,
  /** Per account; no guard counts further. */
  stopOuts: 100,
  /** Per account: of what a bill may be that is told late. */
  endedTrades: 20,
} as const;

/** What a symbol is set to at the venue, for one account. */
export interface SymbolSettings {
  leverage: number;
  marginMode: MarginMode;
}

/** What one fill or bill changed in the books. */
export interface Booked {
  cursor: number;
  /** Null: a bill. */
  symbol: string | null;
  /** Of the position, bought being positive. */
  size: Decimal;
  /** Of the balance in the settlement coin. */
  amount: Decimal;
}

/** A fill that may be the work of an order of ours whose answer has not come: not in the books yet. */
export interface HeldFill {
  fill: VenueFill;
  ingestedAt: number;
  /** Wall time. */
  heldAt: number;
}

/** A trade that is over, with its position as it ended. */
export interface EndedTrade {
  position: Position;
  trade: Trade;
}

/** What readings show other than the books, for as long as what explains it may be told yet. */
export interface Differing {
  what: string;
  /** Wall time of the first reading in a row that showed just this. */
  since: number;
}

/** What one reading, or look-up, that began at wall time `at` showed against the books, or of what is to be proven. */
export interface Noted {
  shows: string;
  at: number;
  /** Of the event that noted it. */
  seq: number;
}

/** Subject of what a look-up of an order showed; gone with the order. */
export const noteOfOrder = (orderId: string): string => `order:${orderId}`;

/** What the engine knows of one account beyond what its owner is shown. */
export interface AccountState {
  account: Account;
  limits: Limits;
  /** The venue's cursors at or below which no fill or bill is told any more: reads ask for what is beyond. */
  cursors: VenueCursors;
  /**
   * Fills and bills beyond `cursors`, by id: a push and a read may both bring the same one, and reads overlap. As many as the
   * venue tells within its overlap, and since the last reading.
   */
  seenFills: Map<string, Booked>;
  seenBills: Map<string, Booked>;
  /** By id; among `seenFills` as what changes nothing. */
  held: Map<string, HeldFill>;
  /** Positions. */
  differing: Differing | null;
  /** The last ones, oldest first. */
  endedTrades: EndedTrade[];
  /** Leverage and margin mode confirmed by the venue, per symbol. */
  configured: Map<string, SymbolSettings>;
  /** Market time of the last comparison with the venue; null: none since it was opened. */
  reconciledAt: number | null;
  /** How the venue's balance differed from ours at the last comparison, theirs less ours; null: not at all. */
  balanceGap: Decimal | null;
  /** Wall time of the first comparison in a row that showed just this gap. */
  balanceGapSince: number;
  /** What was shown once, by subject: nothing is taken from one reading. */
  noted: Map<string, Noted>;
  /** Wall times of the last minute's orders that could add exposure, for the order-rate limit. */
  orderTimes: number[];
  /** Market times of the last stops that fired at a loss, oldest first, for the stop-out guard. */
  stopOuts: number[];
  /** Market time until which no bot enters a symbol, since a stop fired there; by symbol. */
  cooldowns: Map<string, number>;
  lastEquityAt: number;
  /** At the last point of the equity curve, with what was moved in and out since; null: none yet. */
  lastEquity: Decimal | null;
}

/** Of which symbols a fill waits for an answer. */
export const heldSymbols = ({ held }: AccountState): Set<string> =>
  new Set([...held.values()].map(({ fill }) => fill.symbol));

/** Of the newest fill and bill that we were told of. */
export function newestCursors({ cursors, seenFills, seenBills }: AccountState): VenueCursors {
  const newest = (from: number, seen: Map<string, Booked>): number => {
    let cursor = from;
    for (const booked of seen.values()) if (booked.cursor > cursor) cursor = booked.cursor;
    return cursor;
  };
  return { fills: newest(cursors.fills, seenFills), bills: newest(cursors.bills, seenBills) };
}

/** Orders in a row by which nothing of what is to be reduced was: refused, or taken and given up with nothing filled. */
export interface ExitFailures {
  /** All of them. */
  tries: number;
  /** Those that say something of the order: not "not now", nor of a target that its price or its market is not there yet. */
  count: number;
  reason: Cause;
  /** Wall time of the last one. */
  lastAt: number;
}

/**
 * All that one user trades with. Changed only by `apply`, in place: a batch that fails to commit throws the desk away
 * and loads it from the log again.
 */
export interface Desk {
  deskId: string;
  /** Of the last event applied. */
  seq: number;
  opened: boolean;
  /** Wall time at which a process last took it over. */
  recoveredAt: number;
  /** An administrator's stop of all: accounts that are opened later are born with it. */
  latch: Account['latch'];
  accounts: Map<string, AccountState>;
  /** Limits over all accounts of a book together, where their owner set any. */
  bookLimits: Map<Book, Limits>;
  bots: Map<string, Bot>;
  /** Working orders, and the last closed ones, by orderId. */
  orders: Map<string, Order>;
  /** Working orders among `orders`, oldest first: a desk looks at these many times per input. */
  workingOrderIds: Set<string>;
  /** Closed orders among `orders`, oldest first. */
  closedOrderIds: string[];
  /** Open positions by symbolKey. */
  positions: Map<string, Position>;
  /** Wall time since when the stop of a position is as it is, by symbolKey: whatever else of the position changes. */
  stopSince: Map<string, number>;
  /** Wall time since when the stop of a position is for less than it, by symbolKey. */
  stopShortSince: Map<string, number>;
  alerts: Map<string, Alert>;
  emergencies: Map<string, Emergency>;
  /** Orders among `orders` that outlived the position they were decided for: what becomes of them says nothing of another. */
  outlived: Set<string>;
  /** Exits that get nowhere, by what they are to reduce. */
  exitFailures: Map<string, ExitFailures>;
  /** By series: the bar up to which bots with a position were asked at least, for whoever takes the desk over. */
  barsGiven: Map<string, number>;
  /** The last ones, oldest first: who comes to a bot that is gone is told who removed it. */
  deletedBots: { botId: string; deletedBy: Bot['changedBy'] }[];
}

export function newDesk(deskId: string): Desk {
  return {
    deskId,
    seq: 0,
    opened: false,
    recoveredAt: 0,
    latch: null,
    accounts: new Map(),
    bookLimits: new Map(),
    bots: new Map(),
    orders: new Map(),
    workingOrderIds: new Set(),
    closedOrderIds: [],
    positions: new Map(),
    stopSince: new Map(),
    stopShortSince: new Map(),
    alerts: new Map(),
    emergencies: new Map(),
    outlived: new Set(),
    exitFailures: new Map(),
    barsGiven: new Map(),
    deletedBots: [],
  };
}

/** One-way mode: an account has at most one position per symbol. */
export function symbolKey(accountId: string, symbol: string): string {
  return `${accountId}:${symbol}`;
}

export function positionOf(desk: Desk, accountId: string, symbol: string): Position | undefined {
  return desk.positions.get(symbolKey(accountId, symbol));
}

/** Wall time since when the stop of a position is as it is. */
export function stopSince(desk: Desk, { accountId, symbol, updatedAt }: Position): number {
  return desk.stopSince.get(symbolKey(accountId, symbol)) ?? updatedAt;
}

/** Wall time since when the stop of a position has been too small for it, and has not grown; null: it is not. */
export function stopShortSince(desk: Desk, position: Position): number | null {
  const since = desk.stopShortSince.get(symbolKey(position.accountId, position.symbol));
  return since === undefined ? null : Math.max(since, stopSince(desk, position));
}

export function* openOrders(desk: Desk, accountId: string, symbol?: string): Generator<Order> {
  for (const orderId of desk.workingOrderIds) {
    const order = desk.orders.get(orderId);
    if (order?.accountId === accountId && (symbol === undefined || order.symbol === symbol)) yield order;
  }
}

/** The bot that claims (account, symbol): any but `except` that is not stopped, or still holds exposure there. */
export function claimant(
  desk: Desk,
  accountId: string,
  symbol: string,
  except: string | null = null,
): Bot | undefined {
  for (const bot of desk.bots.values()) {
    if (bot.botId === except) continue;
    if (bot.accountId === accountId && bot.symbol === symbol && claims(desk, bot)) return bot;
  }
  return undefined;
}

/** Whether the bot claims its symbol and its share of the account: while it is active, or exposure of it remains. */
export function claims(desk: Desk, bot: Bot): boolean {
  return isActive(bot) || hasExposure(desk, bot);
}

/** A position of the bot, or an entry of it that works and may become one. */
export function hasExposure(desk: Desk, bot: Bot): boolean {
  return botPosition(desk, bot) !== undefined || hasWorkingEntry(desk, bot);
}

export function hasWorkingEntry(desk: Desk, bot: Bot): boolean {
  for (const order of openOrders(desk, bot.accountId, bot.symbol)) {
    if (order.botId === bot.botId && !order.reduceOnly) return true;
  }
  return false;
}

/** Neither stopped nor in error: there is something to bring on. */
export function isActive(bot: Bot): boolean {
  return bot.state !== 'stopped' && bot.state !== 'error';
}

/** The limits an account stands under: its own, then those of its book. */
export function limitsOver(desk: Desk, state: AccountState): Limits[] {
  const ofBook = desk.bookLimits.get(state.account.book);
  return ofBook === undefined ? [state.limits] : [state.limits, ofBook];
}

export function botPosition(desk: Desk, bot: Bot): Position | undefined {
  const position = positionOf(desk, bot.accountId, bot.symbol);
  return position !== undefined && position.botId === bot.botId && !isZero(position.size)
    ? position
    : undefined;
}

/** How large an order shown is: a stop that tells no size is for the whole position. `known`: what it was when that was told. */
export function sizeShown(
  desk: Desk,
  accountId: string,
  { symbol, size, type }: Pick<VenueOrder, 'symbol' | 'size' | 'type'>,
  known: Decimal = ZERO,
): Decimal {
  if (size !== null) return size;
  const held = type === 'stop_market' ? positionOf(desk, accountId, symbol)?.size : undefined;
  return held === undefined || isZero(held) ? known : held;
}

/** By its id at the venue, one that it had before, or that of the order that a stop became. */
export function findByVenueOrderId(desk: Desk, accountId: string, venueOrderId: string): Order | undefined {
  for (const order of desk.orders.values()) {
    if (order.accountId === accountId && isKnownAs(order, venueOrderId)) return order;
  }
  return undefined;
}

/** Whether it still has something to do: not done, or something that it had to leave is tried on. */
export function isUnderWay(emergency: Emergency): boolean {
  return emergency.stage !== 'done' || emergency.residual.some((row) => row.closedAt === undefined);
}

/** Whether anything on the symbol was found at the venue and not adopted. */
export function hasForeign(desk: Desk, accountId: string, symbol: string): boolean {
  if (positionOf(desk, accountId, symbol)?.foreign === true) return true;
  for (const order of openOrders(desk, accountId, symbol)) if (order.foreign === true) return true;
  return false;
}

/** The coin that USDT-margined accounts settle in. */
export const SETTLEMENT_COIN = 'USDT';

export function balanceOf(state: AccountState): Decimal {
  return state.account.balances[SETTLEMENT_COIN] ?? ZERO;
}

export function positionsOf(desk: Desk, accountId: string): Position[] {
  return [...desk.positions.values()].filter((position) => position.accountId === accountId);
}
