import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { MarketAnchor, TradableFeed } from '../../../ports/tradableFeed.ts';
import {
  type AmendChange,
  type PlaceOrder,
  type Venue,
  type VenueAccountRef,
  type VenueAccountState,
  type VenueAnswer,
  type VenueBill,
  type VenueCapabilities,
  type VenueFill,
  type VenueOrder,
  type VenueOrderRef,
  type VenuePush,
  VenueUnavailable,
} from '../../../ports/venue.ts';
import { isMeant } from '../account/orderRef.ts';
import { type AccountPush, hasOpen, orderView } from '../account/state.ts';
import type { Outcome, VenueAccount } from '../account/venueAccount.ts';
import type { Profile } from '../profiles.ts';
import type { VenueStore } from '../store/venueStore.ts';
import { Told } from '../told.ts';
import { AnswerTime } from './answerTime.ts';
import { FlatAccounts } from './flatAccounts.ts';
import { GroupCommit } from './groupCommit.ts';
import { MatchingEngine } from './matchingEngine.ts';
import { rejected } from './rejected.ts';
import { LocalVenueControl, type VenueControl } from './venueControl.ts';
import { idMemoryMs, writeWindowMs } from './windows.ts';

/** Steps after which market time is saved although nothing happened: bounds what a restart plays again. */
const SAVE_EVERY_STEPS = 720;

export interface SimulatedVenueOptions {
  feed: TradableFeed;
  profile: Profile;
  store: VenueStore;
  clock: Clock;
  logger: Logger;
}

/** The simulated exchange: accounts of its own, in a store of its own, trading on a feed's prices. */
export class SimulatedVenue implements Venue {
  readonly #options: SimulatedVenueOptions;
  readonly venue: string;
  readonly capabilities: VenueCapabilities;
  readonly writeWindowMs: number;
  /** The hand of the exchange itself. */
  readonly control: VenueControl;
  readonly #told: Told;
  readonly #time: AnswerTime;
  readonly #engine: MatchingEngine;
  readonly #commits: GroupCommit;
  readonly #flat: FlatAccounts;
  readonly #watched = new Set<string>();
  readonly #knowsIds = new WeakSet<VenueAccount>();
  #listener: ((push: VenuePush) => void) | undefined;
  #anchor: MarketAnchor | undefined;
  #savedAt = 0;

