import type { Account } from '../../shared/domain/account.ts';
import { type Decimal, ZERO } from '../../shared/domain/decimal.ts';
import type { Order } from '../../shared/domain/order.ts';
import { type Desk, symbolKey } from '../core/desk.ts';
import type { DeskEvent } from '../core/events.ts';
import { CommandLaw } from './invariants/commandLaw.ts';
import { Exits } from './invariants/exits.ts';
import { LedgerLaw } from './invariants/ledgerLaw.ts';
import { Payers } from './invariants/payers.ts';
import { Standing } from './invariants/standing.ts';
import type { World } from './world.ts';

/** How long something that must not last has lasted, healthy world ms; and how much of it in calm. */
export interface Lapse {
  ms: number;
  calmMs: number;
  /** Faults that thwarted what was to end it: each has to be known, looked into, and tried again. */
  setbacks: number;
}

/** What the invariants remember of a run beyond log and venue. */
export interface CommittedHistory {
  /** Client order ids that left for the venue, and the bot they were for; null: by hand. */
  sent: Map<string, string | null>;
  /** Of those, whom a fault refused: not the venue, which would say something of the engine. */
  injected: Set<string>;
  /** Client order ids that the venue does not name with their fills. */
  nameless: Set<string>;
  /** World time of the last thing that happened to an account at the venue, and of the last that was foreign. */
  lastVenueChangeAt: Map<string, number>;
  lastForeignAt: Map<string, number>;
  /** That a bot's position has been without a stop, by account and symbol. */
  nakedMs: Map<string, Lapse>;
  nakedCheckedAt: number;
  /** World ms for which no fault has struck any more, and everything has worked. */
  calmMs: number;
  /** That a bot's position has been open beyond its time. */
  overdueMs: Map<string, Lapse>;
  /** That a target which the price has passed has had no order at the venue. */
  untakenMs: Map<string, Lapse>;
  /** Healthy world ms that a position has been known to have no stop, without an alert. */
  untoldMs: Map<string, number>;
  /** Healthy world ms that a position's stop has had another size than it, without an alert. */
  wrongStopMs: Map<string, number>;
  /** Healthy world ms that a position's stop has risked more than its plan, without an alert. */
  beyondPlanMs: Map<string, number>;
  readonly ledger: LedgerLaw;
  readonly payers: Payers;
  readonly standing: Standing;
  readonly exits: Exits;
  readonly commandLaw: CommandLaw;
  /** World time at which each emergency began. */
  emergencies: Map<string, number>;
  /** Of accounts, as they were decided last. */
  statuses: Map<string, Account['status']>;
  /** Healthy world ms that the venue would liquidate a position before its stop, without an alert. */
  behindMs: Map<string, number>;
  /** Of each desk after its last decision: what it holds, bought being positive, by account and symbol. */
  sizes: Map<string, Map<string, Decimal>>;
  /** Requests of each desk in the current window. */
  paces: Map<string, { since: number; count: number }>;
  /** The newest bar that the bot of each position was asked about, by desk and position. */
  askedBars: Map<string, number>;
  /** Of these, by desk, what was decided on them and may not be durable yet: up to which seq. */
  undurableBars: Map<string, { id: string; openTime: number; seq: number }[]>;
}

export function newHistory(): CommittedHistory {
  return {
    sent: new Map(),
    injected: new Set(),
    nameless: new Set(),
    lastVenueChangeAt: new Map(),
    lastForeignAt: new Map(),
    nakedMs: new Map(),
    nakedCheckedAt: 0,
    calmMs: 0,
    overdueMs: new Map(),
    untakenMs: new Map(),
    untoldMs: new Map(),
    wrongStopMs: new Map(),
    beyondPlanMs: new Map(),
    ledger: new LedgerLaw(),
    payers: new Payers(),
    standing: new Standing(),
    exits: new Exits(),
    commandLaw: new CommandLaw(),
    emergencies: new Map(),
    statuses: new Map(),
    behindMs: new Map(),
    sizes: new Map(),
    paces: new Map(),
    askedBars: new Map(),
    undurableBars: new Map(),
  };
}

