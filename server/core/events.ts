import type { Account, Limits, MarginMode } from '../../shared/domain/account.ts';
import type { Actor } from '../../shared/domain/actor.ts';
import type { Alert, Emergency } from '../../shared/domain/alert.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import type { Cause } from '../../shared/domain/cause.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Fill, Trade } from '../../shared/domain/fill.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { Position } from '../../shared/domain/position.ts';
import type { VenueCursors, VenueFill } from '../ports/venue.ts';
import type { Noted } from './desk.ts';

/** A change of the wallet balance that no fill made. */
export interface LedgerBill {
  billId: string;
  symbol: string | null;
  coin: string;
  kind: 'funding' | 'transfer' | 'adjustment';
  /** Positive = received. */
  amount: Decimal;
  ts: number;
}

/**
 * What each event says. It carries the changed entity in full, so that applying it is an upsert, reading it needs
 * no other, and the frame made of it is complete.
 */
export interface EventData {
  DeskOpened: { deskId: string };
  /** A process took the desk over, at wall time `ts`. */
  DeskRecovered: { ts: number };
  /** An administrator stopped all that its user has and opens; null: released. */
  DeskLatched: { latch: Account['latch'] };
  BotCreated: { bot: Bot };
  BotUpdated: { bot: Bot };
  /** `deletedBy`: absent in events of older servers. */
  BotDeleted: { botId: string; deletedBy?: Bot['changedBy'] };
  BotStateChanged: { bot: Bot };
  BotNote: { bot: Bot };
  OrderSubmitted: { order: Order };
  OrderAccepted: { order: Order };
  OrderUpdated: { order: Order };
  OrderCancelled: { order: Order };
  OrderRejected: { order: Order };
  OrderUnknown: { order: Order };
  /** It waits for the answer of an order that it may be the work of. */
  FillHeld: { accountId: string; fill: VenueFill; ingestedAt: number; heldAt: number };
  /** `cursor`: the venue's, for the next read of what was missed. */
  FillRecorded: { fill: Fill; cursor: number };
  PositionChanged: { position: Position; trade: Trade | null };
  /** Something of a trade that was over already was told late. `position`: what is open in its symbol now, else as it ended. */
  TradeChanged: { position: Position; trade: Trade };
  StopPlaced: { position: Position };
  StopReplaced: { position: Position };
  StopTriggered: { position: Position };
  StopFailed: { position: Position; reason: Cause };
  Unprotected: { position: Position; ms: number };
  AccountChanged: { account: Account };
  /** `bill`: what changed it, when that was not a fill. */
  BalanceChanged: { account: Account; bill: LedgerBill | null; cursor: number | null };
  FundingPaid: { accountId: string; bill: LedgerBill; cursor: number };
  /** Of an account, or with `book` of all accounts of a book. */
  LimitChanged: { limits: Limits };
  LimitBreached: { limits: Limits };
  EmergencyStage: { emergency: Emergency };
  EmergencyReceipt: { emergency: Emergency };
  LatchReleased: { account: Account };
  ForeignActivity: { account: Account };
  ForeignResolved: { account: Account };
  AlertRaised: { alert: Alert };
  AlertResolved: { alertId: string };
  /** The account was compared with the venue at market time `ts`: nothing up to `cursors` (its own) is told any more. */
  Reconciled: { accountId: string; cursors: VenueCursors; ts: number };
  /** The bots of a series, one of which held a position, were asked up to this bar. Not said of every bar. */
  BarsGiven: { series: string; openTime: number };
  /** Theirs less ours, of a reading at wall time `ts`; null: they agree. */
  BalanceCompared: { accountId: string; gap: Decimal | null; ts: number };
  /** How the positions of a reading at wall time `ts` differ, where what explains it may be told yet; null: not any more. */
  PositionsCompared: { accountId: string; differing: string | null; ts: number };
  /** One reading or look-up showed this of a subject; null: it is over, since another agreed, or did not. */
  ReadingNoted: { accountId: string; subject: string; noted: Omit<Noted, 'seq'> | null };
  /** Fills of a symbol were told out of order: of what they realised `amount` goes to the balance instead of what is open. */
  RealisedSettled: { accountId: string; symbol: string; amount: Decimal; ts: number };
  SymbolConfigured: { accountId: string; symbol: string; leverage: number; marginMode: MarginMode };
  /** A point of the equity curve at wall time `ts`. `marketTs`: absent in events of older servers. */
  EquityMarked: { accountId: string; equity: Decimal; balance: Decimal; ts: number; marketTs?: number };
}

export type EventKind = keyof EventData;

/** A past-tense fact about a desk. `seq` is its place in the log. */
export type DeskEvent = {
  [K in EventKind]: { seq: number; kind: K; by: Actor; cause: string; data: EventData[K] };
}[EventKind];
