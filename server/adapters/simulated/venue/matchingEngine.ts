import { type Decimal, gte, lte } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import { INTERVAL_MS, type Quote } from '../../../../shared/domain/market.ts';
import type { PricePath } from '../../../ports/tradableFeed.ts';
import { type AccountPush, emptyAccount, type MarketNow, type SimulatedAccount } from '../account/state.ts';
import { VenueAccount } from '../account/venueAccount.ts';
import { type WakeRange, wakeRanges } from '../account/wakeRange.ts';
import { FUNDING_INTERVAL_MS } from '../prices/funding.ts';
import type { Profile } from '../profiles.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
/** Steps played before other work gets a turn, when many are due. */
const STEPS_PER_TURN = 2_000;

/** Prices of the current step, read once per symbol. */
class StepMarket implements MarketNow {
  readonly #path: PricePath;
  stepTime = 0;
  readonly #quotes = new Map<string, Quote>();
  readonly #depths = new Map<string, Decimal>();
  #listed: ReadonlyMap<string, Instrument> = new Map();

  constructor(path: PricePath) {
    this.#path = path;

    this.list(path.instruments);
  }

  get instruments(): Instrument[] {
    return [...this.#listed.values()];
  }

  list(instruments: readonly Instrument[]): void {
    this.#listed = new Map(instruments.map((instrument) => [instrument.symbol, instrument]));
  }

  moveTo(stepTime: number): void {
    this.stepTime = stepTime;
    this.#quotes.clear();
    this.#depths.clear();
  }

  /** A path that was played to its end has no other price to come: its markets are over. */
  instrument(symbol: string): Instrument | undefined {
    const known = this.#listed.get(symbol);
    const { lastTime } = this.#path;
    const isOver = lastTime !== null && this.stepTime >= lastTime;
    return known !== undefined && isOver ? { ...known, status: 'ended' } : known;
  }

  quote(symbol: string): Quote {
    const known = this.#quotes.get(symbol);
    if (known !== undefined) return known;
    const quote = this.#path.quote(symbol, this.stepTime);
    this.#quotes.set(symbol, quote);
    return quote;
  }

  depth(symbol: string): Decimal {
    const known = this.#depths.get(symbol);
    if (known !== undefined) return known;
    const depth = this.#path.depth(symbol, this.stepTime);
    this.#depths.set(symbol, depth);
    return depth;
  }
}

/** All accounts of the venue on one price path: steps those that have something to wait for at the prices they met. */
export class MatchingEngine {
  readonly #path: PricePath;
  readonly #profile: Profile;
  readonly #idMemoryMs: number;
  readonly #onStepped: (account: VenueAccount, pushes: AccountPush[]) => void;
  readonly #market: StepMarket;
  /** Everyone with anything open, and whoever else is in use. */
  readonly #accounts = new Map<string, VenueAccount>();
  #lastNumber = 0;
  /** Per symbol, who waits for which prices. */
  readonly #waiting = new Map<string, Map<VenueAccount, WakeRange>>();

  constructor(
    path: PricePath,
    profile: Profile,
    idMemoryMs: number,
    /** Told of every account that a step changed. */
    onStepped: (account: VenueAccount, pushes: AccountPush[]) => void,
  ) {
    this.#path = path;
    this.#profile = profile;
    this.#idMemoryMs = idMemoryMs;
    this.#onStepped = onStepped;

    this.#market = new StepMarket(path);
  }

  /** The last step that was played. */
  get stepTime(): number {
    return this.#market.stepTime;
  }

  /** The rules in force. */
  get instruments(): Instrument[] {
    return this.#market.instruments;
  }

  /** Other rules are in force from now on; `changed` is to be called for every account. */
  list(instruments: readonly Instrument[]): void {
    this.#market.list(instruments);
  }

  /** At least everyone with anything open. */
  all(): Iterable<VenueAccount> {
    return this.#accounts.values();
  }

