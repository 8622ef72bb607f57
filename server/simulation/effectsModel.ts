import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { VenueAnswer, VenueOrder } from '../ports/venue.ts';
import { placeOf } from '../runtime/placeOf.ts';
import type { EngineProcess } from './engineProcess.ts';
import { noteSilence, noteWait } from './history.ts';
import { isInjected } from './injected.ts';
import { checkAmendDoor, checkDoor, checkLease } from './invariants/door.ts';
import { checkEffectOwner } from './invariants/owner.ts';
import { checkPace } from './invariants/pace.ts';
import { IN_VAIN } from './line.ts';
import { BAR_MS } from './market.ts';
import { type AtVenue, amending, cancelling, configuring, opening, placing } from './sending.ts';
import type { World } from './world.ts';

/** What waits for its turn in a lane; readings are asked for again all the time. */
const WRITES: ReadonlySet<Effect['type']> = new Set([
  'PlaceOrder',
  'AmendOrder',
  'CancelOrder',
  'ConfigureSymbol',
  'OpenAccount',
]);
/** How long at most, world ms: beyond the time after which an order must not arrive any more. */
const LANE_WAIT_MS = 12_000;

/** Runs effects of one process as the runtime's EffectRunner does, over the lossy line. Dies with its process. */
export class EffectsModel {
  readonly #world: World;
  readonly #process: EngineProcess;
  /** Reads and look-ups under way; true: asked for again meanwhile. */
  readonly #underWay = new Map<string, boolean>();
  /** Writes that wait for their turn. */
  #waiting = 0;
  /** Open time of the first bar that this process holds, per symbol. */
  readonly barsFrom = new Map<string, number>();

  constructor(world: World, process: EngineProcess) {
    this.#world = world;
    this.#process = process;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#waiting === 0;
  }

