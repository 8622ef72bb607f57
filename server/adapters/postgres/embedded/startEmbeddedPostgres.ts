import type { ChildProcess } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../../ports/logger.ts';
import { DATABASE_NAME, DATABASE_USER, initialise, storedPassword } from './initialise.ts';
import { type Place, preparePlace, SOCKET_PORT } from './place.ts';
import { chooseEndpoint, hasEnded, startPostmaster } from './postmaster.ts';
import { readPostmasterPid } from './postmasterPid.ts';
import { confirmedPid, isLastUser, knock, type Session } from './session.ts';
import { type Endpoint, endpointUrl } from './settings.ts';

const POLL_MS = 5;
/** Two processes starting at once need two. */
const START_ATTEMPTS_MAX = 5;
/** A server that has been asked to stop writes a checkpoint first. */
const STOP_PATIENCE_MS = 30_000;
/** Pauses between attempts to bring a server back that ended by itself. */
const RESTART_PAUSE_MIN_MS = 100;
const RESTART_PAUSE_MAX_MS = 5_000;

export interface EmbeddedPostgres {
  /** For any number of clients; stays the same while this process lives. */
  url: string;
  /** The last thing to do. Stops the server, unless another living process uses it too. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The product's data directory; the database lives in `postgres` below it. */
  dataDir: string;
  logger: Logger;
}

