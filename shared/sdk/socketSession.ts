import { unavailable } from '../protocol/errors.ts';
import type { OpArgsInput, OpName, OpResult } from '../protocol/ops.ts';
import type { Push, Reply, ServerMessage } from '../protocol/serverMessage.ts';
import { SUBPROTOCOL } from '../protocol/version.ts';
import type { SdkClock } from './clock.ts';
import { FillwireError } from './fillwireError.ts';
import { SDK_LIMITS } from './limits.ts';
import type { WebSocketFactory, WebSocketLike } from './webSocket.ts';

export interface SocketHandlers {
  onOpen(): void;
  onPush(push: Push): void;
  /** A reply to something the session did not send itself. */
  onReply(reply: Reply): void;
  /** Once; nothing is told after it. */
  onClose(code: number, reason: string): void;
}

interface Call {
  resolve(result: unknown): void;
  reject(error: FillwireError): void;
  cancelTimeout(): void;
}

/** Close code told for a socket that this side gave up; the same as the browser's "no close frame came". */
export const ABNORMAL_CLOSE = 1006;
const NORMAL_CLOSE = 1000;

/** One WebSocket from opening to close, and the SDK's own calls on it, which die with it. */
export class SocketSession {
  readonly #clock: SdkClock;
  readonly #handlers: SocketHandlers;
  /** Device time of the last message, ms. */
  lastHeardAt: number;
  readonly #socket: WebSocketLike;
  readonly #calls = new Map<string, Call>();
  #nextId = 1;
  #closed = false;

  constructor(url: string, factory: WebSocketFactory, clock: SdkClock, handlers: SocketHandlers) {
    this.#clock = clock;
    this.#handlers = handlers;

    this.lastHeardAt = clock.now();
    this.#socket = factory(url, SUBPROTOCOL);
    this.#socket.onopen = () => handlers.onOpen();
    this.#socket.onmessage = (event) => this.#receive(event.data);
    this.#socket.onclose = (event) => this.#finish(event.code, event.reason);
    // A close event with the code follows every error event.
    this.#socket.onerror = () => {};
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  send(text: string): void {
    if (!this.#closed) this.#socket.send(text);
  }

  /** Rejects with what the server said, or `unavailable` when the socket closes or no reply comes in time. */
  call<O extends OpName>(op: O, args: OpArgsInput<O>): Promise<OpResult<O>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new FillwireError(unavailable('the connection is closed')));
        return;
      }
      const id = `s${this.#nextId++}`;
      const cancelTimeout = this.#clock.after(SDK_LIMITS.callTimeoutMs, () => {
        this.#calls.delete(id);
        reject(new FillwireError(unavailable(`no reply to ${op} in ${SDK_LIMITS.callTimeoutMs} ms`)));
      });
      this.#calls.set(id, { resolve: (result) => resolve(result as OpResult<O>), reject, cancelTimeout });
      this.#socket.send(JSON.stringify({ id, op, args }));
    });
  }

  /** Gives the socket up: tells `onClose` at once, whether or not the other side still answers. */
  abandon(reason: string, code: number = ABNORMAL_CLOSE): void {
    if (this.#closed) return;
    this.#finish(code, reason);
    this.#socket.close(NORMAL_CLOSE);
  }

  /** Closes without telling `onClose`. */
  dispose(): void {
    if (this.#closed) return;
    this.#release('the client was closed');
    this.#socket.close(NORMAL_CLOSE);
  }

  #receive(data: unknown): void {
    if (this.#closed || typeof data !== 'string') return;
    this.lastHeardAt = this.#clock.now();
    let message: ServerMessage;
    try {
      message = JSON.parse(data) as ServerMessage;
    } catch {
      this.abandon('the server sent something that is not JSON');
      return;
    }
    if (message === null || typeof message !== 'object') return;
    if (!('id' in message)) {
      this.#handlers.onPush(message);
      return;
    }
    const call = this.#calls.get(message.id);
    if (call === undefined) {
      this.#handlers.onReply(message);
      return;
    }
    this.#calls.delete(message.id);
    call.cancelTimeout();
    if (message.ok) call.resolve(message.result);
    else call.reject(new FillwireError(message.error));
  }

  #finish(code: number, reason: string): void {
    if (this.#closed) return;
    this.#release('the connection closed before the reply');
    this.#handlers.onClose(code, reason);
  }

  #release(why: string): void {
    this.#closed = true;
    this.#socket.onopen = null;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      call.cancelTimeout();
      call.reject(new FillwireError(unavailable(why)));
    }
  }
}
