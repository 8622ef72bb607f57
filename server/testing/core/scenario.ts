import type { Bot } from '../../../shared/domain/bot.ts';
import { type Decimal, dec } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import { isOpen, type Order, type OrderPurpose } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { BotConfig, Command } from '../../core/command/command.ts';
import type { CommandOutcome } from '../../core/command/reply.ts';
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
import type { VenuePush, VenueRejectCode } from '../../ports/venue.ts';
import { NOTHING, PLAN, sampleInstrument, scriptedStrategy, venueFacts } from './samples.ts';
import { ScriptedVenue } from './scriptedVenue.ts';
import { checkTwin } from './twin.ts';

export const START = 1_700_000_040_000;
const MINUTE = 60_000;
const USER = { kind: 'user', userId: 'u1', deviceId: 'phone' } as const;

type Wanted = { effect: Effect['type']; purpose?: OrderPurpose };

/**
 * A desk, its clock, its market and its venue in one hand: every step is a call, nothing waits. Each input is decided
 * twice on equal desks and folded into a copy as well, so that every test also shows that decisions repeat and that
 * events alone rebuild the desk.
 */
export class Scenario {
  desk: Desk = newDesk('u1');
  readonly venues = new Map<string, ScriptedVenue>();
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
  readonly marks = new Map<string, Decimal | null>([
    ['BTCUSDT', dec('20000')],
    ['ETHUSDT', dec('1500')],
    ['SOLUSDT', dec('20')],
  ]);
  historyComplete = true;
  private commands = 0;
  private lastBarTime = START - (START % MINUTE) - MINUTE;
  readonly accountId: string;

  constructor(capabilities: Partial<VenueFacts['capabilities']> = {}) {
    this.facts = venueFacts(capabilities);
    this.give({ type: 'OpenDesk', venue: 'sim', deposit: '10000' });
    const [first] = this.desk.accounts.keys();
    if (first === undefined) throw new Error('no account was opened');
    this.accountId = first;
    this.connect(first);
  }

  /** Answers the opening of an account and its first reading. */
  connect(accountId: string): void {
    const venue = new ScriptedVenue(accountId);
    this.venues.set(accountId, venue);
    venue.marketTime = this.marketTime;
    venue.bill('transfer', '10000');
    venue.pushes = [];
    this.take({ effect: 'OpenAccount' });
    this.give({ type: 'AccountOpened', accountId, answer: { outcome: 'accepted', venueOrderId: '' } });
    this.read(accountId);
  }

  context(): Context {
    return {
      epoch: 'e1',
      wallTime: this.wallTime,
      settings: this.settings,
      marketTime: () => this.marketTime,
      venue: (venue) => (venue === 'sim' ? this.facts : undefined),
      instrument: (_, symbol) => this.instruments.get(symbol),
      quote: (_, symbol) => this.quote(symbol),
      series: (_venue, _symbol, _interval, bars) => (this.historyComplete ? flatBars(bars) : undefined),
      strategy: (id) => (id === 'scripted' ? scriptedStrategy(() => this.decision) : strategies.get(id)),
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
    this.commands += 1;
    const commandId = `c${this.commands}`;
    const { outcome } = this.give({ type: 'Command', command, commandId, expectedVersion, actor: USER });
    if (outcome === null) throw new Error('a command without an outcome');
    return outcome;
  }

  /** The limit that a command was denied by, with what it said; throws when it was not denied. */
  denial(command: Command): { limit: unknown; actual: unknown; allowed: unknown; others: unknown } {
    const before = this.desk.seq;
    const outcome = this.command(command);
    if (outcome.ok || outcome.refusal.code !== 'denied')
      throw new Error(`not denied: ${JSON.stringify(outcome)}`);
    if (this.desk.seq !== before) throw new Error('a denial changed the desk');
    const { limit, actual, allowed, denials } = outcome.refusal.details;
    return { limit, actual, allowed, others: denials };
  }

  /** Both clocks move on together; then the engine looks around. */
  tick(ms = 1_000): Decision {
    this.advance(ms);
    return this.give({ type: 'Tick' });
  }

  advance(ms: number): void {
    this.wallTime += ms;
    this.marketTime += ms;
    for (const venue of this.venues.values()) venue.marketTime = this.marketTime;
  }

  price(mark: string | null, symbol = 'BTCUSDT'): Decision {
    this.marks.set(symbol, mark === null ? null : dec(mark));
    return this.give({ type: 'PriceMoved', venue: 'sim', symbol });
  }

  /** A bar closes and the bot's strategy wants this. */
  bar(desired: DesiredOrder[] = [], plan: Partial<ProtectionPlan> = {}, missed = false): Decision {
    this.lastBarTime += MINUTE;
    this.advance(Math.max(0, this.lastBarTime + MINUTE - this.marketTime));
    return this.closeBar(this.lastBarTime, desired, plan, missed);
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
      note: desired.length === 0 ? NOTHING.note : { code: 'wants', text: 'wants' },
    };
    const price = this.marks.get(symbol) ?? dec('20000');
    const candle = { openTime, open: price, high: price, low: price, close: price, volume: dec('1') };
    return this.give({ type: 'BarClosed', venue: 'sim', symbol, interval: '1m', candle, missed });
  }

