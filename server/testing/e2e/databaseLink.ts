import { connect, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { closed, listening, portOf, portToKeep, tieSockets } from '../sockets.ts';
import { withSql } from './storedDesk.ts';

/** The way to a database, which a test can take away in the ways databases go, and give back. */
export class DatabaseLink {
  /** Of the database through this link. */
  readonly url: string;
  readonly #direct: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #isSilent = false;
  #lost: ReadonlySet<Socket> = new Set();
  #isReadOnly = false;

  private constructor(server: Server, direct: string) {
    this.#server = server;
    this.#direct = direct;
    this.#port = portOf(server);
    const { username, password, pathname } = new URL(direct);
    this.url = `postgres://${username}:${password}@127.0.0.1:${this.#port}${pathname}`;
    this.#serve(server);
  }

  static async start(databaseUrl: string): Promise<DatabaseLink> {
    return new DatabaseLink(await listening(await portToKeep()), databaseUrl);
  }

  /** As when the server is down: nobody listens, and every connection is gone. */
  refuse(): void {
    this.#server.close();
    this.#cut();
  }

  /** As when the network drops everything, or the server is frozen: connections stay and nothing comes. */
  silence(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** As when a host has died and another answers in its place: who was connected hears nothing for ever. */
  replace(): void {
    for (const socket of this.#sockets) socket.pause();
    this.#lost = new Set(this.#sockets);
  }

  /** It is back, at another host: connections of before stay silent for ever. */
  async restoreElsewhere(): Promise<void> {
    this.replace();
    await this.restore();
  }

  /** As when its disk is full: it answers, and takes no writes. */
  async refuseWrites(): Promise<void> {
    await this.#setReadOnly('on');
    this.#isReadOnly = true;
    // It holds for new connections.
    this.#cut();
  }

  /** Everything is as before; `cut`: connections of before are lost. */
  async restore(options: { cut: boolean } = { cut: false }): Promise<void> {
    if (this.#isReadOnly) await this.#setReadOnly('off');
    if (options.cut || this.#isReadOnly) this.#cut();
    this.#isReadOnly = false;
    this.#isSilent = false;
    for (const socket of this.#sockets) if (!this.#lost.has(socket)) socket.resume();
    if (this.#server.listening) return;
    this.#server = await listening(this.#port);
    this.#serve(this.#server);
  }

  async stop(): Promise<void> {
    this.#cut();
    if (this.#server.listening) await closed(this.#server);
  }

  async #setReadOnly(value: 'on' | 'off'): Promise<void> {
    const name = new URL(this.#direct).pathname.slice(1);
    await withSql(this.#direct, async (sql) => {
      // This very connection may have begun under the former setting.
      await sql`set default_transaction_read_only = off`;
      await sql.unsafe(`alter database ${name} set default_transaction_read_only = ${value}`);
    });
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(server: Server): void {
    server.on('connection', (near) => this.#carry(near, connect(databaseAddress(this.#direct))));
  }

  #carry(near: Socket, far: Socket): void {
    tieSockets(this.#sockets, near, far, (socket) => socket.destroy());
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => to.write(data));
      if (this.#isSilent) from.pause();
    }
  }
}

/** Where the server itself listens: a port, or the Unix socket whose directory stands for the host. */
export function databaseAddress(databaseUrl: string): NetConnectOpts {
  const { hostname, port } = new URL(databaseUrl);
  const host = decodeURIComponent(hostname);
  if (!host.startsWith('/')) return { host, port: Number(port === '' ? 5432 : port) };
  return { path: `${host}/.s.PGSQL.${port === '' ? 5432 : port}` };
}
