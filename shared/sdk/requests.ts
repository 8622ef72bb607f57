import { badRequest, unavailable, type WireError, wireError } from '../protocol/errors.ts';
import { OP_CLASSES } from '../protocol/opClasses.ts';
import type { OpClass } from '../protocol/ops/define.ts';
import type { OpArgsInput, OpName, OpResult } from '../protocol/ops.ts';
import type { Reply } from '../protocol/serverMessage.ts';
import type { SdkClock } from './clock.ts';
import { FillwireError } from './fillwireError.ts';
import { SDK_LIMITS } from './limits.ts';
import { randomId } from './randomId.ts';
import type { ServerClock } from './serverClock.ts';
import { tooMany } from './tooMany.ts';

export interface RequestOptions {
  /** Commands only; default: a new one. Give the same again to repeat a command safely. */
  commandId?: string;
  expectedVersion?: number;
  /** Exposure commands only: how long the command may wait, ms. */
  validForMs?: number;
  /** How long to wait for the reply, ms; repeats after a refusal for the rate are within it. */
  timeoutMs?: number;
}

interface Request {
  id: string;
  op: OpName;
  opClass: OpClass;
  argsText: string;
  commandId: string | undefined;
  expectedVersion: number | undefined;
  /** Device time until which an exposure command may run. */
  validUntilHere: number | undefined;
  /** The same on the server's clock; fixed when first sent, so that a repeat says exactly the same. */
  validUntil: number | undefined;
  /** A socket carried it and was lost before its reply: its effect is not ours to deny. */
  isLost: boolean;
  inFlight: boolean;
  /** Refused for its rate, so many times; nothing was done then. */
  refusals: number;
  /** Set while it waits for the time that it was told: ends the wait. */
  cancelPause: (() => void) | undefined;
  /** Device time at which nobody waits for it any more. */
  deadline: number;
  cancelTimeout(): void;
  resolve(result: unknown): void;
  reject(error: FillwireError): void;
}

const LANES = {
  exit: { max: SDK_LIMITS.maxExitRequests, maxInFlight: SDK_LIMITS.maxExitInFlight },
  other: { max: SDK_LIMITS.maxRequests, maxInFlight: SDK_LIMITS.maxInFlight },
} as const;
type Lane = keyof typeof LANES;
const laneOf = (opClass: OpClass): Lane => (opClass === 'exit' ? 'exit' : 'other');

/**
 * Requests of the program using the SDK, from call to reply, across connections. Exits have their own places, so
 * that nothing else can delay a stop.
 */
export class Requests {
  readonly #clock: SdkClock;
  readonly #serverClock: ServerClock;
  readonly #byId = new Map<string, Request>();
  #send: ((text: string) => void) | undefined;
  #nextId = 1;

  constructor(clock: SdkClock, serverClock: ServerClock) {
    this.#clock = clock;
    this.#serverClock = serverClock;
  }

