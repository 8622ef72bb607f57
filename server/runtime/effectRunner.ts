import type { BotNote } from '../../shared/domain/botNote.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { Logger } from '../ports/logger.ts';
import type { Venue, VenueAccountState, VenueAnswer } from '../ports/venue.ts';
import type { BotBars } from './botBars.ts';
import type { BoundedVenue } from './boundedVenue.ts';
import type { EffectSink } from './effectSink.ts';
import { messageOf } from './messageOf.ts';
import { orderRef } from './orderRef.ts';
import { placeOf } from './placeOf.ts';
import { VenueCalls, type VenueCallsOptions } from './venueCalls.ts';
import { withoutVenue } from './withoutVenue.ts';

type VenueEffect = Exclude<Effect, { type: 'Say' } | { type: 'WatchBars' }>;

export interface EffectRunnerOptions extends VenueCallsOptions {
  venues: ReadonlyMap<string, BoundedVenue>;
  bars: BotBars;
  logger: Logger;
  /** Puts an outcome into the desk's inbox. */
  submit(deskId: string, input: Input): void;
  say(deskId: string, botId: string, said: BotNote): void;
}

/** Runs effects after commit. Each ends in one input; none throws; what is under way is not started twice. */
export class EffectRunner implements EffectSink {
  readonly #options: EffectRunnerOptions;
  readonly #watched = new Set<string>();
  /** Reads and look-ups under way; true: asked for again meanwhile. */
  readonly #underWay = new Map<string, (() => Promise<void>) | null>();
  readonly #calls: VenueCalls;
  #running = 0;
  /** Of these, how many of which desk. */
  readonly #busy = new Map<string, number>();
  #settledWaiters: (() => void)[] = [];

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
    this.#calls = new VenueCalls(options);
  }

  isIdle(): boolean {
    return this.#running === 0;
  }

  /** Resolves when no effect is under way. */
  settled(): Promise<void> {
    if (this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#settledWaiters.push(resolve));
  }

  isBusy(deskId: string): boolean {
    return this.#busy.has(deskId);
  }

  async lookAt(name: string, accountId: string): Promise<VenueAccountState | undefined> {
    const venue = this.#options.venues.get(name);
    if (venue === undefined) return undefined;
    await this.#calls.read(venue, () => venue.watch({ accountId }));
    return await this.#calls.read(venue, () => venue.readAccount({ accountId }));
  }

  run(deskId: string, effect: Effect): void {
    if (effect.type === 'Say') {
      this.#options.say(deskId, effect.botId, effect.said);
      return;
    }
    this.#running += 1;
    this.#busy.set(deskId, (this.#busy.get(deskId) ?? 0) + 1);
    void this.#dispatch(deskId, effect).finally(() => {
      this.#running -= 1;
      const left = (this.#busy.get(deskId) ?? 1) - 1;
      if (left === 0) this.#busy.delete(deskId);
      else this.#busy.set(deskId, left);
      if (this.isIdle()) for (const resolve of this.#settledWaiters.splice(0)) resolve();
    });
  }

  async #dispatch(deskId: string, effect: Exclude<Effect, { type: 'Say' }>): Promise<void> {
    const { venues, logger } = this.#options;
    try {
      if (effect.type === 'WatchBars') {
        await this.#once(`watch:${effect.botId}`, false, async () => {
          this.#options.submit(deskId, await this.#options.bars.watch(deskId, effect));
        });
        return;
      }
      const venue = venues.get(effect.venue);
      if (venue === undefined) {
        const outcome = withoutVenue(effect);
        if (outcome !== null) this.#options.submit(deskId, outcome);
        return;
      }
      await this.#atVenue(deskId, venue, effect);
    } catch (error) {
      logger.error({ deskId, effect: effect.type, error: messageOf(error) }, 'an effect failed');
    }
  }

  async #atVenue(deskId: string, venue: Venue, effect: VenueEffect): Promise<void> {
    const { submit } = this.#options;
    switch (effect.type) {
      case 'PlaceOrder':
        await this.#writeOrder(deskId, venue, effect, 'place', () =>
          effect.closesPosition === true
            ? venue.closePosition({ accountId: effect.order.accountId }, effect.order.symbol)
            : venue.placeOrder(placeOf(effect.order)),
        );
        return;
      case 'CancelOrder':
      case 'AmendOrder': {
        const { accountId, symbol } = effect.order;
        const ref = orderRef(effect.order);
        if (effect.type === 'CancelOrder') {
          const send = () => venue.cancelOrder({ accountId }, symbol, ref);
          await this.#writeOrder(deskId, venue, effect, 'cancel', send);
        } else {
          const send = () => venue.amendOrder({ accountId }, symbol, ref, effect.change);
          await this.#writeOrder(deskId, venue, effect, 'amend', send);
        }
        return;
      }
      case 'ConfigureSymbol': {
        const { accountId, symbol, leverage, marginMode } = effect;
        const send = () => venue.configureSymbol({ accountId }, symbol, leverage, marginMode);
        const left = await this.#calls.leave(deskId, venue, 'entry', effect, send);
        const { answer } = left;
        submit(
          deskId,
          answer === null
            ? left.instead
            : { type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer },
        );
        return;
      }
      case 'OpenAccount':
        await this.#openAccount(deskId, venue, effect);
        return;
      case 'FindOrder':
        await this.#once(`find:${effect.order.orderId}`, true, () => this.#findOrder(deskId, venue, effect));
        return;
      case 'ReadAccount':
        await this.#once(`read:${effect.accountId}`, true, () => this.#readAccount(deskId, venue, effect));
    }
  }

  /** What reduces or protects has a lane of its own; a cancel takes exposure away whatever it cancels. */
  async #writeOrder(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { order: Order }>,
    action: 'place' | 'cancel' | 'amend',
    send: () => Promise<VenueAnswer>,
  ): Promise<void> {
    const { orderId, reduceOnly } = effect.order;
    const isExit = reduceOnly || action === 'cancel';
    const left = await this.#calls.leave(deskId, venue, isExit ? 'exit' : 'entry', effect, send);
    const { answer } = left;
    this.#options.submit(
      deskId,
      answer === null ? left.instead : { type: 'OrderAnswered', orderId, action, answer },
    );
  }

  /**
   * Runs what is not under way already; `again`: what was asked for meanwhile is asked once more, since the answer that is
   * on its way was asked for before.
   */
  async #once(key: string, again: boolean, run: () => Promise<void>): Promise<void> {
    if (this.#underWay.has(key)) {
      if (again) this.#underWay.set(key, run);
      return;
    }
    try {
      for (let next: (() => Promise<void>) | null = run; next !== null; ) {
        this.#underWay.set(key, null);
        await next();
        next = this.#underWay.get(key) ?? null;
      }
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #openAccount(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { type: 'OpenAccount' }>,
  ): Promise<void> {
    const { accountId, deposit } = effect;
    // By other keys than before, perhaps: the venue has to listen to it anew.
    this.#watched.delete(accountId);
    const left = await this.#calls.leave(deskId, venue, 'read', effect, async () => {
      if (effect.reset) return venue.resetAccount({ accountId }, deposit);
      await venue.openAccount({ accountId }, deposit);
      return { outcome: 'accepted', venueOrderId: '' };
    });
    const { answer } = left;
    this.#options.submit(
      deskId,
      answer === null ? left.instead : { type: 'AccountOpened', accountId, answer },
    );
  }

  async #findOrder(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { type: 'FindOrder' }>,
  ): Promise<void> {
    const { orderId, accountId, symbol } = effect.order;
    const ref = orderRef(effect.order);
    try {
      const found = await this.#calls.read(venue, () => venue.findOrder({ accountId }, symbol, ref));
      const order = found ?? null;
      this.#options.submit(deskId, { type: 'OrderFound', orderId, order, askedAt: effect.askedAt });
    } catch (error) {
      this.#options.submit(deskId, { type: 'LookUpFailed', orderId, reason: messageOf(error) });
    }
  }

  async #readAccount(
    deskId: string,
    venue: Venue,
    effect: Extract<Effect, { type: 'ReadAccount' }>,
  ): Promise<void> {
    const { accountId, cursors } = effect;
    const { clock, submit } = this.#options;
    const account = { accountId };
    try {
      if (!this.#watched.has(accountId)) {
        await this.#calls.read(venue, () => venue.watch(account));
        this.#watched.add(accountId);
      }
      const startedAt = clock.now();
      const state = await this.#calls.read(venue, () => venue.readAccount(account));
      const [fills, bills] = await Promise.all([
        this.#calls.read(venue, () => venue.fillsSince(account, cursors.fills)),
        this.#calls.read(venue, () => venue.billsSince(account, cursors.bills)),
      ]);
      submit(deskId, {
        type: 'AccountRead',
        accountId,
        since: cursors,
        state,
        // What came after the state was read is pushed; here it would make the two disagree.
        fills: fills.filter((fill) => fill.cursor <= state.cursors.fills),
        bills: bills.filter((bill) => bill.cursor <= state.cursors.bills),
        startedAt,
        endedAt: clock.now(),
      });
    } catch (error) {
      this.#watched.delete(accountId);
      submit(deskId, { type: 'AccountUnreadable', accountId, reason: messageOf(error) });
    }
  }
}
