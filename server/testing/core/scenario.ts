import type { VenueRefusal } from '../../../shared/domain/cause.ts';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { CommandOutcome } from '../../core/command/reply.ts';
import type { BotConfig, Command, OrderRequest } from '../../core/commands.ts';
import type { VenueFacts } from '../../core/context.ts';
import type { Decision } from '../../core/decide.ts';
import { noteOfOrder } from '../../core/desk.ts';
import type { ProtectionPlan } from '../../core/strategy/strategy.ts';
import type { VenueAccountState, VenueAnswer, VenuePush } from '../../ports/venue.ts';
import { DeskUnderTest } from './deskUnderTest.ts';
import { enter } from './samples.ts';
import { ScriptedVenue } from './scriptedVenue.ts';

/** Two readings this far apart prove what one alone does not, wall ms. */
export const APART_MS = 600;

/** A desk with its venue: bots are started, orders answered, pushes delivered, lost or reordered as a test says. */
export class Scenario extends DeskUnderTest {
  readonly venues = new Map<string, ScriptedVenue>();
  /** Whether the settings that an order by hand waits for are confirmed at once. */
  confirmsSettings = true;

  constructor(capabilities: Partial<VenueFacts['capabilities']> = {}) {
    super(capabilities);
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

  /** A further account at the venue with 10,000 of play money, which waits to be opened there. */
  createAccount(name: string): string {
    const outcome = this.command({
      type: 'CreateAccount',
      name,
      venue: 'sim',
      leverage: 1,
      marginMode: 'isolated',
      deposit: dec('10000'),
    });
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    return String(outcome.result.accountId);
  }

  /** A further account with 10,000 of play money, ready. */
  openAccount(name: string): string {
    const accountId = this.createAccount(name);
    this.connect(accountId);
    return accountId;
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
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    return String(outcome.result.botId);
  }

  /** A bot that runs: created, started, its settings confirmed, warmed up. */
  runningBot(config: Partial<BotConfig> = {}): string {
    const botId = this.createBot(config);
    const outcome = this.command({ type: 'StartBot', botId });
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    this.finishStart(botId);
    return botId;
  }

  /** Confirms what a start asked for. */
  finishStart(botId: string): void {
    this.answerSettings();
    this.drop((effect) => effect.type === 'WatchBars');
    this.endWarmup(botId);
  }

  /** Answers every request for settings that waits. */
  answerSettings(answer: VenueAnswer = { outcome: 'accepted', venueOrderId: '' }): void {
    for (const { accountId, symbol, leverage, marginMode } of this.takeAll('ConfigureSymbol'))
      this.give({ type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer });
  }

  /** A running bot in a position, its stop resting where the venue attaches one. */
  tradingBot(
    direction: 'long' | 'short' = 'long',
    plan: Partial<ProtectionPlan> = {},
    config: Partial<BotConfig> = {},
  ): string {
    const botId = this.runningBot(config);
    this.bar([enter(direction)], plan);
    this.fillNow(this.order('entry'));
    this.deliver();
    return botId;
  }

  // ── by hand ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** The command for an order by hand: the first account buys 0.1 BTCUSDT at the market, unless `change` says otherwise. */
  orderByHand(change: Partial<OrderRequest> = {}) {
    const request: OrderRequest = {
      accountId: this.accountId,
      symbol: 'BTCUSDT',
      side: 'buy',
      type: 'market',
      size: dec('0.1'),
      price: null,
      timeInForce: 'ioc',
      reduceOnly: false,
      stopPrice: null,
      takeProfitPrice: null,
      ...change,
    };
    return { type: 'SubmitOrder', request } as const;
  }

  override command(command: Command, expectedVersion: number | null = null): CommandOutcome {
    const outcome = super.command(command, expectedVersion);
    if (command.type === 'SubmitOrder' && this.confirmsSettings) this.answerSettings();
    return outcome;
  }

  /** Opens a position by hand, filled whole and at once. */
  openByHand(change: Partial<OrderRequest> = {}): void {
    const outcome = this.command(this.orderByHand(change));
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    this.fillNow(this.order('manual'));
    this.deliver();
  }

  // ── the venue ─────────────────────────────────────────────────────────────────────────────────────────────────

  override advance(ms: number): void {
    super.advance(ms);
    for (const venue of this.venues.values()) venue.marketTime = this.marketTime;
  }

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
    this.#unanswered(order);
    return venueOrderId;
  }

