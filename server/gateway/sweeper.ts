import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Addresses } from './addresses.ts';
import type { Attending, DeskFeeds } from './deskFeeds.ts';
import type { DeviceReports } from './deviceReports.ts';
import type { GatewayLimits } from './limits.ts';
import type { MarketChannels } from './marketChannels.ts';
import type { RevocationWatch } from './revocationWatch.ts';
import type { SocketServer } from './socketServer.ts';
import type { Users } from './users.ts';

export interface SweeperContext extends Attending {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  addresses: Addresses;
  users: Users;
  feeds: DeskFeeds;
  market: MarketChannels;
  devices: DeviceReports;
  sockets: SocketServer;
  revocations: RevocationWatch;
}

/** How often it is said whose devices are connected: several times within the time that their desks stay in memory. */
const ATTEND_EVERY_MS = 30_000;
/** How often deadlines, devices and what may be forgotten are looked at. */
const SECOND_MS = 1_000;

/** The one timer of the gateway: whatever is due by time, for every socket and desk, is done from here. */
export class Sweeper {
  #cancel: (() => void) | null = null;
  #secondAt = 0;
  #headAt: number;
  #pollAt: number;
  #attendAt: number;
  readonly #context: SweeperContext;

  constructor(context: SweeperContext) {
    this.#context = context;
    this.#headAt = context.clock.elapsed();
    this.#pollAt = context.clock.elapsed();
    this.#attendAt = context.clock.elapsed();
  }

  start(): void {
    const { clock, limits } = this.#context;
    this.#cancel = clock.after(limits.slowReaderCheckMs, () => {
      this.#sweep(clock.elapsed());
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #sweep(now: number): void {
    const { limits, feeds, market, users, sockets } = this.#context;
    sockets.checkReaders();
    market.sweep();
    for (const user of users.all()) user.channels.sweep();
    if (now - this.#secondAt >= SECOND_MS) {
      this.#secondAt = now;
      this.#everySecond(now);
    }
    if (now - this.#headAt >= limits.headEveryMs) {
      this.#headAt = now;
      feeds.publishHeads(this.#context.clock.now());
    }
    if (now - this.#pollAt >= limits.headsPollMs) {
      this.#pollAt = now;
      void feeds.poll();
    }
    if (now - this.#attendAt >= ATTEND_EVERY_MS) {
      this.#attendAt = now;
      this.#attend();
    }
  }

  #attend(): void {
    const { users, attend, logger } = this.#context;
    for (const { userId, sockets } of users.all()) {
      if (sockets.size === 0) continue;
      attend(userId).catch((error: unknown) =>
        logger.warn({ userId, error }, 'a desk could not be kept awake'),
      );
    }
  }

  #everySecond(now: number): void {
    const { addresses, users, feeds, devices, sockets, revocations } = this.#context;
    if (sockets.sockets.size > 0) revocations.look();
    sockets.checkDeadlines(now);
    devices.observe();
    devices.report();
    feeds.dropIdle(now, (deskId) => users.find(deskId)?.channels.isUnused === false);
    users.sweep(now);
    addresses.sweep(now);
  }
}
