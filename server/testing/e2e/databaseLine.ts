import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The line between a server and its PostgreSQL: holds an answer back, so that what was committed is not yet known to be. */
export class DatabaseLine {
  readonly url: string;
  private readonly sockets = new Set<Socket>();
  private wanted: ((text: string) => boolean) | undefined;
  private held: { near: Socket; pieces: Buffer[] } | undefined;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    const url = new URL(target.href);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    this.url = url.href;
  }

  static async start(databaseUrl: string): Promise<DatabaseLine> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = new DatabaseLine(server, new URL(databaseUrl));
    server.on('connection', (near) => line.carry(near));
    return line;
  }

  /** From the next statement that matches on, its connection gets no answer until `release`. */
  holdNext(matches: (text: string) => boolean): void {
    this.wanted = matches;
  }

  get holds(): boolean {
    return this.held !== undefined;
  }

  /** What was held arrives, and all that follows. */
  release(): void {
    const { held } = this;
    this.held = undefined;
    if (held !== undefined) for (const piece of held.pieces) held.near.write(piece);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private carry(near: Socket): void {
    const host = decodeURIComponent(this.target.hostname);
    const port = this.target.port === '' ? 5432 : Number(this.target.port);
    // The embedded database listens on a Unix socket in the directory that stands in the host's place.
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (piece: Buffer) => {
      if (this.wanted?.(piece.toString()) === true) {
        this.wanted = undefined;
        this.held = { near, pieces: [] };
      }
      far.write(piece);
    });
    far.on('data', (piece: Buffer) => {
      if (this.held?.near === near) this.held.pieces.push(piece);
      else near.write(piece);
    });
  }
}
