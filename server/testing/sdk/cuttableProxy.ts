import { connect, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { closed, listening, portOf, tieSockets } from '../sockets.ts';

/** A TCP proxy on loopback whose connections a test can cut, in the middle of whatever they carry. */
export class CuttableProxy {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Asked of each piece that comes from the server; false: it is lost on the way, the connection stays. */
  passes: (piece: Buffer) => boolean = () => true;

  private constructor(
    server: Server,
    /** On this machine; a change holds for connections made from then on. */
    public targetPort: number,
  ) {
    this.#server = server;
  }

  static async start(targetPort: number): Promise<CuttableProxy> {
    const server = await listening();
    const proxy = new CuttableProxy(server, targetPort);
    server.on('connection', (near) => proxy.#carry(near, connect(proxy.targetPort, '127.0.0.1')));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.#server)}`;
  }

  /** Ends every connection at once, without a word to either side. */
  cut(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await closed(this.#server);
  }

  #carry(near: Socket, far: Socket): void {
    tieSockets(this.#open, near, far, (socket) => socket.destroy());
    near.pipe(far);
    far.pipe(this.#filter()).pipe(near);
  }

  #filter(): Transform {
    return new Transform({
      transform: (piece: Buffer, _encoding, done) => done(null, this.passes(piece) ? piece : undefined),
    });
  }
}
