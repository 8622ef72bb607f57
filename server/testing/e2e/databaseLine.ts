import { connect, type Server, type Socket } from 'node:net';
import { closed, listening, portOf, tieSockets } from '../sockets.ts';
import { databaseAddress } from './databaseLink.ts';

/** The line between a server and its PostgreSQL: holds an answer back, so that what was committed is not yet known to be. */
export class DatabaseLine {
  readonly #server: Server;
  readonly #databaseUrl: string;
  readonly url: string;
  readonly #sockets = new Set<Socket>();
  #wanted: ((text: string) => boolean) | undefined;
  #held: { near: Socket; pieces: Buffer[] } | undefined;

  private constructor(server: Server, databaseUrl: string) {
    this.#server = server;
    this.#databaseUrl = databaseUrl;

    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String(portOf(server));
    this.url = url.href;
  }

  static async start(databaseUrl: string): Promise<DatabaseLine> {
    const server = await listening();
    const line = new DatabaseLine(server, databaseUrl);
    server.on('connection', (near) => line.#carry(near));
    return line;
  }

  /** From the next statement that matches on, its connection gets no answer until `release`. */
  holdNext(matches: (text: string) => boolean): void {
    this.#wanted = matches;
  }

  get holds(): boolean {
    return this.#held !== undefined;
  }

  /** What was held arrives, and all that follows. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) for (const piece of held.pieces) held.near.write(piece);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await closed(this.#server);
  }

  #carry(near: Socket): void {
    const far = connect(databaseAddress(this.#databaseUrl));
    tieSockets(this.#sockets, near, far, (socket) => socket.destroy());
    near.on('data', (piece: Buffer) => {
      if (this.#wanted?.(piece.toString()) === true) {
        this.#wanted = undefined;
        this.#held = { near, pieces: [] };
      }
      far.write(piece);
    });
    far.on('data', (piece: Buffer) => {
      if (this.#held?.near === near) this.#held.pieces.push(piece);
      else near.write(piece);
    });
  }
}