  add<O extends OpName>(op: O, args: OpArgsInput<O>, options: RequestOptions): Promise<OpResult<O>> {
    const opClass: OpClass = OP_CLASSES[op];
    if (opClass === 'session' && op !== 'ping') {
      return Promise.reject(new FillwireError(badRequest('op', `${op} is sent by the SDK itself`)));
    }
    const lane = laneOf(opClass);
    if (this.#count(lane) >= LANES[lane].max) {
      const { max } = LANES[lane];
      const message = `${max} requests are waiting for their replies; wait for some of them`;
      return Promise.reject(new FillwireError(tooMany('requests', max + 1, max, message)));
    }
    return new Promise((resolve, reject) => {
      const isCommand = opClass === 'command' || opClass === 'exposure' || opClass === 'exit';
      const id = `r${this.#nextId++}`;
      const timeoutMs = options.timeoutMs ?? SDK_LIMITS.requestTimeoutMs;
      const request: Request = {
        id,
        op,
        opClass,
        // As text: what is sent again after a reconnect is what was asked, whatever the caller did to it since.
        argsText: JSON.stringify(args),
        commandId: isCommand ? (options.commandId ?? randomId()) : undefined,
        // Exits lose no race: they take no version.
        expectedVersion: opClass === 'exit' ? undefined : options.expectedVersion,
        validUntilHere:
          opClass === 'exposure'
            ? this.#clock.now() + (options.validForMs ?? SDK_LIMITS.validForMs)
            : undefined,
        validUntil: undefined,
        isLost: false,
        inFlight: false,
        refusals: 0,
        cancelPause: undefined,
        deadline: this.#clock.now() + timeoutMs,
        cancelTimeout: this.#clock.after(timeoutMs, () =>
          this.#fail(request, unavailable(`no reply in ${timeoutMs} ms`)),
        ),
        resolve: (result) => resolve(result as OpResult<O>),
        reject,
      };
      this.#byId.set(id, request);
      this.#pump();
    });
  }

  /** A connection is ready: what has no reply yet goes out, again or for the first time, in its old order. */
  attach(send: (text: string) => void): void {
    this.#send = send;
    for (const request of [...this.#byId.values()]) this.#dropIfLate(request);
    this.#pump();
  }

  /** The connection is gone; requests wait for the next one. */
  detach(): void {
    this.#send = undefined;
    for (const request of this.#byId.values()) {
      request.isLost ||= request.inFlight;
      request.inFlight = false;
    }
  }

  takeReply(reply: Reply): void {
    const request = this.#byId.get(reply.id);
    // Timed out meanwhile, or a repeat: nobody waits for it.
    if (request === undefined) return;
    request.inFlight = false;
    if (reply.ok) {
      this.#remove(request);
      request.resolve(reply.result);
    } else if (!this.#paused(request, reply.error)) this.#refused(request, reply.error);
    this.#pump();
  }

  /**
   * Refused for its rate, a request was looked at by nobody: a command too is sent again as it is, once the time that
   * was told is over, a few times and while its caller waits. False: it is over.
   */
  #paused(request: Request, error: WireError): boolean {
    if (error.code !== 'rate_limited' || request.refusals >= SDK_LIMITS.rateRepeats) return false;
    const { retryAfterMs } = error.details;
    if (this.#clock.now() + retryAfterMs >= request.deadline) return false;
    request.refusals += 1;
    request.cancelPause = this.#clock.after(retryAfterMs, () => {
      request.cancelPause = undefined;
      this.#pump();
    });
    return true;
  }

  #refused(request: Request, error: WireError): void {
    // An earlier one may have been carried out: that this one was not says nothing about it.
    if (error.code === 'rate_limited' && request.isLost) this.#fail(request, error);
    else {
      this.#remove(request);
      request.reject(new FillwireError(error));
    }
  }

  /** No connection will come by itself: everything waiting is told so. */
  failAll(error: WireError): void {
    for (const request of [...this.#byId.values()]) this.#fail(request, error);
  }

  #count(lane: Lane): number {
    let count = 0;
    for (const request of this.#byId.values()) if (laneOf(request.opClass) === lane) count += 1;
    return count;
  }

  #pump(): void {
    if (this.#send === undefined) return;
    for (const lane of ['exit', 'other'] as const) {
      const requests = [...this.#byId.values()].filter((request) => laneOf(request.opClass) === lane);
      let room = LANES[lane].maxInFlight - requests.filter((request) => request.inFlight).length;
      for (const request of requests) {
        if (room <= 0) break;
        if (request.inFlight || this.#dropIfLate(request) || request.cancelPause !== undefined) continue;
        request.inFlight = true;
        room -= 1;
        this.#send(this.#encode(request));
      }
    }
  }

  #encode(request: Request): string {
    if (request.validUntilHere !== undefined && request.validUntil === undefined) {
      const untilExpiryMs = request.validUntilHere - this.#clock.now();
      request.validUntil = Math.max(0, Math.floor(this.#serverClock.now() + untilExpiryMs));
    }
    const { id, op, argsText, commandId, expectedVersion, validUntil } = request;
    const envelope = JSON.stringify({ id, op, commandId, expectedVersion, validUntil });
    return `${envelope.slice(0, -1)},"args":${argsText}}`;
  }

  /** An exposure command whose time has passed is never sent (again). */
  #dropIfLate(request: Request): boolean {
    const late =
      request.validUntil === undefined
        ? request.validUntilHere !== undefined && this.#clock.now() >= request.validUntilHere
        : this.#serverClock.now() >= request.validUntil;
    if (late) {
      const message = 'its time to run had passed before it could be sent';
      const serverTime = Math.floor(this.#serverClock.now());
      this.#fail(
        request,
        wireError('expired', message, { validUntil: request.validUntil ?? null, serverTime }),
      );
    }
    return late;
  }

  #fail(request: Request, why: WireError): void {
    this.#remove(request);
    const { op, commandId } = request;
    const message = `${op}: ${why.message}`;
    if (commandId !== undefined && (request.isLost || request.inFlight)) {
      const unknown = `${message}; it was sent and may have been carried out`;
      request.reject(new FillwireError(wireError('unknown_outcome', unknown, { commandId })));
    } else request.reject(new FillwireError({ ...why, message }));
    this.#pump();
  }

  #remove(request: Request): void {
    this.#byId.delete(request.id);
    request.cancelTimeout();
    request.cancelPause?.();
  }
}
