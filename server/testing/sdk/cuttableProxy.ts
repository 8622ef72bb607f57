import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A TCP proxy on loopback whose connections a test can cut, in the middle of whatever they carry. */
export class CuttableProxy {
  private readonly open = new Set<Socket>();
  /** Asked of each piece that comes from the server; false: it is lost on the way, the connection stays. */
  passes: (piece: Buffer) => boolean = () => true;

  private constructor(
    private readonly server: Server,
    /** On this machine; a change holds for connections made from then on. */
    public targetPort: number,
  ) {}

  static async start(targetPort: number): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server, targetPort);
    server.on('connection', (near) => proxy.carry(near, connect(proxy.targetPort, '127.0.0.1')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends every connection at once, without a word to either side. */
  cut(): void {
    for (const socket of this.open) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private carry(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.open.add(from);
      if (from === near) from.pipe(to);
      else from.pipe(this.filter()).pipe(to);
      from.on('error', () => {});
      from.on('close', () => {
        this.open.delete(from);
        to.destroy();
      });
    }
  }

  private filter(): Transform {
    return new Transform({
      transform: (piece: Buffer, _encoding, done) => done(null, this.passes(piece) ? piece : undefined),
    });
  }
}
