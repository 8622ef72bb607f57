import type { HttpRequest, HttpResponse, TemplatedApp, us_socket_context_t, WebSocket } from 'uWebSockets.js';
import { CLOSE } from '../../shared/protocol/closeCodes.ts';
import type { Push } from '../../shared/protocol/serverMessage.ts';
import { SUBPROTOCOL } from '../../shared/protocol/version.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { ServerHealth } from '../ports/serverHealth.ts';
import type { AddressPresence } from './addresses.ts';
import type { HttpDoor } from './httpDoor.ts';
import { inputRefusal } from './inputBudget.ts';
import { InputTurns } from './inputTurns.ts';
import type { GatewayLimits } from './limits.ts';
import type { NewConnections } from './newConnections.ts';
import { type OriginPolicy, originHeaders } from './originPolicy.ts';
import type { Requests } from './requests.ts';
import type { Sessions } from './sessions.ts';
import { checkSlowReader } from './slowReaders.ts';
import { Socket, type SocketData } from './socket.ts';

export interface SocketServerContext {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  origins: OriginPolicy;
  door: HttpDoor;
  arrivals: NewConnections;
  sessions: Sessions;
  requests: Requests;
  health: ServerHealth;
}

/** Every socket stays in this topic: leaving the last topic in a turn has lost that turn's publishes. */
const PERMANENT_TOPIC = 'all';

/** The sockets on /ws: opening, reading, deadlines, closing. */
export class SocketServer {
  readonly sockets = new Set<Socket>();
  #isRestarting = false;
  #degradedSince = 0;
  readonly #turns: InputTurns;
  readonly #context: SocketServerContext;

