import { type Decimal, dec } from '../../../../shared/domain/decimal.ts';
import { FUNDING_INTERVAL_MS, nextFundingTime } from '../../../adapters/simulated/prices/funding.ts';
import { SyntheticPath } from '../../../adapters/simulated/prices/syntheticPath.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Switches } from '../switches.ts';
import { Ids } from './ids.ts';
import { symbolOf } from './legs.ts';
import { type HandPrice, Prices } from './prices.ts';
import { Settings } from './settings.ts';
import { Trader } from './trader.ts';
import { type Family, PERMISSIONS, type User, type UserSpec } from './user.ts';

/** How often the market is looked at, ms. */
const TICK_MS = 1_000;

export interface ExchangeOptions {
  clock: Clock;
  seed: string;
  switches: Switches;
}

/** The exchange itself: its time, its market and its users, whatever they speak to it by. */
export class Exchange {
  readonly prices: Prices;
  readonly switches: Switches;
  readonly #clock: Clock;
  readonly #ids = new Ids();
  readonly #users = new Map<string, User>();
  readonly #traders = new Set<Trader>();
  readonly #onTick = new Set<() => void>();
  #skewMs = 0;
  #fundingAt: number;
  #cancelTimer: () => void = () => {};

  constructor(options: ExchangeOptions) {
    this.#clock = options.clock;
    this.switches = options.switches;
    this.prices = new Prices(new SyntheticPath(options.seed));
    this.prices.moveTo(this.now());
    this.#fundingAt = nextFundingTime(this.now());
  }

  /** The exchange's clock, which may differ from its users'. */
  now(): number {
    return Math.floor(this.#clock.now() + this.#skewMs);
  }

  /** Sets the exchange's clock apart from everybody else's. */
  skew(ms: number): void {
    this.#skewMs = ms;
  }

  start(): void {
    const tick = (): void => {
      this.tick();
      this.#cancelTimer = this.#clock.after(TICK_MS, tick);
    };
    this.#cancelTimer = this.#clock.after(TICK_MS, tick);
  }

  stop(): void {
    this.#cancelTimer();
  }

  /** Called after each look at the market. */
  onTick(listener: () => void): void {
    this.#onTick.add(listener);
  }

  /** Plays what the market is now: funding, triggers, liquidations, resting orders. */
  tick(): void {
    const now = this.now();
    const isFundingDue = now >= this.#fundingAt;
    const fundedAt = this.#fundingAt;
    if (isFundingDue) this.#fundingAt = nextFundingTime(now);
    const rates = isFundingDue
      ? (key: string): Decimal =>
          this.prices.quoteAt(symbolOf(key), fundedAt - FUNDING_INTERVAL_MS / 2).fundingRate
      : undefined;
    this.prices.moveTo(now);
    for (const trader of this.#traders) trader.step(rates);
    for (const listener of this.#onTick) listener();
  }

  /** From now on the symbol trades at this; null: on the made-up market again. */
  setPrice(symbol: string, price: HandPrice | string | null): void {
    this.prices.set(symbol, this.now(), typeof price === 'string' ? { last: price } : price);
    this.tick();
  }

  addUser(spec: UserSpec): User {
    const shared = spec.accountOf === undefined ? undefined : this.#users.get(spec.accountOf);
    const family = shared?.family ?? spec.family ?? 'v3';
    const user: User = {
      apiKey: spec.apiKey,
      secret: spec.secret ?? `secret-of-${spec.apiKey}`,
      passphrase: spec.passphrase ?? 'passphrase',
      uid: shared?.uid ?? String(1_000_000_001 + this.#traders.size),
      family,
      environment: spec.environment ?? shared?.environment ?? 'demo',
      permissions: spec.permissions ?? PERMISSIONS[family],
      readOnly: spec.readOnly ?? false,
      elite: spec.elite ?? false,
      ips: spec.ips ?? [],
      accountMode: spec.accountMode ?? 'unified',
      accountLevel: spec.accountLevel ?? 'advanced',
      trader: shared?.trader ?? this.#open(spec, family),
    };
    this.#users.set(user.apiKey, user);
    return user;
  }

  #open(spec: UserSpec, family: Family): Trader {
    const settings = new Settings(spec.holdMode ?? 'one_way_mode');
    const trader = new Trader({
      ...{ number: this.#traders.size + 1, family, settings, switches: this.switches },
      ...{ prices: this.prices, ids: this.#ids, now: () => this.now() },
    });
    trader.deposit(dec(spec.deposit ?? '10000'));
    if (spec.bgb !== undefined) trader.depositBgb(dec(spec.bgb));
    this.#traders.add(trader);
    return trader;
  }

  user(apiKey: string): User | undefined {
    return this.#users.get(apiKey);
  }

  users(): User[] {
    return [...this.#users.values()];
  }
}