  constructor(options: SimulatedVenueOptions) {
    this.#options = options;

    const { feed, profile, store, clock, logger } = options;
    this.venue = feed.venue;
    this.capabilities = profile.capabilities;
    this.#told = new Told(profile);
    this.#time = new AnswerTime(options.clock);
    this.writeWindowMs = writeWindowMs(feed.speed);
    this.#engine = new MatchingEngine(
      feed.path,
      profile,
      idMemoryMs(feed.speed),
      // Whoever plays the steps waits for their commit, and hears there when it fails.
      (account, pushes) => {
        void this.#commits.stage(account, pushes).catch(() => {});
        this.#flat.used(account);
      },
    );
    this.#commits = new GroupCommit({
      ...{ store, clock, logger },
      venueNow: () => this.#saved(),
      deliver: (pushes) => this.#deliver(pushes),
      onRefused: (account) => this.#flat.readBack(account),
    });
    this.#flat = new FlatAccounts({
      ...{ engine: this.#engine, store, clock },
      isStored: () => this.#commits.isSettled,
    });
    this.control = new LocalVenueControl({
      feed,
      engine: this.#engine,
      now: () => {
        this.#mustBeOpen();
        return this.#now();
      },
      stage: (account, pushes) => this.#time.of(this.#commits.stage(account, pushes)),
    });
  }

  /** Takes the store, plays what the market did meanwhile, and trades on. */
  async open(): Promise<void> {
    const { feed, store, logger } = this.#options;
    const { saved, accounts, lastNumber } = await store.open();
    const sameMarket = saved === undefined || saved.pathId === feed.path.id;
    if (!sameMarket && accounts.some(hasOpen)) {
      await store.close();
      throw new Error(
        `open positions belong to market ${saved?.pathId}; this is ${feed.path.id}: use another store`,
      );
    }
    const resumed = sameMarket ? saved : undefined;
    const anchor = feed.resume(resumed);
    this.#anchor = anchor;
    this.#engine.load(
      accounts,
      lastNumber,
      resumed?.playedTo ?? floorTo(anchor.marketTime, feed.path.stepMs),
    );
    const from = this.#engine.stepTime;
    await this.#engine.playTo(feed.marketTime());
    await this.#commits.stage(undefined, []);
    this.#savedAt = this.#engine.stepTime;
    logger.info(
      { accounts: lastNumber, withOpen: accounts.length, playedMs: this.#engine.stepTime - from },
      'the simulated venue is open',
    );
    feed.setMatcher((marketTime) => this.#playTo(marketTime));
  }

  async close(): Promise<void> {
    await this.#time.of(this.#commits.settled()).catch(() => {});
    this.#commits.close();
    await this.#options.store.close();
  }

  async openAccount(account: VenueAccountRef, deposit: Decimal): Promise<void> {
    this.#mustBeOpen();
    // Of two that ask at once both find none in the store: for the second one it is here by then.
    const known = (await this.#find(account)) ?? this.#engine.account(account.accountId);
    if (known !== undefined) return await this.#time.of(this.#commits.settled());
    const opened = this.#engine.open(account.accountId);
    this.#knowsIds.add(opened);
    const { pushes } = opened.deposit(deposit, this.#now());
    await this.#flat.holding(opened, () => this.#time.of(this.#commits.stage(opened, pushes)));
  }

  resetAccount(account: VenueAccountRef, deposit: Decimal): Promise<VenueAnswer> {
    return this.#write(account, (known, now) => known.reset(deposit, now));
  }

  configureSymbol(
    account: VenueAccountRef,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<VenueAnswer> {
    return this.#write(account, (known, now) => known.configure(symbol, leverage, marginMode, now));
  }

  placeOrder(order: PlaceOrder): Promise<VenueAnswer> {
    return this.#write(order.account, (known, now) => known.place(order, now));
  }

  amendOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<VenueAnswer> {
    return this.#write(account, (known, now) => known.amend(symbol, ref, change, now));
  }

  cancelOrder(account: VenueAccountRef, symbol: string, ref: VenueOrderRef): Promise<VenueAnswer> {
    return this.#write(account, (known, now) => known.cancel(symbol, ref, now));
  }

  closePosition(account: VenueAccountRef, symbol: string): Promise<VenueAnswer> {
    return this.#write(account, (known, now) => known.closePosition(symbol, now));
  }

  async findOrder(
    account: VenueAccountRef,
    symbol: string,
    ref: VenueOrderRef,
  ): Promise<VenueOrder | undefined> {
    const known = await this.#known(account);
    const live = known.state.orders.find((order) => isMeant(symbol, ref, order));
    const view = live === undefined ? undefined : orderView(live);
    await this.#time.of(this.#commits.settled());
    const found =
      view ?? (await this.#time.ofStore(this.#options.store.endedOrder(account.accountId, symbol, ref)));
    return found && this.#told.order(found);
  }

  async readAccount(account: VenueAccountRef): Promise<VenueAccountState> {
    const known = await this.#known(account);
    const state = known.read(this.#now());
    await this.#time.of(this.#commits.settled());
    return this.#told.state(state);
  }

  async fillsSince(account: VenueAccountRef, cursor: number): Promise<VenueFill[]> {
    const { store } = this.#options;
    const fills = await this.#rows(account, cursor, (accountId, kept) => store.fillsSince(accountId, kept));
    return fills.map((fill) => this.#told.fill(fill));
  }

  async billsSince(account: VenueAccountRef, cursor: number): Promise<VenueBill[]> {
    const { store } = this.#options;
    const bills = await this.#rows(account, cursor, (accountId, kept) => store.billsSince(accountId, kept));
    return bills.map((bill) => this.#told.bill(bill));
  }

  async ordersSince(account: VenueAccountRef, ts: number): Promise<VenueOrder[]> {
    await this.#known(account);
    await this.#time.of(this.#commits.settled());
    const ended = await this.#time.ofStore(this.#options.store.endedOrdersSince(account.accountId, ts));
    return ended.map((order) => this.#told.order(order));
  }

  async start(listener: (push: VenuePush) => void): Promise<void> {
    if (this.#listener !== undefined) throw new Error('the private stream has its listener already');
    this.#listener = listener;
  }

  async watch(account: VenueAccountRef): Promise<void> {
    this.#watched.add(account.accountId);
  }

  async stop(): Promise<void> {
    this.#listener = undefined;
  }

  /** Every step up to `marketTime`, played, durable and pushed. */
  async #playTo(marketTime: number): Promise<void> {
    await this.#engine.playTo(marketTime);
    const { stepMs, lastTime } = this.#options.feed.path;
    // The end is told as soon as it was played, and a restart must not take it back.
    const isEnd = lastTime !== null && this.#engine.stepTime >= lastTime;
    if (isEnd || this.#engine.stepTime - this.#savedAt >= SAVE_EVERY_STEPS * stepMs) {
      this.#savedAt = this.#engine.stepTime;
      await this.#commits.stage(undefined, []);
    } else {
      await this.#commits.settled();
    }
  }

  async #write(
    ref: VenueAccountRef,
    run: (account: VenueAccount, now: number) => Outcome,
  ): Promise<VenueAnswer> {
    const refusal = this.#anchor === undefined ? 'maintenance' : this.#commits.refusal();
    if (refusal !== undefined) return rejected(refusal, 'the simulated venue takes no orders now');
    try {
      const account = await this.#find(ref);
      if (account === undefined) return rejected('permission', `no account ${ref.accountId}`);
      return await this.#flat.holding(account, () => this.#writeTo(account, run));
    } catch (error) {
      this.#options.logger.warn({ err: error, accountId: ref.accountId }, 'a write got no answer');
      return { outcome: 'unknown', message: 'the simulated venue did not answer in time' };
    }
  }

  async #writeTo(
    account: VenueAccount,
    run: (account: VenueAccount, now: number) => Outcome,
  ): Promise<VenueAnswer> {
    if (!this.#knowsIds.has(account)) await this.#time.of(this.#loadClientIds(account));
    const outcome = run(account, this.#now());
    this.#engine.changed(account);
    const changed = outcome.answer.outcome === 'accepted';
    await this.#time.of(changed ? this.#commits.stage(account, outcome.pushes) : this.#commits.settled());
    return outcome.answer;
  }

  async #loadClientIds(account: VenueAccount): Promise<void> {
    const used = await this.#options.store.clientIdsSince(
      account.state.accountId,
      this.#now() - account.clientIds.memoryMs,
    );
    if (this.#knowsIds.has(account)) return;
    for (const { clientOrderId, ts } of used) account.clientIds.add(clientOrderId, ts);
    for (const order of account.state.orders) {
      if (order.clientOrderId !== null) account.clientIds.add(order.clientOrderId, this.#now());
    }
    this.#knowsIds.add(account);
  }

  /** Market time of an input: after the last step played, before the next, so that price and time agree. */
  #now(): number {
    const { feed } = this.#options;
    const { stepTime } = this.#engine;
    return Math.min(Math.max(feed.marketTime(), stepTime), stepTime + feed.path.stepMs - 1);
  }

  #saved() {
    if (this.#anchor === undefined) throw new VenueUnavailable('the simulated venue is not open');
    return { pathId: this.#options.feed.path.id, anchor: this.#anchor, playedTo: this.#engine.stepTime };
  }

  #deliver(pushes: AccountPush[]): void {
    for (const push of pushes) if (this.#watched.has(push.accountId)) this.#listener?.(this.#told.push(push));
  }

  async #known(ref: VenueAccountRef): Promise<VenueAccount> {
    this.#mustBeOpen();
    const account = await this.#find(ref);
    if (account === undefined)
      throw new VenueUnavailable(`no account ${ref.accountId} at the simulated venue`);
    this.#flat.used(account);
    return account;
  }

  async #find({ accountId }: VenueAccountRef): Promise<VenueAccount | undefined> {
    return this.#engine.account(accountId) ?? (await this.#time.ofStore(this.#flat.load(accountId)));
  }

  #mustBeOpen(): void {
    if (this.#anchor === undefined) throw new VenueUnavailable('the simulated venue is not open');
  }

  async #rows<T extends VenueFill | VenueBill>(
    account: VenueAccountRef,
    cursor: number,
    since: (accountId: string, kept: number) => Promise<T[]>,
  ): Promise<T[]> {
    await this.#known(account);
    await this.#time.of(this.#commits.settled());
    return await this.#time.ofStore(since(account.accountId, this.#told.kept(cursor)));
  }
}

const floorTo = (value: number, step: number): number => Math.floor(value / step) * step;