  get barTime(): number {
    return this.lastBarTime;
  }

  // ── bots ──────────────────────────────────────────────────────────────────────────────────────────────────────

  createBot(config: Partial<BotConfig> = {}): string {
    const outcome = this.command({
      type: 'CreateBot',
      config: {
        name: `bot ${this.desk.bots.size + 1}`,
        accountId: this.accountId,
        symbol: 'BTCUSDT',
        interval: '1m',
        strategy: 'scripted',
        params: {},
        allocationPct: dec('50'),
        leverage: 1,
        marginMode: 'isolated',
        onRestart: 'hold',
        ...config,
      },
    });
    if (!outcome.ok) throw new Error(outcome.refusal.message);
    return String(outcome.result.botId);
  }

  /** A bot that runs: created, started, its settings confirmed, warmed up. */
  runningBot(config: Partial<BotConfig> = {}): string {
    const botId = this.createBot(config);
    const outcome = this.command({ type: 'StartBot', botId });
    if (!outcome.ok) throw new Error(outcome.refusal.message);
    this.finishStart(botId);
    return botId;
  }

  /** Confirms what a start asked for. */
  finishStart(botId: string): void {
    const settings = this.pending.find((effect) => effect.type === 'ConfigureSymbol');
    if (settings?.type === 'ConfigureSymbol') {
      this.drop((effect) => effect.type === 'ConfigureSymbol');
      const { accountId, symbol, leverage, marginMode } = settings;
      const answer = { outcome: 'accepted', venueOrderId: '' } as const;
      this.give({ type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer });
    }
    this.drop((effect) => effect.type === 'WatchBars');
    this.give({ type: 'WarmupEnded', botId, failure: null, tooShort: false });
  }

  /** A running bot in a position, its attached stop resting. */
  tradingBot(
    direction: 'long' | 'short' = 'long',
    plan: Partial<ProtectionPlan> = {},
    config: Partial<BotConfig> = {},
  ): string {
    const botId = this.runningBot(config);
    this.bar(
      [
        {
          slot: 'entry',
          intent: 'enter',
          direction,
          type: 'market',
          share: dec('1'),
          reason: 'the test says so',
        },
      ],
      plan,
    );
    this.fillNow(this.order('entry'));
    this.deliver();
    return botId;
  }

  // ── the venue ─────────────────────────────────────────────────────────────────────────────────────────────────

  venueOf(accountId: string = this.accountId): ScriptedVenue {
    const venue = this.venues.get(accountId);
    if (venue === undefined) throw new Error(`no venue account ${accountId}`);
    return venue;
  }

  get venue(): ScriptedVenue {
    return this.venueOf();
  }

