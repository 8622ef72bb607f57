import type { Bot } from '../../../shared/domain/bot.ts';
import type { StrategyNote } from '../../../shared/domain/botNote.ts';
import { type Decimal, dec } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import { isOpen, type Order, type OrderPurpose } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { CommandOutcome } from '../../core/command/reply.ts';
import type { Command } from '../../core/commands.ts';
import { type Context, DEFAULT_ENGINE_SETTINGS, type VenueFacts } from '../../core/context.ts';
import { type Decision, decide } from '../../core/decide.ts';
import { type AccountState, type Desk, newDesk } from '../../core/desk.ts';
import type { Effect } from '../../core/effects.ts';
import type { DeskEvent, EventData, EventKind } from '../../core/events.ts';
import type { Input } from '../../core/inputs.ts';
import { strategies } from '../../core/strategy/registry.ts';
import type {
  BarSeries,
  DesiredOrder,
  ProtectionPlan,
  StrategyDecision,
} from '../../core/strategy/strategy.ts';
import { NOTHING, PLAN, sampleInstrument, scriptedStrategy, venueFacts } from './samples.ts';
import { checkTwin } from './twin.ts';

export const START = 1_700_000_040_000;
const MINUTE = 60_000;
const USER = { kind: 'user', userId: 'u1', deviceId: 'phone' } as const;

type Wanted = { effect: Effect['type']; purpose?: OrderPurpose };

const WANTS: StrategyNote = { code: 'enters_on_setup', figures: { direction: 'long', rsi: dec('50') } };

/**
 * A desk, its clock and its market: every step is a call, nothing waits. Each input is decided twice on equal desks and
 * folded into a copy as well, so that every test also shows that decisions repeat and that events alone rebuild the desk.
 */
export class DeskUnderTest {
  desk: Desk = newDesk('u1');
  /** Of the first account. */
  accountId = '';
  readonly events: DeskEvent[] = [];
  /** Effects that nobody has answered yet. */
  pending: Effect[] = [];
  wallTime = START;
  marketTime = START;
  decision: StrategyDecision = NOTHING;
  readonly settings = { ...DEFAULT_ENGINE_SETTINGS };
  readonly facts: VenueFacts;
  readonly instruments = new Map<string, Instrument>([
    ['BTCUSDT', sampleInstrument('BTCUSDT')],
    ['ETHUSDT', sampleInstrument('ETHUSDT')],
    ['SOLUSDT', sampleInstrument('SOLUSDT')],
  ]);
  readonly lastQuotes = new Map<string, Quote>();
  readonly marks = new Map<string, Decimal | null>([
    ['BTCUSDT', dec('20000')],
    ['ETHUSDT', dec('1500')],
    ['SOLUSDT', dec('20')],
  ]);
  /** Last prices that are not the mark's. */
  readonly lasts = new Map<string, Decimal>();
  historyComplete = true;
  /** Of every command; null: each has one of its own. */
  commandId: string | null = null;
  #commands = 0;
  #lastBarTime = START - (START % MINUTE) - MINUTE;

  constructor(capabilities: Partial<VenueFacts['capabilities']> = {}) {
    this.facts = venueFacts(capabilities);
  }

  context(): Context {
    return {
      epoch: 'e1',
      wallTime: this.wallTime,
      settings: this.settings,
      marketTime: () => this.marketTime,
      venue: (venue) => (venue === 'sim' ? this.facts : undefined),
      instrument: (_, symbol) => this.instruments.get(symbol),
      quote: (_, symbol) => this.#quote(symbol),
      lastQuote: (_, symbol) => this.#quote(symbol) ?? this.lastQuotes.get(symbol),
      series: (_venue, _symbol, _interval, bars) => (this.historyComplete ? flatBars(bars) : undefined),
      strategy: (id) => (id === 'scripted' ? scriptedStrategy(() => this.decision) : strategies.get(id)),
      strategyIds: () => strategies.keys(),
    };
  }

