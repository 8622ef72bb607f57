import type { Delivery } from '../../shared/protocol/frames.ts';
import type { DeviceRow } from '../ports/identityStore.ts';
import type { GatewayLimits } from './limits.ts';
import type { Socket } from './socket.ts';
import { TokenBucket } from './tokenBucket.ts';
import { type UserChannelContext, UserChannels } from './userChannels.ts';

/** What is measured of one device. */
export interface DeviceMeasure {
  lagMs: number | null;
  lastDelivery: Delivery | null;
}

/** Of so many devices; of the one measured first nothing is known then, until it acknowledges again. */
const MEASURES_KEPT = 200;

/** What the connections of one user share; the user's desk has the same id. */
export class UserPresence {
  readonly userId: string;
  readonly sockets = new Set<Socket>();
  readonly bucket: TokenBucket;
  readonly exitBucket: TokenBucket;
  readonly channels: UserChannels;
  /** By device id. */
  readonly measures = new Map<string, DeviceMeasure>();
  /** The user's devices as last read; null: to be read. */
  deviceRows: DeviceRow[] | null = null;
  /** When they were read, ms of elapsed time. */
  deviceRowsAt = 0;
  /** The last `devices` push, without its time. */
  devicesSent = '';
  /** Its commands are durable up to here: reads must not be older. */
  acceptedSeq = 0;
  idleSince: number;

  constructor(userId: string, limits: GatewayLimits, channels: UserChannelContext, now: number) {
    this.userId = userId;
    this.bucket = new TokenBucket(limits.userRate, now);
    this.exitBucket = new TokenBucket(limits.exitUserRate, now);
    this.channels = new UserChannels(userId, channels);
    this.idleSince = now;
  }

  measure(deviceId: string): DeviceMeasure {
    let measure = this.measures.get(deviceId);
    if (measure === undefined) {
      const [oldest] = this.measures.keys();
      if (this.measures.size >= MEASURES_KEPT && oldest !== undefined) this.measures.delete(oldest);
      measure = { lagMs: null, lastDelivery: null };
      this.measures.set(deviceId, measure);
    }
    return measure;
  }
}

/** How long a user without sockets is remembered: budgets and measurements outlast a reconnect. */
const FORGET_AFTER_MS = 60_000;

/** The users with sockets at this process. */
export class Users {
  readonly #known = new Map<string, UserPresence>();
  readonly #limits: GatewayLimits;
  readonly #channels: UserChannelContext;

  constructor(limits: GatewayLimits, channels: UserChannelContext) {
    this.#limits = limits;
    this.#channels = channels;
  }

  find(userId: string): UserPresence | undefined {
    return this.#known.get(userId);
  }

  of(userId: string, now: number): UserPresence {
    let user = this.#known.get(userId);
    if (user === undefined) {
      user = new UserPresence(userId, this.#limits, this.#channels, now);
      this.#known.set(userId, user);
    }
    return user;
  }

  all(): Iterable<UserPresence> {
    return this.#known.values();
  }

  sweep(now: number): void {
    for (const [userId, { sockets, idleSince }] of this.#known) {
      if (sockets.size === 0 && now - idleSince >= FORGET_AFTER_MS) this.#known.delete(userId);
    }
  }
}
