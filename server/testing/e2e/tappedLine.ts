import { connect, type Server, type Socket } from 'node:net';
import { closed, listening, portOf, tieSockets } from '../sockets.ts';

/** A line to a port on this machine that keeps every byte of both directions. */
export class TappedLine {
  readonly heard: Buffer[] = [];
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(server: Server, targetPort: number) {
    this.#server = server;
    server.on('connection', (near) => {
      const far = connect(targetPort, '127.0.0.1');
      tieSockets(this.#open, near, far, (socket) => socket.destroy());
      for (const socket of [near, far]) socket.on('data', (piece: Buffer) => void this.heard.push(piece));
      near.pipe(far);
      far.pipe(near);
    });
  }

  static async start(targetPort: number): Promise<TappedLine> {
    return new TappedLine(await listening(), targetPort);
  }

  get port(): number {
    return portOf(this.#server);
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await closed(this.#server);
  }
}
