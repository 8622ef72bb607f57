import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { KeyParts } from '../../adapters/bitget/errors/bitgetKeys.ts';

interface SocketMessage {
  op?: string;
  args?: Record<string, string>[];
}

/** What the server does other than it should. */
export interface SocketFaults {
  /** Logins that are not answered, or answered by dropping the connection. */
  login: 'answered' | 'silent' | 'dropped' | 'refused';
  /** As a number or a text. */
  loginCode: number | string;
  /** Topics whose subscription is not acknowledged. */
  mute: string[];
  /** It is open and says nothing any more. */
  isDead: boolean;
}

export interface SocketServer {
  url: string;
  faults: SocketFaults;
  /** Connections so far. */
  opened: number;
  /** Arguments subscribed to by those that are open, in their order. */
  subscribed: Record<string, string>[];
  say(message: object | string): void;
  drop(): void;
  stop(): Promise<void>;
}

/** The exchange's sockets, private and public, with a hand on what they do. */
export async function startSocketServer(keys: KeyParts): Promise<SocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise<void>((resolve) => void server.once('listening', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const world: SocketServer = {
    url: `ws://127.0.0.1:${port}`,
    faults: { login: 'answered', loginCode: 0, mute: [], isDead: false },
    opened: 0,
    subscribed: [],
    say: (message) => {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      for (const client of server.clients) client.send(text);
    },
    drop: () => {
      for (const client of server.clients) client.terminate();
    },
    stop: () => {
      for (const client of server.clients) client.terminate();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
  server.on('connection', (socket) => {
    world.opened += 1;
    world.subscribed = [];
    let isLoggedIn = false;
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      if (world.faults.isDead) return;
      const text = String(data);
      if (text === 'ping') {
        socket.send('pong');
        return;
      }
      const { op, args = [] } = JSON.parse(text) as SocketMessage;
      if (op === 'login') {
        isLoggedIn = logIn(world, socket, args[0] ?? {}, keys);
        return;
      }
      for (const arg of args) {
        const topic = arg.topic ?? arg.channel ?? '';
        const isPublic = arg.symbol !== undefined || (arg.instId !== undefined && arg.instId !== 'default');
        if (!isLoggedIn && !isPublic) say({ event: 'error', code: 30004, msg: 'User needs to log in', arg });
        else if (!world.faults.mute.includes(topic)) {
          world.subscribed.push(arg);
          say({ event: 'subscribe', arg });
        }
      }
    });
  });
  return world;
}

function logIn(
  { faults }: SocketServer,
  socket: WebSocket,
  arg: Record<string, string>,
  keys: KeyParts,
): boolean {
  if (faults.login === 'silent') return false;
  if (faults.login === 'dropped') {
    socket.terminate();
    return false;
  }
  const sign = createHmac('sha256', keys.secret).update(`${arg.timestamp}GET/user/verify`).digest('base64');
  const isGood = sign === arg.sign && arg.apiKey === keys.apiKey && arg.passphrase === keys.passphrase;
  if (!isGood || faults.login === 'refused') {
    socket.send(JSON.stringify({ event: 'error', code: 30005, msg: 'Login failed' }));
    return false;
  }
  socket.send(JSON.stringify({ event: 'login', code: faults.loginCode, msg: '' }));
  return true;
}