  run(deskId: string, effect: Effect): void {
    checkEffectOwner(this.#world.log, deskId, effect);
    checkPace(this.#world, deskId, effect);
    const waitMs = this.#world.random.between(1, LANE_WAIT_MS);
    if (WRITES.has(effect.type) && this.#world.hit('lane_wait')) this.#wait(deskId, effect, waitMs);
    else this.#start(deskId, effect);
  }

  /** As in a lane of the runtime: asked about again before it leaves. */
  #wait(deskId: string, effect: Effect, waitMs: number): void {
    const [world, process] = [this.#world, this.#process];
    this.#waiting += 1;
    process.later(waitMs, () => {
      this.#waiting -= 1;
      if ('order' in effect) noteWait(world, effect.order);
      const isAsked = world.sabotage.sendsAfterWait !== effect.type;
      const instead = isAsked ? process.withdrawn(deskId, effect) : null;
      if (instead === null) {
        this.#start(deskId, effect);
        return;
      }
      world.coverage.count('met:withdrawn after a wait');
      process.submit(deskId, instead);
    });
  }

  #start(deskId: string, effect: Effect): void {
    const world = this.#world;
    switch (effect.type) {
      case 'Say':
        return;
      case 'WatchBars':
        this.#watchBars(deskId, effect);
        return;
      case 'PlaceOrder':
        this.#place(deskId, effect);
        return;
      case 'CancelOrder':
      case 'AmendOrder': {
        const { accountId, symbol, orderId, venueOrderId, purpose, type } = effect.order;
        const at: AtVenue = { accountId, symbol, venueOrderId: venueOrderId ?? '' };
        const action = effect.type === 'CancelOrder' ? 'cancel' : 'amend';
        this.#write(
          effect.type === 'CancelOrder'
            ? cancelling(world, at, type === 'limit')
            : amending(world, at, effect.change, purpose === 'stop'),
          (answer) => this.#tell(deskId, { type: 'OrderAnswered', orderId, action, answer }),
          effect.type === 'AmendOrder' ? () => checkAmendDoor(world, deskId, effect) : undefined,
        );
        return;
      }
      case 'ConfigureSymbol': {
        const { accountId, symbol, leverage, marginMode } = effect;
        this.#write(configuring(world, accountId, symbol, effect), (answer) =>
          this.#tell(deskId, { type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer }),
        );
        return;
      }
      case 'OpenAccount': {
        const { accountId, deposit, reset } = effect;
        this.#write(opening(world, accountId, deposit, reset), (answer) =>
          this.#tell(deskId, { type: 'AccountOpened', accountId, answer }),
        );
        return;
      }
      case 'FindOrder':
        this.#once(`find:${effect.order.orderId}`, false, (done) => this.#find(deskId, effect, done));
        return;
      case 'ReadAccount':
        this.#once(`read:${effect.accountId}`, true, (done) => this.#read(deskId, effect, done));
    }
  }

  #place(deskId: string, { order }: Extract<Effect, { type: 'PlaceOrder' }>): void {
    this.#write(
      placing(this.#world, placeOf(order)),
      (answer) => {
        if (isInjected(answer)) this.#world.history.injected.add(order.orderId);
        this.#tell(deskId, { type: 'OrderAnswered', orderId: order.orderId, action: 'place', answer });
      },
      () => checkDoor(this.#world, deskId, order),
    );
  }

  /** Not after the lease; `onLeaving`: looks at what leaves. */
  #write(send: () => VenueAnswer, done: (answer: VenueAnswer) => void, onLeaving?: () => void): void {
    const [world, process] = [this.#world, this.#process];
    if (!process.lease.mayWrite && world.sabotage.ignoresLease !== true) {
      world.coverage.count('met:write not sent after its lease');
      process.later(0, () => done({ outcome: 'unknown', message: 'not sent: the lease is about to end' }));
      return;
    }
    checkLease(world, process);
    onLeaving?.();
    const crashes = world.hit('crash_after_effect');
    world.line.write(
      () => {
        const answer = send();
        if (crashes)
          world.after(0, () => world.crash(process, world.random.chance(0.5) ? 'written' : 'lost'));
        return answer;
      },
      (answer) => process.wake(() => done(answer)),
    );
  }

  #watchBars(deskId: string, effect: Extract<Effect, { type: 'WatchBars' }>): void {
    const { botId, symbol, interval, bars, since } = effect;
    const world = this.#world;
    const failed = world.hit('warmup_failed');
    this.#once(`watch:${botId}`, false, (done) => {
      this.#process.later(world.random.between(1, 200), () => {
        done();
        const newest = world.market.lastClosedBar;
        const from = Math.min(newest, since ?? newest) - (bars - 1) * BAR_MS;
        const held = this.barsFrom.get(symbol) ?? Number.POSITIVE_INFINITY;
        if (!failed) this.barsFrom.set(symbol, Math.min(held, from));
        const failure = failed ? 'injected: too short' : null;
        this.#process.submit(deskId, {
          type: 'WarmupEnded',
          botId,
          symbol,
          interval,
          failure,
          tooShort: failed,
        });
      });
    });
  }

  #find(deskId: string, effect: Extract<Effect, { type: 'FindOrder' }>, done: () => void): void {
    const { orderId, accountId, symbol, venueOrderId } = effect.order;
    const { line, venue } = this.#world;
    line.read(
      (): VenueOrder | undefined => {
        const found = venue.find(accountId, symbol, orderId);
        return found ?? (venueOrderId === null ? undefined : venue.listed(accountId, venueOrderId));
      },
      (order) => {
        const { askedAt } = effect;
        this.#tell(deskId, { type: 'OrderFound', orderId, order: order ?? null, askedAt }, done);
      },
      (reason) => {
        if (reason === IN_VAIN) noteSilence(this.#world, accountId);
        this.#tell(deskId, { type: 'LookUpFailed', orderId, reason }, done);
      },
    );
  }

  #read(deskId: string, effect: Extract<Effect, { type: 'ReadAccount' }>, done: () => void): void {
    const { accountId, cursor } = effect;
    const world = this.#world;
    const startedAt = this.#process.context.wallTime;
    world.line.read(
      () => ({
        state: world.venue.read(accountId),
        fills: world.venue.fillsSince(accountId, cursor),
        bills: world.venue.billsSince(accountId, cursor),
      }),
      (read) =>
        this.#tell(
          deskId,
          {
            type: 'AccountRead',
            accountId,
            since: cursor,
            ...read,
            startedAt,
            endedAt: this.#process.context.wallTime,
          },
          done,
        ),
      (reason) => {
        if (reason === IN_VAIN) noteSilence(world, accountId);
        this.#tell(deskId, { type: 'AccountUnreadable', accountId, reason }, done);
      },
    );
  }

  /** The outcome goes into the inbox; `done` first, so that what it leads to may ask again. */
  #tell(deskId: string, input: Input, done?: () => void): void {
    this.#process.wake(() => {
      done?.();
      this.#process.submit(deskId, input);
    });
  }

  #once(key: string, again: boolean, run: (done: () => void) => void): void {
    if (this.#underWay.has(key)) {
      this.#underWay.set(key, again);
      return;
    }
    this.#underWay.set(key, false);
    run(() => {
      const repeat = this.#underWay.get(key) === true;
      this.#underWay.delete(key);
      if (repeat) this.#once(key, again, run);
    });
  }
}
