import { MemoryEventBus } from '../../adapters/memory/eventBus.ts';
import { DeskFeeds } from '../../gateway/deskFeeds.ts';
import { GATEWAY_LIMITS } from '../../gateway/limits.ts';
import { TurnQueue } from '../../gateway/turnQueue.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeskHistory } from '../../ports/deskGateway.ts';
import type { BusMessage, EventPublisher } from '../../ports/eventBus.ts';
import { silentLogger } from '../../testing/silentLogger.ts';
import type { SimProcess } from '../simProcess.ts';
import type { World } from '../world.ts';
import type { SimSocket } from './simSocket.ts';

/** As a gateway says whose devices are connected; here in quiet only, since desks are to sleep at other times. */
const ATTEND_EVERY_MS = 30_000;

const UNAVAILABLE = {
  code: 'unavailable',
  message: 'the log cannot be read',
  retryable: true,
  details: {},
};

/** What one process serves devices with: the product's feeds of desks, over sockets that are none. */
export class SimGateway implements EventPublisher {
  readonly isConnected = true;
  readonly #world: World;
  readonly #process: SimProcess;
  readonly #bus = new MemoryEventBus();
  readonly #clock: Clock;
  /** Each with the topic it has joined. */
  readonly #sockets = new Map<SimSocket, string | undefined>();
  #feeds: DeskFeeds | undefined;

  constructor(world: World, process: SimProcess, clock: Clock) {
    this.#world = world;
    this.#process = process;
    this.#clock = clock;
  }

  /** Before it, what is published goes nowhere. */
  start(deskHistory: DeskHistory, attend: (deskId: string) => Promise<void>): void {
    const clock = this.#clock;
    this.#feeds = new DeskFeeds(
      this.#bus.stream(),
      {
        ...{ clock, logger: silentLogger, limits: GATEWAY_LIMITS, deskHistory, attend },
        turns: new TurnQueue(clock),
        publish: (topic, message) => this.#send(topic, message),
      },
      { onNotice: () => {}, onRevoked: () => {}, onResync: (deskIds) => this.#resync(deskIds) },
    );
    this.#every(GATEWAY_LIMITS.headEveryMs, (feeds) => feeds.publishHeads(clock.now()));
    this.#every(GATEWAY_LIMITS.headsPollMs, (feeds) => void feeds.poll());
    this.#every(ATTEND_EVERY_MS, () => {
      if (!this.#world.isCalm) return;
      // Asked for again the next time.
      for (const { deskId } of this.#sockets.keys()) attend(deskId).catch(() => {});
    });
  }

  publish(message: BusMessage): void {
    if (!this.#process.isAlive || message.type === 'notice') return;
    if (message.type !== 'frames' || !this.#world.hit('frames_lost')) this.#bus.publish(message);
  }

  /** A device connects. */
  connect(socket: SimSocket): void {
    if (this.#process.isAlive) this.#sockets.set(socket, undefined);
    else socket.break();
  }

  /** A frame that a device sent. */
  take(socket: SimSocket, text: string): void {
    // Written by the SDK.
    const { id, op, args } = JSON.parse(text);
    if (op !== 'subscribe') {
      socket.deliver(JSON.stringify({ id, ok: true, result: {} }));
      return;
    }
    this.#join(socket, id, args.since).catch(() =>
      socket.deliver(JSON.stringify({ id, ok: false, error: UNAVAILABLE })),
    );
  }

  /** The device has gone. */
  leave(socket: SimSocket): void {
    const topic = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    const feed = this.#feeds?.loaded(socket.deskId);
    if (topic === undefined || feed?.topic !== topic) return;
    feed.members -= 1;
    if (feed.members === 0) feed.onEmpty();
  }

  /** The process is dead: its sockets break. */
  die(): void {
    for (const socket of [...this.#sockets.keys()]) socket.break();
    this.#sockets.clear();
  }

  async #join(
    socket: SimSocket,
    id: string,
    since: { epoch: string; seq: number } | undefined,
  ): Promise<void> {
    if (this.#feeds === undefined) throw new Error('not started');
    await this.#feeds.use(socket.deskId, async (feed) => {
      const backfill =
        since !== undefined && feed.needsBackfill(since) ? await feed.backfill(since) : undefined;
      const desk = feed.join(since, backfill).toString();
      if (!this.#sockets.has(socket)) return;
      if (this.#sockets.get(socket) === undefined) feed.members += 1;
      this.#sockets.set(socket, feed.topic);
      socket.deliver(`{"id":${JSON.stringify(id)},"ok":true,"result":{"channels":["desk"],"desk":${desk}}}`);
    });
  }

  #send(topic: string, message: Buffer): void {
    const text = message.toString();
    const isMisdelivered = this.#world.sabotage.misdelivers === true;
    for (const [socket, own] of this.#sockets) if ((own === topic) !== isMisdelivered) socket.deliver(text);
  }

  #resync(deskIds: readonly string[]): void {
    for (const socket of [...this.#sockets.keys()])
      if (deskIds.includes(socket.deskId)) {
        this.#sockets.delete(socket);
        socket.break();
      }
  }

  #every(periodMs: number, run: (feeds: DeskFeeds) => void): void {
    this.#clock.after(periodMs, () => {
      if (this.#feeds !== undefined) run(this.#feeds);
      this.#every(periodMs, run);
    });
  }
}
