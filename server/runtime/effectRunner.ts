import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { type PlaceOrder, type Venue, type VenueAnswer, VenueUnavailable } from '../ports/venue.ts';
import type { BarHub } from './barHub/barHub.ts';
import { HistoryTooShort } from './barHub/seriesEntry.ts';
import type { BoundedVenue } from './boundedVenue.ts';
import { LANE_LIMIT, type Lane, VenueLanes } from './venueLanes.ts';

type VenueEffect = Exclude<Effect, { type: 'Say' } | { type: 'WatchBars' }>;

/** Before a write the lease must last at least this much longer, wall ms: a paused process must not act late. */
export const LEASE_MARGIN_MS = 1_000;
/** How often a call that the venue refused for its rate is sent again: a refusal has no effect. Entries never are. */
const RATE_ATTEMPTS = 5;
/** Pause when a venue refuses for its rate and names none, wall ms. */
const RATE_PAUSE_MS = 1_000;

export interface EffectRunnerOptions {
  venues: ReadonlyMap<string, BoundedVenue>;
  hub: BarHub;
  clock: Clock;
  logger: Logger;
  /** Wall ms until our lease ends. */
  leaseLeftMs(): number;
  /** What to decide instead of an effect that was latched while it waited for its turn at the venue; null: it may go. */
  withdrawn(deskId: string, effect: Effect): Input | null;
  /** Puts an outcome into the desk's inbox. */
  submit(deskId: string, input: Input): void;
  say(deskId: string, botId: string, code: string, text: string): void;
}

