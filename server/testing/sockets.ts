import { randomInt } from 'node:crypto';
import { type EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** A server on this machine; port 0: on any free one. */
export async function listening(port = 0): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
}

/** Resolves once the server has closed; its connections must have been ended. */
export async function closed(server: Server): Promise<void> {
  const closing = once(server, 'close');
  server.close();
  await closing;
}

/** Below those that the system hands out by itself. */
const FIRST_KEPT = 12_000;
/** For each of the test workers, by its number. */
const KEPT_EACH = 2_000;
const WORKERS = 10;

/**
 * A port that nobody listens on, and that nobody else is given while who uses it is down: not the system, nor another
 * test worker of this run.
 */
export async function portToKeep(): Promise<number> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS;
  for (;;) {
    const port = FIRST_KEPT + worker * KEPT_EACH + randomInt(KEPT_EACH);
    const server = await listening(port).catch(() => undefined);
    if (server === undefined) continue;
    await closed(server);
    return port;
  }
}

/** Both ends of one carried connection: each is among the `open` ones while it lives, and its close ends the other. */
export function tieSockets<Socket extends EventEmitter>(
  open: Set<Socket>,
  near: Socket,
  far: Socket,
  end: (socket: Socket) => void,
): void {
  for (const [socket, other] of [
    [near, far],
    [far, near],
  ] as const) {
    open.add(socket);
    // A close follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      end(other);
    });
  }
}
