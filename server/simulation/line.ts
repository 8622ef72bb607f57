import type { ToldPush } from '../adapters/simulated/told.ts';
import { type VenueAnswer, VenueUnavailable } from '../ports/venue.ts';
import { VENUE_ANSWER_MS } from '../runtime/boundedVenue.ts';
import { LEASE_TTL_MS } from '../runtime/leaseKeeper.ts';
import { injectedRefusal } from './injected.ts';
import type { World } from './world.ts';

/** A caller gives an answer up after this long, world ms: as the simulated venue's client does. */
export const ANSWER_TIMEOUT_MS = 5_000;

/** Why a read failed that was waited for as long as anything is. */
export const IN_VAIN = 'no answer in time';

/** Between process and venue: asynchronous and lossy. Nothing here knows what the messages mean. */
export class Line {
  /** Until then no call arrives and no push leaves; the stream is told broken, and back. World ms. */
  #cutUntil = 0;
  #maintenanceUntil = 0;
  #limitedUntil = 0;
  #blindUntil = 0;
  #lastPushAt = 0;
  /** Messages under way, either direction. */
  inFlight = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  get isCut(): boolean {
    return this.#world.now < this.#cutUntil;
  }

  get isHealthy(): boolean {
    const { now } = this.#world;
    return !this.isCut && now >= this.#maintenanceUntil && now >= this.#limitedUntil;
  }

  /** Nothing can be read; writes and pushes are as ever. */
  get isBlind(): boolean {
    return this.#world.now < this.#blindUntil;
  }

  blind(durationMs: number): void {
    this.#blindUntil = Math.max(this.#blindUntil, this.#world.now + durationMs);
  }

  cut(durationMs: number): void {
    this.#cutUntil = Math.max(this.#cutUntil, this.#world.now + durationMs);
    this.#world.toServing((process) => process.onStream(false));
    this.#world.after(durationMs, () => {
      if (!this.isCut) this.#world.toServing((process) => process.onStream(true));
    });
  }

  maintain(durationMs: number): void {
    this.#maintenanceUntil = Math.max(this.#maintenanceUntil, this.#world.now + durationMs);
  }

  /** The venue has had enough of us: every write is refused for a while. */
  limit(durationMs: number): void {
    this.#limitedUntil = Math.max(this.#limitedUntil, this.#world.now + durationMs);
  }

  /** A write: it is answered, once, unless the process that sent it has died; `answerAfterMs`: longer than it takes. */
  write(run: () => VenueAnswer, done: (answer: VenueAnswer) => void, answerAfterMs = 0): void {
    const world = this.#world;
    const unknown = (why: string): VenueAnswer => ({ outcome: 'unknown', message: why });
    const lost = world.hit('request_lost') || this.isCut;
    if (lost) {
      this.#send(ANSWER_TIMEOUT_MS, () => done(unknown('no answer (request lost)')));
      return;
    }
    if (world.hit('request_late')) {
      this.#send(world.random.between(1, ANSWER_TIMEOUT_MS), () => done(unknown('no answer (late)')));
      this.#send(world.random.between(10, 2 * ANSWER_TIMEOUT_MS), () => void this.#execute(run));
      return;
    }
    if (world.hit('request_beyond_lease')) {
      this.#send(ANSWER_TIMEOUT_MS, () => done(unknown('no answer (beyond the lease)')));
      this.#send(LEASE_TTL_MS + world.random.between(500, 15_000), () => void this.#execute(run));
      return;
    }
    const limited = world.hit('rate_limited') || world.now < this.#limitedUntil;
    const answerLost = world.hit('response_lost');
    this.#send(this.#latency(), () => {
      const answer = limited ? injectedRefusal('rate_limited') : this.#execute(run);
      if (answerLost) {
        this.#send(ANSWER_TIMEOUT_MS, () => done(unknown('no answer (response lost)')));
        return;
      }
      this.#send(this.#latency() + answerAfterMs, () => done(answer));
    });
  }

  read<T>(run: () => T, done: (result: T) => void, failed: (reason: string) => void): void {
    const world = this.#world;
    if (world.hit('read_silent')) {
      const isBounded = world.sabotage.waitsForReads !== true;
      if (isBounded) this.#send(VENUE_ANSWER_MS, () => failed(IN_VAIN));
      return;
    }
    if (world.hit('read_failed') || this.isCut || this.isBlind) {
      this.#send(world.random.between(1, ANSWER_TIMEOUT_MS), () => failed('no answer'));
      return;
    }
    this.#send(this.#latency(), () => {
      if (world.now < this.#maintenanceUntil) {
        this.#send(this.#latency(), () => failed('maintenance'));
        return;
      }
      try {
        const result = run();
        this.#send(this.#latency(), () => done(result));
      } catch (error) {
        if (!(error instanceof VenueUnavailable)) throw error;
        this.#send(this.#latency(), () => failed(error.message));
      }
    });
  }

  push(push: ToldPush): void {
    const world = this.#world;
    const deliver = (): void => world.toServing((process) => process.onPush(push));
    const dropped = world.hit('push_dropped');
    const again = world.hit('push_duplicated');
    const delayed = world.hit('push_delayed');
    const overtaken = world.hit('push_reordered');
    const latency = world.random.between(1, 20);
    const extra = world.random.between(50, 3_000);
    const later = world.random.between(1, 5_000);
    if (dropped || this.isCut) return;
    // One stream: in order, unless a fault says otherwise.
    const due = Math.max(this.#lastPushAt, world.now + latency + (delayed ? extra : 0));
    if (!overtaken) this.#lastPushAt = due;
    this.#sendAt(overtaken ? due + extra : due, deliver);
    if (again) this.#sendAt(due + later, deliver);
  }

  #execute(run: () => VenueAnswer): VenueAnswer {
    if (this.#world.now < this.#maintenanceUntil) return injectedRefusal('maintenance');
    try {
      return run();
    } catch (error) {
      if (!(error instanceof VenueUnavailable)) throw error;
      return injectedRefusal('permission');
    }
  }

  #latency(): number {
    const { random } = this.#world;
    const slow = this.#world.hit('slow_call');
    const quick = random.between(1, 15);
    return slow ? random.between(100, 4_000) : quick;
  }

  #send(delayMs: number, run: () => void): void {
    this.#sendAt(this.#world.now + delayMs, run);
  }

  #sendAt(at: number, run: () => void): void {
    this.inFlight += 1;
    this.#world.at(at, () => {
      this.inFlight -= 1;
      run();
    });
  }
}