  constructor(context: SocketServerContext) {
    this.#context = context;
    const { limits, requests } = context;
    this.#turns = new InputTurns({
      limits,
      handle: (socket, message, isBinary) =>
        this.#guarded(socket, () => requests.receive(socket, message, isBinary)),
    });
    context.health.onChange(() => this.#tellHealth());
  }

  mount(app: TemplatedApp): void {
    const { limits } = this.#context;
    app.ws<SocketData>('/ws', {
      maxPayloadLength: limits.hardFrameBytes,
      maxBackpressure: limits.maxBackpressureBytes,
      // Without a close frame the client could not tell why; we close by our own limit, which is below.
      closeOnBackpressureLimit: false,
      idleTimeout: limits.idleTimeoutSeconds,
      maxLifetime: 0,
      sendPingsAutomatically: true,
      compression: 0,
      upgrade: (res, req, upgradeContext) =>
        this.#context.door.enter(res, req, (address) => this.#upgrade(res, req, upgradeContext, address)),
      open: (ws) => {
        const { socket } = ws.getUserData();
        this.#guarded(socket, () => this.#open(ws, socket));
      },
      message: (ws, message, isBinary) => {
        const { socket } = ws.getUserData();
        this.#guarded(socket, () => {
          if (this.#pays(socket, message.byteLength)) this.#turns.give(socket, message, isBinary);
        });
      },
      // The library answers pings by itself; they cost the sender all the same.
      ping: (ws, message) => this.#control(ws.getUserData().socket, message),
      pong: (ws, message) => this.#control(ws.getUserData().socket, message),
      dropped: (ws) => {
        ws.getUserData().socket.dropped = true;
      },
      close: (ws) => {
        const { socket } = ws.getUserData();
        this.#guarded(socket, () => this.#closed(socket));
      },
    });
  }

  /** The looks at every socket that cannot wait: its buffer. */
  checkReaders(): void {
    for (const socket of this.sockets) checkSlowReader(socket, this.#context.limits, this.#context.logger);
  }

  /** Deadlines of every socket. */
  checkDeadlines(elapsed: number): void {
    for (const socket of this.sockets) this.#context.sessions.sweep(socket, elapsed);
  }

  /** Tells every client to come back, each at its own time. New sockets are turned away from here on. */
  announceRestart(): void {
    this.#isRestarting = true;
    const { reconnectMinMs, reconnectMaxMs } = this.#context.limits;
    const ts = this.#context.clock.now();
    for (const socket of this.sockets) {
      const reconnectAfterMs = Math.round(reconnectMinMs + Math.random() * (reconnectMaxMs - reconnectMinMs));
      const push = { ch: 'session', kind: 'server.restarting', ts, data: { reconnectAfterMs } };
      socket.send(Buffer.from(JSON.stringify(push)));
    }
  }

  /** Ends the sockets, a batch per turn. */
  async endAll(): Promise<void> {
    while (this.sockets.size > 0) {
      let left = this.#context.limits.closeBatch;
      for (const socket of this.sockets) {
        if (left === 0) break;
        left -= 1;
        socket.close(CLOSE.restarting, 'restarting');
      }
      await new Promise<void>((resume) => setImmediate(resume));
    }
  }

  /** Every socket, also one that has not authenticated: without the store it may not be able to. */
  #tellHealth(): void {
    const message = this.#healthPush();
    for (const socket of this.sockets) socket.send(message);
  }

  #healthPush(): Buffer {
    const { health, clock } = this.#context;
    const { degradation } = health;
    const ts = clock.now();
    if (degradation !== null) {
      this.#degradedSince = degradation.since;
      return Buffer.from(
        JSON.stringify({ ch: 'session', kind: 'server.degraded', ts, data: degradation } satisfies Push),
      );
    }
    const data = { awayMs: Math.max(0, ts - this.#degradedSince) };
    return Buffer.from(JSON.stringify({ ch: 'session', kind: 'server.recovered', ts, data } satisfies Push));
  }

  /** Only what needs no waiting is checked here; other refusals accept first, so that a browser can read the code. */
  #upgrade(
    res: HttpResponse,
    req: HttpRequest,
    upgradeContext: us_socket_context_t,
    address: AddressPresence,
  ): void {
    const { origins, clock } = this.#context;
    if (!origins.admits(originHeaders(req))) {
      res.writeStatus('403 Forbidden').end('this origin is not allowed');
      return;
    }
    const offered = req.getHeader('sec-websocket-protocol');
    const protocols = offered.split(',').map((protocol) => protocol.trim());
    if (offered !== '' && !protocols.includes(SUBPROTOCOL)) {
      res.writeStatus('400 Bad Request').end(`the subprotocol of this server is ${SUBPROTOCOL}`);
      return;
    }
    const socket = new Socket(address, clock.elapsed());
    const chosen = offered === '' ? '' : SUBPROTOCOL;
    res.upgrade({ socket }, req.getHeader('sec-websocket-key'), chosen, '', upgradeContext);
  }

  #open(ws: WebSocket<SocketData>, socket: Socket): void {
    const { limits, arrivals } = this.#context;
    arrivals.upgraded();
    socket.opened(ws);
    socket.address.sockets += 1;
    this.sockets.add(socket);
    ws.subscribe(PERMANENT_TOPIC);
    if (this.#isRestarting) socket.close(CLOSE.restarting, 'restarting');
    else if (this.sockets.size > limits.connections) socket.close(CLOSE.overloaded, 'too many connections');
    else if (socket.address.sockets > limits.connectionsPerAddress) {
      socket.close(CLOSE.connectionLimit, 'connection limit of the address');
    } else if (this.#context.health.degradation !== null) socket.send(this.#healthPush());
  }

  #control(socket: Socket, message: ArrayBuffer): void {
    this.#guarded(socket, () => this.#pays(socket, message.byteLength));
  }

  /** Takes what a frame costs; false: there is nothing left, and the connection is closed. */
  #pays(socket: Socket, bytes: number): boolean {
    if (!socket.isOpen) return false;
    const refusal = inputRefusal(socket, bytes, this.#context.limits, this.#context.clock.elapsed());
    if (refusal === undefined) return true;
    socket.refuse('', refusal);
    socket.close(CLOSE.flooding, 'more than a connection may send');
    return false;
  }

  /** An exception must not reach the native loop; this socket's state is unknown then, the others go on. */
  #guarded(socket: Socket, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#context.logger.error({ error }, 'a socket could not be served');
      socket.close(CLOSE.resync, 'internal error');
    }
  }

  #closed(socket: Socket): void {
    const { session } = socket;
    socket.gone();
    this.sockets.delete(socket);
    socket.address.sockets -= 1;
    socket.address.idleSince = this.#context.clock.elapsed();
    for (const channel of socket.channels) {
      channel.members -= 1;
      if (channel.members === 0) channel.onEmpty();
    }
    socket.channels = [];
    if (session.state === 'live') this.#context.sessions.left(session, socket);
  }
}