  /** `lastNumber`: the highest of any account, also of those that are not among `states`. */
  load(states: SimulatedAccount[], lastNumber: number, stepTime: number): void {
    this.#market.moveTo(stepTime);
    this.#lastNumber = lastNumber;
    for (const state of states) this.changed(this.take(state));
  }

  /** Takes an account in as it was stored. */
  take(state: SimulatedAccount): VenueAccount {
    const account = new VenueAccount(state, this.#market, this.#profile, this.#idMemoryMs);
    this.#accounts.set(state.accountId, account);
    return account;
  }

  /** Forgets an account that has nothing open and is stored. */
  drop(account: VenueAccount): void {
    this.#accounts.delete(account.state.accountId);
  }

  /** Forgets an account whose changes could not be stored, and what it waited for. */
  forget(account: VenueAccount): void {
    this.drop(account);
    for (const [symbol, waiting] of this.#waiting) {
      waiting.delete(account);
      if (waiting.size === 0) this.#waiting.delete(symbol);
    }
  }

  account(accountId: string): VenueAccount | undefined {
    return this.#accounts.get(accountId);
  }

  open(accountId: string): VenueAccount {
    this.#lastNumber += 1;
    return this.take(emptyAccount(accountId, this.#lastNumber));
  }

  /** To be called after every input into an account: it may wait for other prices now. */
  changed(account: VenueAccount): void {
    const ranges = wakeRanges(account.state, this.#market);
    for (const [symbol, range] of ranges) {
      const waiting = this.#waiting.get(symbol) ?? new Map<VenueAccount, WakeRange>();
      waiting.set(account, range);
      this.#waiting.set(symbol, waiting);
    }
    for (const [symbol, waiting] of this.#waiting) {
      if (!ranges.has(symbol)) waiting.delete(account);
      if (waiting.size === 0) this.#waiting.delete(symbol);
    }
  }

  /** Plays every step up to `marketTime`, in order. */
  async playTo(marketTime: number): Promise<void> {
    const { stepMs } = this.#path;
    let steps = 0;
    for (let at = this.stepTime + stepMs; at <= marketTime; at += stepMs) {
      // Nobody waits: nothing can happen, so the rest needs no steps.
      if (this.#waiting.size === 0) at = Math.floor(marketTime / stepMs) * stepMs;
      else at = this.#skipQuietMinutes(at, marketTime);
      this.#playStep(at);
      if (++steps % STEPS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** The next step worth playing: full minutes whose prices nobody waits for are passed but for their last step. */
  #skipQuietMinutes(at: number, marketTime: number): number {
    const openTime = at - this.#path.stepMs;
    if (openTime % MINUTE_MS !== 0 || openTime + MINUTE_MS > marketTime) return at;
    for (const [symbol, waiting] of this.#waiting) {
      const { low, high } = this.#path.bounds(symbol, openTime);
      for (const range of waiting.values()) if (isMet(range, low) || isMet(range, high)) return at;
    }
    return openTime + MINUTE_MS;
  }

  #playStep(at: number): void {
    this.#market.moveTo(at);
    const fundingDue = at % FUNDING_INTERVAL_MS === 0;
    const woken = new Set<VenueAccount>();
    for (const [symbol, waiting] of this.#waiting) {
      const { last, mark } = this.#market.quote(symbol);
      for (const [account, range] of waiting) {
        if (fundingDue || isMet(range, last) || isMet(range, mark)) woken.add(account);
      }
    }
    if (woken.size === 0) return;
    const rateOf = fundingDue
      ? (symbol: string): Decimal => this.#path.quote(symbol, at - this.#path.stepMs).fundingRate
      : undefined;
    for (const account of [...woken].sort((a, b) => a.state.number - b.state.number)) {
      const pushes = account.step(at, rateOf);
      if (pushes.length === 0) continue;
      this.changed(account);
      this.#onStepped(account, pushes);
    }
  }
}

function isMet(range: WakeRange, price: Decimal): boolean {
  return (
    range.always ||
    (range.low !== null && lte(price, range.low)) ||
    (range.high !== null && gte(price, range.high))
  );
}
