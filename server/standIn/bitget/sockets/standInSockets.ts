import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Exchange } from '../exchange/exchange.ts';
import type { Environment } from '../exchange/user.ts';
import { SlidingCount } from '../http/limits.ts';
import { addressOf } from '../http/standInHttp.ts';
import { PushFaults } from './pushFaults.ts';
import { Session } from './session.ts';
import type { Speech } from './speech.ts';

const CONNECTIONS_PER_ADDRESS = 100;
const NEW_CONNECTIONS = 300;
const NEW_WITHIN_MS = 5 * 60_000;
const PATH = /^\/(v2|v3)\/ws\/(public|private)$/;

export interface SocketsOptions {
  server: Server;
  exchange: Exchange;
  speeches: readonly Speech[];
  /** Whether limits of connections and messages are kept to. */
  limited: boolean;
  isUp: () => boolean;
}

/** The WebSocket side of the stand-in, on the server of its REST side. */
export class StandInSockets {
  readonly faults = new PushFaults();
  readonly #options: SocketsOptions;
  readonly #upgrades = new WebSocketServer({ noServer: true });
  readonly #sessions = new Map<Session, string>();
  readonly #newOnes = new SlidingCount();
  /** How many connections were ever made. */
  connections = 0;

  constructor(options: SocketsOptions) {
    this.#options = options;
    options.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    options.exchange.onTick(() => {
      for (const session of this.#sessions.keys()) session.tick();
    });
  }

  /** Sessions that are open, of one user or all. */
  sessions(apiKey?: string): Session[] {
    return [...this.#sessions.keys()].filter(({ user }) => apiKey === undefined || user?.apiKey === apiKey);
  }

  dropAll(apiKey?: string): void {
    for (const session of this.sessions(apiKey)) session.drop();
  }

  announceUpgrade(): void {
    for (const session of this.sessions()) session.announceUpgrade();
  }

  close(): void {
    this.dropAll();
    this.#upgrades.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { exchange, speeches, limited, isUp } = this.#options;
    const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
    const [, family, kind] = PATH.exec(path) ?? [];
    const speech = speeches.find((one) => one.family === family);
    const address = addressOf(request);
    const open = [...this.#sessions.values()].filter((one) => one === address).length;
    if (!isUp() || speech === undefined) {
      socket.destroy();
      return;
    }
    const isFull =
      open >= CONNECTIONS_PER_ADDRESS ||
      !this.#newOnes.take(address, NEW_CONNECTIONS, NEW_WITHIN_MS, exchange.now());
    if (limited && isFull) {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\n');
      return;
    }
    const environment = environmentOf(request.headers.host ?? '');
    this.#upgrades.handleUpgrade(request, socket, head, (ws) => {
      const session = new Session({
        ...{ socket: ws, exchange, speech, environment, limited, faults: this.faults },
        isPrivate: kind === 'private',
      });
      this.connections += 1;
      this.#sessions.set(session, address);
      ws.on('close', () => this.#sessions.delete(session));
    });
  }
}

/** The exchange has a host of its own for demo trading. */
function environmentOf(host: string): Environment | undefined {
  if (host.startsWith('wspap.')) return 'demo';
  return host.startsWith('ws.') ? 'live' : undefined;
}
