import type { WebSocketLike } from '../../../shared/sdk/webSocket.ts';
import type { World } from '../world.ts';
import type { SimGateway } from './simGateway.ts';

/** Either way, world ms: the same for each message, so that none overtakes another. */
const LATENCY_MS = 2;
const ABNORMAL_CLOSE = 1006;

/** Who serves: what reaches it comes through its gate. */
export interface Server {
  readonly gateway: SimGateway;
  wake(run: () => void): void;
}

/** A device's connection to one process. */
export class SimSocket implements WebSocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  readonly deskId: string;
  readonly #world: World;
  readonly #server: Server;
  #isClosed = false;

  constructor(world: World, server: Server, deskId: string) {
    this.#world = world;
    this.#server = server;
    this.deskId = deskId;
    server.gateway.connect(this);
    this.#later(() => this.onopen?.());
  }

  /** To the server. */
  send(text: string): void {
    this.#later(() => this.#server.wake(() => this.#server.gateway.take(this, text)));
  }

  /** To the device. */
  deliver(text: string): void {
    this.#later(() => this.onmessage?.({ data: text }));
  }

  /** By the device. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#world.timer(LATENCY_MS, () => this.#server.wake(() => this.#server.gateway.leave(this)));
  }

  /** By the server's end, or its death. */
  break(): void {
    this.#world.timer(LATENCY_MS, () => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.onclose?.({ code: ABNORMAL_CLOSE, reason: '' });
    });
  }

  #later(run: () => void): void {
    this.#world.timer(LATENCY_MS, () => {
      if (!this.#isClosed) run();
    });
  }
}
