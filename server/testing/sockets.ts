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

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = await listening();
  const port = portOf(server);
  await closed(server);
  return port;
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
