import { CLOSE } from '../../shared/protocol/closeCodes.ts';
import { badRequest, unavailable, type WireError, wireError } from '../../shared/protocol/errors.ts';
import type { CommandName } from '../../shared/protocol/ops.ts';
import type { Authenticator } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';
import type {
  AccountKeys,
  AdminDesks,
  CommandEnvelope,
  CommandReply,
  DeskCommands,
  MarketData,
} from '../ports/deskGateway.ts';
import { InvalidCursor } from '../ports/historyCursor.ts';
import type { Logger } from '../ports/logger.ts';
import type { ServerHealth } from '../ports/serverHealth.ts';
import type { DeviceReports } from './deviceReports.ts';
import type { GatewayLimits } from './limits.ts';
import { isPreview, parseRequest, type Request } from './parseRequest.ts';
import { rateRefusal } from './rateRefusal.ts';
import type { Reads } from './reads.ts';
import type { Sessions } from './sessions.ts';
import type { LiveSession, Socket } from './socket.ts';
import { standbyError } from './standby.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface RequestContext {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  authenticator: Authenticator;
  commands: DeskCommands;
  keys: AccountKeys;
  admin: AdminDesks;
  sessions: Sessions;
  subscriptions: Subscriptions;
  reads: Reads;
  devices: DeviceReports;
  market: MarketData;
  health: ServerHealth;
  isStandby: () => boolean;
}

type AdminRequest = Extract<Request, { op: `admin.${string}` }>;