/** Runs effects after commit. Each ends in one input; none throws; what is under way is not started twice. */
export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  readonly #watched = new Set<string>();
  /** Reads and look-ups under way; true: asked for again meanwhile. */
  readonly #underWay = new Map<string, boolean>();
  readonly #lanes = new Map<string, VenueLanes>();
  #running = 0;
  #settledWaiters: (() => void)[] = [];

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
  }

  /** Resolves when no effect is under way. */
  settled(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#settledWaiters.push(resolve));
  }

  run(deskId: string, effect: Effect): void {
    if (effect.type === 'Say') {
      this.#options.say(deskId, effect.botId, effect.code, effect.text);
      return;
    }
    this.#running += 1;
    void this.#dispatch(deskId, effect).finally(() => {
      this.#running -= 1;
      if (this.#running === 0) for (const resolve of this.#settledWaiters.splice(0)) resolve();
    });
  }

  async #dispatch(deskId: string, effect: Exclude<Effect, { type: 'Say' }>): Promise<void> {
    const { venues, logger } = this.#options;
    try {
      if (effect.type === 'WatchBars') {
        await this.#once(`watch:${effect.botId}`, false, () => this.#watchBars(deskId, effect));
        return;
      }
      const venue = venues.get(effect.venue);
      if (venue === undefined) throw new Error(`no venue ${effect.venue}`);
      await this.#atVenue(deskId, venue, effect);
    } catch (error) {
      logger.error({ deskId, effect: effect.type, error: messageOf(error) }, 'an effect failed');
    }
  }

  async #watchBars(deskId: string, effect: Extract<Effect, { type: 'WatchBars' }>): Promise<void> {
    const { botId, venue, symbol, interval, bars } = effect;
    const failure = await this.#options.hub.watch(venue, symbol, interval, bars).then(
      () => null,
      (error: unknown) => error,
    );
    const input = {
      type: 'WarmupEnded',
      botId,
      symbol,
      interval,
      failure: failure === null ? null : messageOf(failure),
    } as const;
    this.#options.submit(deskId, { ...input, tooShort: failure instanceof HistoryTooShort });
  }

  async #atVenue(deskId: string, venue: Venue, effect: VenueEffect): Promise<void> {
    const { submit } = this.#options;
    switch (effect.type) {
      case 'PlaceOrder': {
        const { order } = effect;
        const late = order.reduceOnly ? null : await this.#entryTurn(deskId, venue, effect);
        if (late !== null) {
          submit(deskId, late);
          return;
        }
        const send = () => venue.placeOrder(placeOf(order));
        const answer = order.reduceOnly ? await this.#exit(venue, send) : await this.#write(venue, send);
        submit(deskId, { type: 'OrderAnswered', orderId: order.orderId, action: 'place', answer });
        return;
      }
      case 'CancelOrder':
      case 'AmendOrder': {
        const { order } = effect;
        const account = { accountId: order.accountId };
        const id = order.venueOrderId ?? '';
        const send = () =>
          effect.type === 'CancelOrder'
            ? venue.cancelOrder(account, order.symbol, id)
            : venue.amendOrder(account, order.symbol, id, effect.change);
        const addsExposure = effect.type === 'AmendOrder' && !order.reduceOnly;
        const answer = addsExposure
          ? await this.#inLane(venue, 'entry', () => this.#write(venue, send))
          : await this.#exit(venue, send);
        const action = effect.type === 'CancelOrder' ? 'cancel' : 'amend';
        submit(deskId, { type: 'OrderAnswered', orderId: order.orderId, action, answer });
        return;
      }
      case 'ConfigureSymbol': {
        const { accountId, symbol, leverage, marginMode } = effect;
        const answer = await this.#inLane(venue, 'entry', () =>
          this.#write(venue, () => venue.configureSymbol({ accountId }, symbol, leverage, marginMode)),
        );
        submit(deskId, { type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer });
        return;
      }
      case 'OpenAccount':
        await this.#openAccount(deskId, venue, effect);
        return;
      case 'FindOrder':
        await this.#once(`find:${effect.order.orderId}`, false, () => this.#findOrder(deskId, venue, effect));
        return;
      case 'ReadAccount':
        await this.#once(`read:${effect.accountId}`, true, () => this.#readAccount(deskId, venue, effect));
    }
  }

  /** A write, when it is its turn: not after the lease, and never an exception. */
  async #write(venue: Venue, send: () => Promise<VenueAnswer>): Promise<VenueAnswer> {
    if (this.#options.leaseLeftMs() < LEASE_MARGIN_MS) {
      return { outcome: 'unknown', message: 'not sent: the lease of this process is about to end' };
    }
    try {
      const answer = await send();
      if (answer.outcome === 'rejected' && answer.code === 'rate_limited')
        this.#lanesOf(venue).close(answer.retryAfterMs ?? RATE_PAUSE_MS);
      return answer;
    } catch (error) {
      return { outcome: 'unknown', message: messageOf(error) };
    }
  }

  #lanesOf(venue: Venue): VenueLanes {
    const known = this.#lanes.get(venue.venue);
    if (known !== undefined) return known;
    const lanes = new VenueLanes(this.#options.clock, venue.capabilities.rateLimit);
    this.#lanes.set(venue.venue, lanes);
    return lanes;
  }

  async #inLane(venue: Venue, lane: Lane, write: () => Promise<VenueAnswer>): Promise<VenueAnswer> {
    const turn = this.#lanesOf(venue).turn(lane);
    if (turn !== null && !(await turn)) return TOO_MANY;
    return write();
  }

  /** What reduces or protects: sent again when it was refused for the rate. */
  async #exit(venue: Venue, send: () => Promise<VenueAnswer>): Promise<VenueAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#inLane(venue, 'exit', () => this.#write(venue, send));
      const isLimited = answer.outcome === 'rejected' && answer.code === 'rate_limited';
      if (!isLimited || answer === TOO_MANY || attempt >= RATE_ATTEMPTS) return answer;
    }
  }

  /** Waits for the turn of an entry; what to decide instead of sending it, if anything came between. */
  async #entryTurn(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { type: 'PlaceOrder' }>,
  ): Promise<Input | null> {
    const turn = this.#lanesOf(venue).turn('entry');
    if (turn === null) return null;
    const { orderId } = effect.order;
    if (!(await turn)) return { type: 'OrderAnswered', orderId, action: 'place', answer: TOO_MANY };
    return this.#options.withdrawn(deskId, effect);
  }

  /** A reading, when it is its turn; again after the pause that the venue asks for. */
  async #read<T>(venue: Venue, ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const turn = this.#lanesOf(venue).turn('read');
      if (turn !== null && !(await turn)) throw new VenueUnavailable(TOO_MANY.message);
      try {
        return await ask();
      } catch (error) {
        const pauseMs = error instanceof VenueUnavailable ? error.retryAfterMs : undefined;
        if (pauseMs === undefined || attempt >= RATE_ATTEMPTS) throw error;
        this.#lanesOf(venue).close(pauseMs);
      }
    }
  }

  /** Runs what is not under way already; `again` repeats it once when it was asked for meanwhile. */
  async #once(key: string, again: boolean, run: () => Promise<void>): Promise<void> {
    if (this.#underWay.has(key)) {
      this.#underWay.set(key, again);
      return;
    }
    do {
      this.#underWay.set(key, false);
      await run();
    } while (this.#underWay.get(key) === true);
    this.#underWay.delete(key);
  }

  async #openAccount(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { type: 'OpenAccount' }>,
  ): Promise<void> {
    const { accountId, deposit } = effect;
    const answer = await this.#inLane(venue, 'read', () =>
      this.#write(venue, async () => {
        if (effect.reset) return venue.resetAccount({ accountId }, deposit);
        await venue.openAccount({ accountId }, deposit);
        return { outcome: 'accepted', venueOrderId: '' };
      }),
    );
    this.#options.submit(deskId, { type: 'AccountOpened', accountId, answer });
  }

  async #findOrder(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { type: 'FindOrder' }>,
  ): Promise<void> {
    const { orderId, accountId, symbol, venueOrderId } = effect.order;
    try {
      const found = await this.#read(venue, () => venue.findOrder({ accountId }, symbol, orderId));
      // An order that the venue made (an attached stop) has no id of ours: the account's list knows it.
      const order =
        found ?? (venueOrderId === null ? undefined : await this.#listed(venue, accountId, venueOrderId));
      this.#options.submit(deskId, {
        type: 'OrderFound',
        orderId,
        order: order ?? null,
        askedAt: effect.askedAt,
      });
    } catch (error) {
      this.#options.logger.warn(
        { deskId, orderId, error: messageOf(error) },
        'an order could not be looked up',
      );
    }
  }

  async #listed(venue: Venue, accountId: string, venueOrderId: string) {
    const { orders } = await this.#read(venue, () => venue.readAccount({ accountId }));
    const open = orders.find((order) => order.venueOrderId === venueOrderId);
    if (open !== undefined) return open;
    const closed = await this.#read(venue, () => venue.ordersSince({ accountId }, 0));
    return closed.find((order) => order.venueOrderId === venueOrderId);
  }

  async #readAccount(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { type: 'ReadAccount' }>,
  ): Promise<void> {
    const { accountId, cursor } = effect;
    const { clock, submit } = this.#options;
    const account = { accountId };
    try {
      if (!this.#watched.has(accountId)) {
        await this.#read(venue, () => venue.watch(account));
        this.#watched.add(accountId);
      }
      const startedAt = clock.now();
      const state = await this.#read(venue, () => venue.readAccount(account));
      const [fills, bills] = await Promise.all([
        this.#read(venue, () => venue.fillsSince(account, cursor)),
        this.#read(venue, () => venue.billsSince(account, cursor)),
      ]);
      submit(deskId, {
        type: 'AccountRead',
        accountId,
        since: cursor,
        state,
        // What came after the state was read is pushed; here it would make the two disagree.
        fills: fills.filter((fill) => fill.cursor <= state.cursor),
        bills: bills.filter((bill) => bill.cursor <= state.cursor),
        startedAt,
        endedAt: clock.now(),
      });
    } catch (error) {
      this.#watched.delete(accountId);
      submit(deskId, { type: 'AccountUnreadable', accountId, reason: messageOf(error) });
    }
  }
}

/** Our own refusal when a lane is full: nothing was sent. */
const TOO_MANY = {
  outcome: 'rejected',
  code: 'rate_limited',
  message: `not sent: ${LANE_LIMIT} calls wait for the venue already`,
} as const satisfies VenueAnswer;

type PlacedOrder = Extract<Effect, { type: 'PlaceOrder' }>['order'];

/** An order of ours as the venue is told it. */
export function placeOf(order: PlacedOrder): PlaceOrder {
  return {
    account: { accountId: order.accountId },
    clientOrderId: order.orderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    size: order.size,
    price: order.price,
    triggerPrice: order.triggerPrice,
    triggerBy: order.triggerBy,
    timeInForce: order.timeInForce,
    reduceOnly: order.reduceOnly,
    attachedStop: order.attachedStop,
    notAfter: order.notAfter,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