/**
 * A real PostgreSQL as a child of this process, from the binaries npm brought. One that runs already on the same data,
 * be it left behind by a killed process or used by a living one, is joined; one that ends by itself is started again.
 * The last process to stop stops it.
 *
 * @throws Error in words for the person at the terminal: no binaries for the platform, data of another major version.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const place = await preparePlace(options.dataDir, options.logger);
  const password = storedPassword(place);
  await initialise(place, password);
  const supervisor = new Supervisor(place, password, options.logger);
  const endpoint = await supervisor.start();
  return {
    url: endpointUrl(endpoint, DATABASE_USER, password, DATABASE_NAME),
    stop: () => supervisor.stop(),
  };
}

class Supervisor {
  readonly #place: Place;
  readonly #password: string;
  readonly #logger: Logger;
  #endpoint: Endpoint | undefined;
  #session: Session | undefined;
  /** Of a server that this process started. */
  #child: ChildProcess | undefined;
  /** Aborted: stopping. */
  readonly #stop = new AbortController();
  #reviving: Promise<void> | undefined;

  constructor(place: Place, password: string, logger: Logger) {
    this.#place = place;
    this.#password = password;
    this.#logger = logger;
  }

  async start(): Promise<Endpoint> {
    for (let attempt = 1; ; attempt += 1) {
      const endpoint = (await this.#adopt()) ?? (await this.#launch(attempt));
      if (endpoint === undefined) continue;
      this.#nameSocketForEnvironment();
      await createDatabase(this.#session);
      return endpoint;
    }
  }

  /** Joins a server that runs already; undefined: none does. */
  async #adopt(): Promise<Endpoint | undefined> {
    const found = readPostmasterPid(this.#place.data);
    if (found === undefined) return undefined;
    const endpoint = found.socketDirectory === '' ? { port: found.port } : { socket: found.socketDirectory };
    this.#session = await this.#openSession(endpoint);
    if (this.#session === undefined) return undefined;
    if (found.pid !== this.#child?.pid) {
      this.#child = undefined;
      this.#logger.info(
        { pid: found.pid, data: this.#place.data },
        'PostgreSQL was running already and is adopted',
      );
    }
    this.#endpoint = endpoint;
    return endpoint;
  }

  /** Starts a server; undefined: another process was faster, try to join its. */
  async #launch(attempt: number): Promise<Endpoint | undefined> {
    // Kept for a restart: clients know it.
    this.#endpoint ??= await chooseEndpoint(this.#place);
    try {
      this.#child = await startPostmaster(this.#place, this.#endpoint);
    } catch (error) {
      if (attempt < START_ATTEMPTS_MAX && readPostmasterPid(this.#place.data) !== undefined) return undefined;
      throw error;
    }
    this.#session = await this.#openSession(this.#endpoint);
    if (this.#session === undefined) throw new Error('PostgreSQL started and was gone again');
    this.#logger.info({ pid: this.#child.pid, data: this.#place.data }, 'PostgreSQL started');
    return this.#endpoint;
  }

  /** Waits while the server is starting or stopping; undefined: there is none. */
  async #openSession(endpoint: Endpoint): Promise<Session | undefined> {
    const url = endpointUrl(endpoint, DATABASE_USER, this.#password, 'postgres');
    for (;;) {
      const answer = await knock(url, this.#place.data, () => this.#onSessionClosed());
      if (answer.result === 'open') return answer.session;
      if (answer.result === 'absent' || readPostmasterPid(this.#place.data) === undefined) return undefined;
      await pause(POLL_MS);
    }
  }

  /** postgres.js takes the number in the socket's name from PGPORT, if somebody has set that. */
  #nameSocketForEnvironment(): void {
    const wanted = process.env.PGPORT;
    const directory = this.#place.socket;
    if (wanted === undefined || wanted === String(SOCKET_PORT) || directory === undefined) return;
    const link = join(directory, `.s.PGSQL.${wanted}`);
    if (!existsSync(link)) symlinkSync(`.s.PGSQL.${SOCKET_PORT}`, link);
  }

  #onSessionClosed(): void {
    this.#session = undefined;
    if (this.#stop.signal.aborted) return;
    this.#logger.error({ data: this.#place.data }, 'the connection to PostgreSQL ended unexpectedly');
    this.#reviving ??= this.#revive().finally(() => {
      this.#reviving = undefined;
    });
  }

  async #revive(): Promise<void> {
    for (let attempt = 0; !this.#stop.signal.aborted && this.#session === undefined; attempt += 1) {
      const wait = Math.min(RESTART_PAUSE_MIN_MS * 2 ** attempt, RESTART_PAUSE_MAX_MS);
      await pause(wait, undefined, { ref: false, signal: this.#stop.signal }).catch(() => undefined);
      if (this.#stop.signal.aborted) return;
      try {
        await this.start();
      } catch (error) {
        this.#logger.error({ error: String(error), attempt }, 'PostgreSQL could not be started again');
      }
    }
  }

  async stop(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    await this.#reviving;
    const session = this.#session;
    if (session === undefined) {
      if (this.#child !== undefined && !hasEnded(this.#child)) await this.#stopChild(this.#child);
      return;
    }
    if (await isLastUser(session)) await this.#stopServer(session);
    else this.#logger.info({ data: this.#place.data }, 'PostgreSQL is left running: another process uses it');
    await session.sql.end({ timeout: 0 });
  }

  async #stopServer(session: Session): Promise<void> {
    if (this.#child !== undefined && !hasEnded(this.#child)) return this.#stopChild(this.#child);
    const pid = await confirmedPid(session, this.#place.data);
    if (pid === undefined) {
      this.#logger.error(
        { data: this.#place.data },
        'PostgreSQL is left running: its process cannot be identified',
      );
      return;
    }
    process.kill(pid, 'SIGINT');
    await this.#waitUntil(() => readPostmasterPid(this.#place.data) === undefined);
  }

  /** The handle of a child that has not been reaped names that child for certain. */
  async #stopChild(child: ChildProcess): Promise<void> {
    child.kill('SIGINT');
    if (await this.#waitUntil(() => hasEnded(child))) return;
    child.kill('SIGQUIT');
    await this.#waitUntil(() => hasEnded(child));
  }

  async #waitUntil(done: () => boolean): Promise<boolean> {
    for (let waited = 0; waited < STOP_PATIENCE_MS; waited += POLL_MS) {
      if (done()) return true;
      await pause(POLL_MS);
    }
    this.#logger.error({ data: this.#place.data }, 'PostgreSQL takes too long to stop');
    return false;
  }
}

async function createDatabase(session: Session | undefined): Promise<void> {
  if (session === undefined) return;
  const [row] = await session.sql`select from pg_database where datname = ${DATABASE_NAME}`;
  if (row !== undefined) return;
  await session.sql.unsafe(`create database ${DATABASE_NAME}`).catch((error: { code?: string }) => {
    // Somebody else made it in the meantime.
    if (error.code !== '42P04') throw error;
  });
}