/** Reads frames from clients and answers each request exactly once. */
export class Requests {
  /** Commands and reads under way, on all sockets. */
  outstanding = 0;
  /** Set when closing: what begins now would be cut off. */
  isDraining = false;
  readonly #context: RequestContext;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  /** A frame from a client. Everything of `message` is read before this returns. */
  receive(socket: Socket, message: ArrayBuffer, isBinary: boolean): void {
    const { limits } = this.#context;
    if (message.byteLength > limits.frameBytes) {
      const [actual, allowed] = [String(message.byteLength), String(limits.frameBytes)];
      const details = { limit: 'frameBytes', actual, allowed };
      socket.refuse('', wireError('too_large', `a frame may have ${limits.frameBytes} bytes`, details));
      this.#noteMalformed(socket);
      return;
    }
    if (isBinary) {
      socket.refuse('', badRequest('', 'frames are JSON text, not binary'));
      this.#noteMalformed(socket);
      return;
    }
    const parsed = parseRequest(Buffer.from(message).toString('utf8'));
    if (parsed.ok) {
      this.#handle(socket, parsed.request);
      return;
    }
    const refusal = rateRefusal(socket, 'read', limits, this.#context.clock.elapsed());
    socket.refuse(parsed.id, refusal ?? parsed.error);
    if (parsed.malformed) this.#noteMalformed(socket);
  }

  #handle(socket: Socket, request: Request): void {
    const refusal = this.#refusal(socket, request);
    if (refusal !== undefined) {
      socket.refuse(request.id, refusal);
      return;
    }
    const { session } = socket;
    if (request.op === 'session.authenticate') {
      void this.#run(socket, request, () =>
        this.#context.sessions.authenticate(socket, request.id, request.args),
      );
    } else if (session.state === 'live') {
      this.#handleLive(socket, session, request);
    } else {
      const message = 'the first request is session.authenticate, and its reply comes before the next';
      socket.refuse(request.id, wireError('unauthenticated', message, { reason: 'missing' }));
    }
  }

  #handleLive(socket: Socket, session: LiveSession, request: Request): void {
    const { id } = request;
    const { clock, market } = this.#context;
    switch (request.op) {
      case 'ping':
        socket.reply(id, { serverTime: clock.now(), marketTimes: market.marketTimes() });
        return;
      case 'ack':
        this.#context.devices.ack(socket, session, request.args.seq);
        socket.reply(id, {});
        return;
      case 'session.refresh':
        void this.#run(socket, request, () =>
          this.#context.sessions.refresh(socket, session, id, request.args),
        );
        return;
      case 'subscribe':
        this.#inTurn(socket, request, request.args.channels, async () => {
          const refusal = await this.#context.subscriptions.subscribe(socket, session, id, request.args);
          if (refusal !== undefined) socket.refuse(id, refusal);
        });
        return;
      case 'unsubscribe':
        this.#inTurn(socket, request, request.args.channels, () =>
          this.#context.subscriptions.unsubscribe(socket, id, request.args),
        );
        return;
      default:
        void this.#run(socket, request, async () => {
          const reply = await this.#execute(socket, session, request);
          // One write, and nothing is sent where the socket has gone meanwhile.
          socket.cork(() => (reply.ok ? socket.reply(id, reply.result) : socket.refuse(id, reply.error)));
        });
    }
  }

  async #execute(socket: Socket, session: LiveSession, request: Request): Promise<CommandReply> {
    const { reads } = this.#context;
    if (request.op === 'admin.emergencyStop' || request.op === 'admin.emergencyRelease')
      return this.#administer(session, request);
    const read = isPreview(request)
      ? reads.preview(session.user, request)
      : reads.answer(session.user, socket, request);
    if (read !== undefined) return read;
    if (!session.scopes.includes('trade')) {
      return {
        ok: false,
        error: wireError('forbidden', `${request.op} needs the scope "trade"`, { needs: 'trade' }),
      };
    }
    return request.op === 'devices.revoke'
      ? this.#revokeDevice(session, request.args.deviceId)
      : this.#command(session, request);
  }

  /** Who may not is told so whatever they ask for: nobody learns whether a user exists. */
  async #administer(session: LiveSession, request: AdminRequest): Promise<CommandReply> {
    const isPermitted = session.role === 'admin' && session.scopes.includes('trade');
    if (!isPermitted)
      return {
        ok: false,
        error: wireError('forbidden', `${request.op} is for administrators`, { needs: 'admin' }),
      };
    return this.#context.admin.execute({
      op: request.op,
      args: request.args,
      commandId: request.commandId ?? '',
      actor: { kind: 'admin', userId: session.user.userId, deviceId: session.deviceId },
      receivedAt: this.#context.clock.now(),
    });
  }

  async #command(session: LiveSession, request: Request): Promise<CommandReply> {
    const { user } = session;
    const reply = await this.#carryOut(user.userId, request, {
      commandId: request.commandId ?? '',
      expectedVersion: request.expectedVersion,
      validUntil: request.validUntil,
      actor: { kind: 'user', userId: user.userId, deviceId: session.deviceId },
      receivedAt: this.#context.clock.now(),
    });
    if (reply.ok && typeof reply.result === 'object' && reply.result !== null && 'seq' in reply.result) {
      user.acceptedSeq = Math.max(user.acceptedSeq, Number(reply.result.seq));
    }
    return reply;
  }

  #carryOut(
    deskId: string,
    request: Request,
    envelope: Omit<CommandEnvelope, 'op' | 'args'>,
  ): Promise<CommandReply> {
    const { commands, keys } = this.#context;
    switch (request.op) {
      case 'accounts.setKeys':
        return keys.set(deskId, { ...envelope, args: request.args });
      case 'accounts.removeKeys':
      case 'accounts.remove':
        return keys.remove(deskId, { ...envelope, op: request.op, args: request.args });
      default:
        // What is neither a session op, a read nor devices.revoke goes to the desk.
        return commands.execute(deskId, { ...envelope, op: request.op as CommandName, args: request.args });
    }
  }

  async #revokeDevice(session: LiveSession, deviceId: string): Promise<CommandReply> {
    const found = await this.#context.authenticator.revokeDevice(session.user.userId, deviceId);
    session.user.deviceRows = null;
    if (found) return { ok: true, result: { status: 'accepted' } };
    const details = { what: 'device', id: deviceId } as const;
    return { ok: false, error: wireError('not_found', `you have no device ${deviceId}`, details) };
  }

  #refusal(socket: Socket, request: Request): WireError | undefined {
    const { limits, clock } = this.#context;
    const limited = rateRefusal(
      socket,
      request.op === 'ack' ? 'ack' : request.class,
      limits,
      clock.elapsed(),
    );
    if (limited !== undefined) return limited;
    if (this.isDraining && request.class !== 'session' && request.class !== 'read') {
      return unavailable('the server is restarting; connect again in a moment');
    }
    if (this.#context.isStandby() && request.class !== 'session') return standbyError();
    if (request.op.startsWith('history.') && this.#context.health.degradation !== null) {
      return unavailable('the database is away, and history with it; try again');
    }
    const isExit = request.class === 'exit';
    const allowed = isExit ? limits.outstandingExits : limits.outstandingRequests;
    const actual = (isExit ? socket.outstandingExits : socket.outstanding) + 1;
    if (actual <= allowed) return undefined;
    const details = {
      limit: isExit ? 'outstandingExits' : 'outstandingRequests',
      actual: String(actual),
      allowed: String(allowed),
      retryAfterMs: 100,
    };
    return wireError('rate_limited', `at most ${allowed} requests may wait for their reply`, details);
  }

  /**
   * After what is at work on the same channels of this socket, in the order it came: a history that takes long to read
   * holds up its own channel and no other.
   */
  #inTurn(
    socket: Socket,
    request: Request,
    channels: readonly string[],
    work: () => Promise<void> | void,
  ): void {
    const before = channels.flatMap((name) => socket.tails?.get(name) ?? []);
    const inOrder = before.length === 0 ? work : () => Promise.all(before).then(work);
    const tail = this.#run(socket, request, inOrder)?.then(() => {
      const { tails } = socket;
      for (const name of channels) if (tails?.get(name) === tail) tails?.delete(name);
      if (tails?.size === 0) socket.tails = null;
    });
    if (tail === undefined) return;
    socket.tails ??= new Map();
    for (const name of channels) socket.tails.set(name, tail);
  }

  /** Counts the work as outstanding until it is done; what it throws becomes the reply: never rejects. Undefined: done. */
  #run(socket: Socket, request: Request, work: () => Promise<void> | void): Promise<void> | undefined {
    const started = work();
    if (started === undefined) return undefined;
    const isExit = request.class === 'exit';
    if (isExit) socket.outstandingExits += 1;
    else socket.outstanding += 1;
    this.outstanding += 1;
    return started
      .catch((error: unknown) => socket.refuse(request.id, this.#failure(error, request)))
      .finally(() => {
        if (isExit) socket.outstandingExits -= 1;
        else socket.outstanding -= 1;
        this.outstanding -= 1;
      });
  }

  #failure(error: unknown, request: Request): WireError {
    if (error instanceof InvalidCursor) return badRequest('args.cursor', error.message);
    // A store that cannot be reached rejects with an error of its driver; ours would be a TypeError and the like.
    if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) {
      this.#context.logger.error({ op: request.op, error }, 'a request failed');
      return wireError('internal', 'something went wrong here; it was logged', {});
    }
    this.#context.logger.warn({ op: request.op, error }, 'a request could not be served');
    return unavailable('a part of the server cannot be reached; try again');
  }

  #noteMalformed(socket: Socket): void {
    const { limits, clock } = this.#context;
    const now = clock.elapsed();
    if (now - socket.malformedSince >= limits.malformedWindowMs) {
      socket.malformed = 0;
      socket.malformedSince = now;
    }
    socket.malformed += 1;
    if (socket.malformed > limits.malformedFrames) socket.close(CLOSE.protocolViolation, 'malformed frames');
  }
}