  /** The venue takes the order and says so; what it pushes waits. */
  accept(order: Order): string {
    const { venueOrderId } = this.venueOf(order.accountId).place(this.takeSent(order));
    const answer = { outcome: 'accepted', venueOrderId } as const;
    this.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'place', answer });
    return venueOrderId;
  }

  /** The venue takes the order and its answer is lost. */
  loseAnswer(order: Order): string {
    const { venueOrderId } = this.venueOf(order.accountId).place(this.takeSent(order));
    this.unanswered(order);
    return venueOrderId;
  }

  /** Nothing reaches the venue, and nobody knows. */
  loseOrder(order: Order): void {
    this.take({ effect: 'PlaceOrder' }, order.orderId);
    this.unanswered(order);
  }

  private unanswered(order: Order): void {
    const answer = { outcome: 'unknown', message: 'timed out' } as const;
    this.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'place', answer });
  }

  reject(
    order: Order,
    code: VenueRejectCode = 'other',
    action: 'place' | 'cancel' | 'amend' = 'place',
  ): Decision {
    const effect = { place: 'PlaceOrder', cancel: 'CancelOrder', amend: 'AmendOrder' } as const;
    this.take({ effect: effect[action] }, order.orderId);
    const answer = { outcome: 'rejected', code, message: code } as const;
    return this.give({ type: 'OrderAnswered', orderId: order.orderId, action, answer });
  }

  /** Accepts an order and fills it whole, at once; pushes wait. */
  fillNow(order: Order, price?: string): void {
    const venueOrderId = this.accept(order);
    const venue = this.venueOf(order.accountId);
    venue.trade(venueOrderId, order.size, dec(price ?? String(this.marks.get(order.symbol))));
  }

  /** Hands the desk what the venue pushed, in order; `keep` says what is not lost. */
  deliver(keep: (push: VenuePush) => boolean = () => true): void {
    for (const venue of this.venues.values()) {
      const pushes = venue.pushes;
      venue.pushes = [];
      for (const push of pushes) if (keep(push)) this.push(push);
    }
  }

  push(push: VenuePush): void {
    if (push.type === 'order')
      this.give({ type: 'VenueOrderSeen', accountId: push.accountId, order: push.order });
    else if (push.type === 'fill')
      this.give({
        type: 'VenueFillSeen',
        accountId: push.accountId,
        fill: push.fill,
        ingestedAt: this.wallTime,
      });
    else if (push.type === 'bill')
      this.give({ type: 'VenueBillSeen', accountId: push.accountId, bill: push.bill });
  }

  /** Answers every cancel that waits. */
  cancelAll(): void {
    for (const effect of this.takeAll('CancelOrder')) {
      const venue = this.venueOf(effect.order.accountId);
      const seen =
        effect.order.venueOrderId === null ? undefined : venue.orders.get(effect.order.venueOrderId);
      if (seen !== undefined && (seen.status === 'open' || seen.status === 'partially_filled'))
        venue.end(seen.venueOrderId, 'cancelled');
      const answer = { outcome: 'accepted', venueOrderId: seen?.venueOrderId ?? '' } as const;
      this.give({ type: 'OrderAnswered', orderId: effect.order.orderId, action: 'cancel', answer });
    }
    this.deliver();
  }

  /** Answers every amendment that waits, and the look-ups that follow. */
  amendAll(): void {
    for (const { order, change } of this.takeAll('AmendOrder')) {
      if (order.venueOrderId !== null) this.venueOf(order.accountId).amend(order.venueOrderId, change);
      const answer = { outcome: 'accepted', venueOrderId: order.venueOrderId ?? '' } as const;
      this.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'amend', answer });
    }
    this.findAll();
  }

  /** Answers every look-up that waits with what the venue has. */
  findAll(): void {
    for (const { order } of this.takeAll('FindOrder')) {
      const found = this.venueOf(order.accountId).find(order.orderId, order.venueOrderId);
      this.give({ type: 'OrderFound', orderId: order.orderId, order: found });
    }
  }

  /** Reads the account at the venue and hands it over, with everything since our cursor. */
  read(accountId: string = this.accountId, startedAt: number = this.wallTime): Decision {
    this.drop((effect) => effect.type === 'ReadAccount' && effect.accountId === accountId);
    const venue = this.venueOf(accountId);
    const cursor = this.state(accountId).cursor;
    return this.give({
      type: 'AccountRead',
      accountId,
      state: venue.state(),
      fills: venue.fills.filter((fill) => fill.cursor > cursor),
      bills: venue.bills.filter((bill) => bill.cursor > cursor),
      startedAt,
      endedAt: this.wallTime,
    });
  }

  /** A later reading: one wall millisecond passes, so that it began after all that was done. */
  readLater(accountId: string = this.accountId): Decision {
    this.advance(1);
    return this.read(accountId);
  }

  // ── effects ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** The order as it leaves: without what the venue cannot carry. */
  private takeSent(order: Order): Order {
    const effect = this.take({ effect: 'PlaceOrder' }, order.orderId);
    return effect.type === 'PlaceOrder' ? effect.order : order;
  }

  take(wanted: Wanted, orderId?: string): Effect {
    const index = this.pending.findIndex((effect) => matches(effect, wanted, orderId));
    const [found] = index < 0 ? [] : this.pending.splice(index, 1);
    if (found === undefined)
      throw new Error(`no ${JSON.stringify({ ...wanted, orderId })} among ${this.describePending()}`);
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

  private describePending(): string {
    return this.pending
      .map((effect) => ('order' in effect ? `${effect.type} ${effect.order.purpose}` : effect.type))
      .join(', ');
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

  private quote(symbol: string): Quote | undefined {
    const mark = this.marks.get(symbol);
    if (mark === undefined || mark === null) return undefined;
    return {
      venue: 'sim',
      symbol,
      ts: this.marketTime,
      last: mark,
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
