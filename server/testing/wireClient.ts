import { WebSocket } from 'ws';
import { unavailable, type WireError } from '../../shared/protocol/errors.ts';
import type { OpArgsInput, OpName } from '../../shared/protocol/ops.ts';
import type { Push } from '../../shared/protocol/serverMessage.ts';
import { VIEW_VERSION } from '../../shared/protocol/version.ts';
import { PATIENCE_MS } from './patience.ts';
import { WireLaw } from './wireLaw.ts';

export type WireReply =
  | { id: string; ok: true; result: Record<string, unknown> }
  | { id: string; ok: false; error: WireError };
type Fields = { commandId?: string; expectedVersion?: number; validUntil?: number };

/** A push of whatever kind, for looking into. */
export interface AnyPush {
  ch: string;
  kind: string;
  seq?: number;
  data?: unknown;
}

export interface ConnectOptions {
  path?: string;
  origin?: string;
  protocol?: string;
  headers?: Record<string, string>;
  /** False: what comes is made by the test itself, and need not be as agreed. */
  lawful?: boolean;
}

/** A bare client over a real socket: sends what it is told, keeps every byte it gets. */
export class WireClient {
  readonly ws: WebSocket;
  /** Everything received, as text. */
  readonly received: string[] = [];
  readonly pushes: Push[] = [];
  closeCode: number | null = null;
  closeReason = '';
  /** Called with each push, after it was kept. */
  onPush: ((push: Push) => void) | undefined;
  /** HTTP status of a refused upgrade. */
  refusedWith: number | null = null;
  readonly #law = new WireLaw();
  readonly #isLawful: boolean;
  readonly #replies: WireReply[] = [];
  readonly #waiting = new Set<() => void>();
  #nextId = 1;

  constructor(port: number, options: ConnectOptions = {}) {
    this.#isLawful = options.lawful ?? true;
    const protocols = options.protocol === undefined ? [] : [options.protocol];
    const headers = {
      ...options.headers,
      ...(options.origin === undefined ? {} : { origin: options.origin }),
    };
    this.ws = new WebSocket(`ws://127.0.0.1:${port}${options.path ?? '/ws'}`, protocols, { headers });
    this.ws.on('message', (data) => this.#receive(String(data)));
    this.ws.on('open', () => this.#wake());
    this.ws.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = String(reason);
      this.#wake();
    });
    this.ws.on('unexpected-response', (request, response) => {
      this.refusedWith = response.statusCode ?? 0;
      request.destroy();
      this.#wake();
    });
    this.ws.on('error', () => this.#wake());
  }

  async opened(): Promise<this> {
    await this.until(() => this.ws.readyState !== WebSocket.CONNECTING || this.refusedWith !== null);
    return this;
  }

  /** Waits until something is true of what was received, or of the connection. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(end);
        this.#waiting.delete(look);
        resolve();
      };
      const end = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`never came; the last of it all: ${this.received.slice(-3).join('\n')}`));
      }, PATIENCE_MS);
      this.#waiting.add(look);
    });
  }

  closed(): Promise<void> {
    return this.until(() => this.closeCode !== null);
  }

  raw(text: string | Buffer): void {
    this.#law.sent(String(text));
    this.ws.send(text);
  }

  /** Sends a request and waits for its reply. */
  async request<O extends OpName>(op: O, args: OpArgsInput<O>, fields: Fields = {}): Promise<WireReply> {
    const id = String(this.#nextId);
    this.#nextId += 1;
    this.raw(JSON.stringify({ id, op, args, ...fields }));
    return this.reply(id);
  }

  /** The reply with this id, or `unavailable` when the connection ends first. */
  async reply(id: string): Promise<WireReply> {
    const find = (): WireReply | undefined => this.#replies.find((reply) => reply.id === id);
    await this.until(() => find() !== undefined || this.closeCode !== null);
    const error = unavailable('closed');
    return find() ?? { id, ok: false, error };
  }

  authenticate(token: string, deviceId?: string): Promise<WireReply> {
    const device =
      deviceId === undefined ? {} : { device: { id: deviceId, name: deviceId, kind: 'program' } as const };
    return this.request('session.authenticate', { token, viewVersion: VIEW_VERSION, ...device });
  }

  /** Pushes of one channel, in order. */
  of(channel: string): AnyPush[] {
    return this.pushes.filter((push) => push.ch === channel);
  }

  #receive(text: string): void {
    this.received.push(text);
    if (this.#isLawful) this.#law.received(text);
    const message = JSON.parse(text) as WireReply | Push;
    if ('id' in message) this.#replies.push(message);
    else {
      this.pushes.push(message);
      this.onPush?.(message);
    }
    this.#wake();
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