/** Counts what the run has met. */
export function noteCommitted(world: World, _deskId: string, events: readonly DeskEvent[]): void {
  const { coverage } = world;
  for (const event of events) {
    switch (event.kind) {
      case 'OrderUpdated':
        if (event.data.order.status === 'partially_filled') coverage.count('met:partial fill');
        break;
      case 'StopPlaced':
      case 'StopReplaced':
      case 'StopTriggered':
      case 'StopFailed':
      case 'Unprotected':
        coverage.count(`met:${event.kind}`);
        break;
      case 'LimitBreached':
        coverage.count('met:limit breach');
        if (event.data.limits.breaches.length > 1) coverage.count('met:limit breach beside another');
        break;
      case 'OrderCancelled':
        noteUnfilled(world, event.data.order);
        break;
      case 'OrderRejected':
        coverage.count(`met:order ${event.data.order.status}`);
        noteRejection(world, event.data.order);
        break;
      case 'FillHeld':
      case 'RealisedSettled':
      case 'TradeChanged':
      case 'PositionsCompared':
        coverage.count(`met:${event.kind}`);
        break;
      case 'FillRecorded':
        coverage.count(`met:fill by ${event.data.fill.source}`);
        break;
      case 'PositionChanged':
        if (event.data.trade !== null) coverage.count(`met:trade ended by ${event.data.trade.exit}`);
        break;
      case 'BotStateChanged':
        coverage.count(`met:bot ${event.data.bot.state}`);
        break;
      case 'EmergencyStage':
        coverage.count(`met:emergency ${event.data.emergency.stage}`);
        break;
      case 'EmergencyReceipt':
        coverage.count(
          `met:emergency done${event.data.emergency.residual.length > 0 ? ' with residual' : ''}`,
        );
        break;
      case 'AlertRaised':
        coverage.count(`alert:${event.data.alert.code}`);
        break;
    }
  }
}

/** What a process had under way when it lost its desk has to be asked for again. */
export function noteRecovery({ history }: World, desk: Desk): void {
  for (const { accountId, symbol } of desk.positions.values()) {
    noteLook(history, symbolKey(accountId, symbol));
    // What was said of it may have been lost.
    history.untoldMs.delete(symbolKey(accountId, symbol));
  }
}

/** A reading or look-up that was waited for in vain. */
export function noteSilence({ history, market }: World, accountId: string): void {
  for (const symbol of market.instruments.keys()) noteLook(history, symbolKey(accountId, symbol));
}

/** The venue takes nothing from anybody for a while: whatever is to be done waits. */
export function noteThrottled({ history }: World): void {
  const { overdueMs, nakedMs, untakenMs, wrongStopMs, beyondPlanMs, behindMs } = history;
  const lapses: ReadonlyMap<string, unknown>[] = [
    overdueMs,
    nakedMs,
    untakenMs,
    wrongStopMs,
    beyondPlanMs,
    behindMs,
  ];
  for (const key of new Set(lapses.flatMap((lapse) => [...lapse.keys()]))) noteLook(history, key);
}

function noteLook(history: CommittedHistory, key: string): void {
  noteSetback([history.overdueMs, history.nakedMs, history.untakenMs], key);
  for (const lapses of [history.wrongStopMs, history.beyondPlanMs, history.behindMs]) lapses.delete(key);
}

/** Lost after it left, or refused by a fault: not by the venue, which would say something of the engine. */
function noteRejection({ history }: World, order: Order): void {
  const { accountId, symbol, purpose, status, orderId } = order;
  const isLost = status === 'abandoned' && history.sent.has(orderId);
  if (!isLost && !history.injected.has(orderId)) return;
  const key = symbolKey(accountId, symbol);
  if (purpose === 'stop') noteSetback([history.nakedMs], key);
  if (purpose === 'take_profit') noteSetback([history.untakenMs], key);
  if (purpose === 'close' || purpose === 'exit') noteSetback([history.overdueMs, history.nakedMs], key);
}

/** Nobody offered anything for what was to go at once. */
function noteUnfilled({ history }: World, { accountId, symbol, purpose, filledSize }: Order): void {
  if ((purpose !== 'close' && purpose !== 'exit') || filledSize !== ZERO) return;
  noteSetback([history.overdueMs, history.nakedMs], symbolKey(accountId, symbol));
}

function noteSetback(lapses: readonly Map<string, Lapse>[], key: string): void {
  for (const lapse of lapses) {
    const current = lapse.get(key);
    if (current !== undefined) lapse.set(key, { ...current, setbacks: current.setbacks + 1 });
  }
}
