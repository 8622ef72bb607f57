import type { GatewayLimits } from './limits.ts';
import type { Socket } from './socket.ts';

export interface InputTurnsContext {
  limits: GatewayLimits;
  handle: (socket: Socket, message: ArrayBuffer, isBinary: boolean) => void;
}

/** While both wait, one frame in so many is a stranger's. */
const STRANGER_EVERY = 8;

/**
 * Shares the event loop between those who send. The library hands over all frames of one read at once, thousands of
 * them; here a turn of the loop handles frames for a few milliseconds only, and what is left waits for the next turn,
 * where every connection gets one frame at a time, those that have authenticated before all others. What may wait is
 * bounded by the budget that it was taken from.
 */
export class InputTurns {
  /** Connections with frames that wait, in the order they are served; the frames are kept by the socket. */
  #known: Socket[] = [];
  #strangers: Socket[] = [];
  #served = 0;
  /** When this turn handled its first frame, ms of `performance.now()`; null: it has not yet. */
  #turnSince: number | null = null;
  readonly #context: InputTurnsContext;

  constructor(context: InputTurnsContext) {
    this.#context = context;
  }

  /** Handles the frame now, or keeps a copy of it for a later turn. Frames of one socket keep their order. */
  give(socket: Socket, message: ArrayBuffer, isBinary: boolean): void {
    if (socket.waitingInput === null) {
      if (!this.#isOver()) {
        this.#context.handle(socket, message, isBinary);
        return;
      }
      socket.waitingInput = [];
      this.#queueOf(socket).push(socket);
    }
    // The library takes the memory back after its callback.
    socket.waitingInput.push({ message: message.slice(0), isBinary });
  }

  /** Whether this turn has had its time. The first question begins it. */
  #isOver(): boolean {
    const now = performance.now();
    if (this.#turnSince === null) {
      this.#turnSince = now;
      setImmediate(() => this.#nextTurn());
    }
    return now - this.#turnSince >= this.#context.limits.inputTurnMs;
  }

  #nextTurn(): void {
    this.#turnSince = null;
    while (this.#known.length + this.#strangers.length > 0 && !this.#isOver()) {
      this.#served = (this.#served + 1) % STRANGER_EVERY;
      // Those who are known come first, but a stranger must be able to become known.
      const stranger = this.#served === 0 ? this.#strangers.shift() : undefined;
      const socket = stranger ?? this.#known.shift() ?? this.#strangers.shift();
      if (socket !== undefined) this.#handleOne(socket);
    }
  }

  #handleOne(socket: Socket): void {
    // Null: it closed meanwhile.
    const next = socket.waitingInput?.shift();
    if (next === undefined) return;
    if (socket.waitingInput?.length === 0) socket.waitingInput = null;
    else this.#queueOf(socket).push(socket);
    this.#context.handle(socket, next.message, next.isBinary);
  }

  #queueOf(socket: Socket): Socket[] {
    return socket.session.state === 'live' ? this.#known : this.#strangers;
  }
}