  give(input: Input): Decision {
    const check = checkTwin(this.desk, input, this.context());
    const decision = decide(this.desk, input, this.context());
    check(decision, this.desk);
    this.events.push(...decision.events);
    this.pending.push(...decision.effects.filter((effect) => effect.type !== 'Say'));
    return decision;
  }

  // ── what users, time and the market do ────────────────────────────────────────────────────────────────────────

  command(command: Command, expectedVersion: number | null = null): CommandOutcome {
    this.#commands += 1;
    const commandId = this.commandId ?? `c${this.#commands}`;
    const { outcome } = this.give({ type: 'Command', command, commandId, expectedVersion, actor: USER });
    if (outcome === null) throw new Error('a command without an outcome');
    return outcome;
  }

  /** The first limit that a command was denied by, with its figures; throws when it was not denied. */
  denial(command: Command): Record<string, unknown> & { all: Record<string, unknown>[] } {
    const before = this.desk.seq;
    const outcome = this.command(command);
    if (outcome.ok || outcome.refusal.code !== 'denied')
      throw new Error(`not denied: ${JSON.stringify(outcome)}`);
    if (this.desk.seq !== before) throw new Error('a denial changed the desk');
    const all = outcome.refusal.details.denials.map(({ limit, figures }) => ({ ...figures, limit }));
    return { ...all[0], all };
  }

  /** The history of the bot's market is there, or why it is not. */
  endWarmup(botId: string, failure: string | null = null, tooShort = false): void {
    const { symbol, interval } = this.bot(botId);
    this.give({ type: 'WarmupEnded', botId, symbol, interval, failure, tooShort });
  }

  /** Both clocks move on together; then the engine looks around. */
  tick(ms = 1_000): Decision {
    this.advance(ms);
    return this.give({ type: 'Tick' });
  }

  advance(ms: number): void {
    this.wallTime += ms;
    this.marketTime += ms;
  }

  price(mark: string | null, symbol = 'BTCUSDT'): Decision {
    const before = this.#quote(symbol);
    if (before !== undefined) this.lastQuotes.set(symbol, before);
    this.marks.set(symbol, mark === null ? null : dec(mark));
    return this.give({ type: 'PriceMoved', venue: 'sim', symbol });
  }

