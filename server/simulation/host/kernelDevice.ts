import type { DeskFrame } from '../../../shared/protocol/frames.ts';
import type { Push } from '../../../shared/protocol/serverMessage.ts';
import { DeskSync } from '../../../shared/sdk/deskSync.ts';
import { SocketSession } from '../../../shared/sdk/socketSession.ts';
import { hashView } from '../../../shared/view/hashView.ts';
import { InvariantBroken } from '../broken.ts';
import { checkFrameOwner } from '../invariants/owner.ts';
import { EPOCH } from '../logModel.ts';
import { isSame } from '../sameState.ts';
import type { World } from '../world.ts';
import { type Server, SimSocket } from './simSocket.ts';

/** Between the loss of a connection and the next attempt, world ms. */
const RECONNECT_MS = 1_000;
/** Of a fold that leaves frames out: one of so many. */
const SKIPS_EVERY = 20;

/** A device that shows one desk by the product's SDK, over one connection after the other. */
export class KernelDevice {
  readonly #world: World;
  readonly deskId: string;
  readonly #sync: DeskSync;
  /** Who serves desks now; undefined: nobody. */
  readonly #server: () => Server | undefined;
  #session: SocketSession | undefined;

  constructor(world: World, deskId: string, server: () => Server | undefined) {
    this.#world = world;
    this.deskId = deskId;
    this.#server = server;
    const nothing = (): void => {};
    const handlers = { onChange: nothing, onLag: nothing, onLive: nothing, onResuming: nothing };
    this.#sync = new DeskSync(this.#clock(), handlers);
    this.#connect();
  }

  /** Of what it shows. */
  get hash(): string {
    return this.#sync.fold.hash();
  }

  /** As when it hears nothing any more: it gives its connection up and looks for who serves now. */
  resume(): void {
    this.#session?.abandon('nothing is heard');
  }

  check(): void {
    const committed = this.#world.log.committed(this.deskId);
    const { fold } = this.#sync;
    if (committed === undefined || fold.position?.seq !== committed.desk.seq) return;
    if (!isSame(committed.view, fold.view))
      throw new InvariantBroken('INV-3', `the view of ${this.deskId} is not the fold of its frames`);
  }

  behind(): string | undefined {
    const committed = this.#world.log.committed(this.deskId);
    if (committed === undefined) return undefined;
    const { seq } = committed.desk;
    const { fold } = this.#sync;
    if (fold.position?.seq !== seq)
      return `REST: the device of ${this.deskId} shows ${fold.position?.seq} of ${seq}`;
    const isEqual = this.hash === hashView(EPOCH, seq, committed.view);
    return isEqual ? undefined : `INV-3: the hash of ${this.deskId} is not that of the log`;
  }

  #connect(): void {
    const [world, server] = [this.#world, this.#server()];
    if (server === undefined) {
      world.timer(RECONNECT_MS, () => this.#connect());
      return;
    }
    const session: SocketSession = new SocketSession(
      'sim',
      () => new SimSocket(world, server, this.deskId),
      this.#clock(),
      {
        onOpen: () => this.#sync.attach(session, true),
        onPush: (push) => this.#onPush(push),
        onReply: () => {},
        onClose: () => {
          this.#sync.detach();
          world.timer(RECONNECT_MS, () => this.#connect());
        },
      },
    );
    this.#session = session;
  }

  #onPush(push: Push): void {
    if (push.ch !== 'desk') return;
    if (push.kind === 'head') this.#sync.takeHead(push);
    else this.#onFrame(push);
  }

  #onFrame(frame: DeskFrame): void {
    const { log, sabotage, now } = this.#world;
    checkFrameOwner(log, this.deskId, frame);
    if (frame.seq > log.head(this.deskId))
      throw new InvariantBroken('INV-1', `frame ${frame.seq} before it was committed`);
    const isSkipped = sabotage.skipsFrames === true && frame.seq % SKIPS_EVERY === 0;
    // A frame of a kind that is not known changes nothing.
    this.#sync.takeFrame(isSkipped ? ({ ...frame, kind: 'skipped' } as unknown as DeskFrame) : frame, now);
  }

  #clock() {
    const world = this.#world;
    return {
      now: () => world.now,
      after: (delayMs: number, run: () => void) => world.timer(delayMs, run),
    };
  }
}