  /** Nothing reaches the venue, and nobody knows. */
  loseOrder(order: Order): void {
    this.take({ effect: 'PlaceOrder' }, order.orderId);
    this.#unanswered(order);
  }

  #unanswered(order: Order): void {
    const answer = { outcome: 'unknown', message: 'timed out' } as const;
    this.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'place', answer });
  }

  reject(
    order: Order,
    code: VenueRefusal = 'other',
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
      const seen = venue.find(effect.order);
      if (seen?.status === 'open' || seen?.status === 'partially_filled')
        venue.end(seen.venueOrderId, 'cancelled');
      const answer = { outcome: 'accepted', venueOrderId: seen?.venueOrderId ?? '' } as const;
      this.give({ type: 'OrderAnswered', orderId: effect.order.orderId, action: 'cancel', answer });
    }
    this.deliver();
  }

  /** Answers every amendment that waits, and the look-ups that follow. */
  amendAll(): void {
    for (const { order, change } of this.takeAll('AmendOrder')) {
      const venue = this.venueOf(order.accountId);
      const seen = venue.find(order);
      const made = seen === null ? null : venue.amend(seen.venueOrderId, change);
      const answer = { outcome: 'accepted', venueOrderId: made?.venueOrderId ?? '' } as const;
      this.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'amend', answer });
    }
    this.findAll();
  }

  /** Answers every look-up that waits with what the venue has. */
  findOnce(): Order[] {
    return this.takeAll('FindOrder').map(({ order, askedAt }) => {
      this.#find(order, askedAt);
      return order;
    });
  }

  #find(order: Order, askedAt: number | undefined): void {
    const found = this.venueOf(order.accountId).find(order);
    this.give({ type: 'OrderFound', orderId: order.orderId, order: found, askedAt });
  }

  /** The same, and where one that found nothing proves nothing alone, another one apart from it. */
  findAll(): void {
    const missed = this.findOnce().filter(({ accountId, orderId }) =>
      this.state(accountId).noted.has(noteOfOrder(orderId)),
    );
    if (missed.length > 0) this.advance(APART_MS);
    for (const order of missed) this.#find(order, this.marketTime);
  }

  /** Reads the account at the venue and hands it over, with everything since our cursor. */
  read(
    accountId: string = this.accountId,
    startedAt: number = this.wallTime,
    show: (state: VenueAccountState) => VenueAccountState = (state) => state,
    loadedSeq = 0,
  ): Decision {
    this.drop((effect) => effect.type === 'ReadAccount' && effect.accountId === accountId);
    const venue = this.venueOf(accountId);
    const { cursors } = this.state(accountId);
    const state = show(venue.state());
    return this.give({
      type: 'AccountRead',
      accountId,
      state,
      fills: venue.fills.filter(({ cursor }) => cursor > cursors.fills && cursor <= state.cursors.fills),
      bills: venue.bills.filter(({ cursor }) => cursor > cursors.bills && cursor <= state.cursors.bills),
      startedAt,
      endedAt: this.wallTime,
      loadedSeq,
    });
  }

  /** A later reading: one wall millisecond passes, so that it began after all that was done. */
  readOnce(accountId: string = this.accountId): Decision {
    this.advance(1);
    return this.read(accountId);
  }

  /** A later reading that does not show all as it is. */
  readShowing(show: (state: VenueAccountState) => VenueAccountState): Decision {
    this.advance(1);
    return this.read(this.accountId, this.wallTime, show);
  }

  /** A later reading, and where it showed what one alone does not prove, another one apart from it. */
  readLater(accountId: string = this.accountId): Decision {
    const first = this.readOnce(accountId);
    if (![...this.state(accountId).noted.keys()].some((subject) => !subject.startsWith('order:')))
      return first;
    this.advance(APART_MS);
    return this.read(accountId);
  }

  /** Answers everything that waits, sensibly, until nothing does. */
  settle(): void {
    for (let round = 0; round < 20 && this.pending.some(({ type }) => type !== 'WatchBars'); round += 1) {
      for (const order of this.sending()) {
        if (order.type === 'market') this.fillNow(order);
        else this.accept(order);
      }
      this.deliver();
      this.cancelAll();
      this.amendAll();
      this.findAll();
      if (this.waiting('ReadAccount').length > 0) this.readLater();
    }
  }
}