  /** A bar closes and the bot's strategy wants this. */
  bar(desired: DesiredOrder[] = [], plan: Partial<ProtectionPlan> = {}, missed = false): Decision {
    this.#lastBarTime += MINUTE;
    this.advance(Math.max(0, this.#lastBarTime + MINUTE - this.marketTime));
    return this.closeBar(this.#lastBarTime, desired, plan, missed);
  }

  closeBar(
    openTime: number,
    desired: DesiredOrder[],
    plan: Partial<ProtectionPlan> = {},
    missed = false,
    symbol = 'BTCUSDT',
  ): Decision {
    this.decision = {
      desired,
      protection: { ...PLAN, ...plan },
      note: desired.length === 0 ? NOTHING.note : WANTS,
    };
    return this.give({ type: 'BarClosed', venue: 'sim', symbol, interval: '1m', openTime, missed });
  }

  get barTime(): number {
    return this.#lastBarTime;
  }

  /** The order as it leaves: without what the venue cannot carry. */
  takeSent(order: Order): Order {
    const effect = this.take({ effect: 'PlaceOrder' }, order.orderId);
    return effect.type === 'PlaceOrder' ? effect.order : order;
  }

  take(wanted: Wanted, orderId?: string): Effect {
    const index = this.pending.findIndex((effect) => matches(effect, wanted, orderId));
    const [found] = index < 0 ? [] : this.pending.splice(index, 1);
    if (found === undefined)
      throw new Error(`no ${JSON.stringify({ ...wanted, orderId })} among ${this.#describePending()}`);
    return found;
  }

  takeAll<T extends Effect['type']>(type: T): Extract<Effect, { type: T }>[] {
    const found = this.waiting(type);
    this.drop((effect) => effect.type === type);
    return found;
  }

  waiting<T extends Effect['type']>(type: T): Extract<Effect, { type: T }>[] {
    return this.pending.filter((effect): effect is Extract<Effect, { type: T }> => effect.type === type);
  }

  drop(which: (effect: Effect) => boolean): void {
    this.pending = this.pending.filter((effect) => !which(effect));
  }

  /** Orders that wait to be sent. */
  sending(purpose?: OrderPurpose): Order[] {
    return this.waiting('PlaceOrder')
      .map((effect) => effect.order)
      .filter((order) => purpose === undefined || order.purpose === purpose);
  }

  #describePending(): string {
    return this.pending
      .map((effect) => ('order' in effect ? `${effect.type} ${effect.order.purpose}` : effect.type))
      .join(', ');
  }

  /** The venue trades the symbol by other rules from now on. */
  changeInstrument(symbol: string, change: Partial<Instrument>): void {
    const instrument = this.instruments.get(symbol);
    if (instrument === undefined) throw new Error(`no instrument ${symbol}`);
    this.instruments.set(symbol, { ...instrument, ...change });
  }

  // ── the desk ──────────────────────────────────────────────────────────────────────────────────────────────────

  state(accountId: string = this.accountId): AccountState {
    const state = this.desk.accounts.get(accountId);
    if (state === undefined) throw new Error(`no account ${accountId}`);
    return state;
  }

  bot(botId: string): Bot {
    const bot = this.desk.bots.get(botId);
    if (bot === undefined) throw new Error(`no bot ${botId}`);
    return bot;
  }

  position(symbol = 'BTCUSDT', accountId: string = this.accountId): Position {
    const position = this.desk.positions.get(`${accountId}:${symbol}`);
    if (position === undefined) throw new Error(`no position in ${symbol}`);
    return position;
  }

  get isFlat(): boolean {
    return this.desk.positions.size === 0;
  }

  /** The newest order of a purpose. */
  order(purpose: OrderPurpose, symbol?: string): Order {
    const found = [...this.desk.orders.values()].findLast(
      (order) => order.purpose === purpose && (symbol === undefined || order.symbol === symbol),
    );
    if (found === undefined) throw new Error(`no order of purpose ${purpose}`);
    return found;
  }

  openOrders(purpose?: OrderPurpose): Order[] {
    return [...this.desk.orders.values()].filter(
      (order) => isOpen(order) && (purpose === undefined || order.purpose === purpose),
    );
  }

  told<K extends EventKind>(kind: K): EventData[K][] {
    return this.events.filter((event) => event.kind === kind).map((event) => event.data as EventData[K]);
  }

  alert(code: string): boolean {
    return [...this.desk.alerts.values()].some((alert) => alert.code === code);
  }

  #quote(symbol: string): Quote | undefined {
    const mark = this.marks.get(symbol);
    if (mark === undefined || mark === null) return undefined;
    return {
      venue: 'sim',
      symbol,
      ts: this.marketTime,
      last: this.lasts.get(symbol) ?? mark,
      bid: mark,
      ask: mark,
      mark,
      index: mark,
      fundingRate: dec('0'),
      nextFundingTime: START + 8 * 60 * MINUTE,
    };
  }
}

function matches(effect: Effect, wanted: Wanted, orderId: string | undefined): boolean {
  if (effect.type !== wanted.effect) return false;
  if (orderId !== undefined && !('order' in effect && effect.order.orderId === orderId)) return false;
  return wanted.purpose === undefined || ('order' in effect && effect.order.purpose === wanted.purpose);
}

function flatBars(bars: number): BarSeries {
  const column = Array.from({ length: bars }, () => 20_000);
  return {
    openTime: column.map((_, index) => index * MINUTE),
    open: column,
    high: column,
    low: column,
    close: column,
    volume: column,
  };
}
