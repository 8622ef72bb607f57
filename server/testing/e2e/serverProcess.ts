import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../adapters/postgres/embedded/startEmbeddedPostgres.ts';
import { testDatabase } from '../postgres.ts';
import { RecordingLogger } from '../recordingLogger.ts';
import { portToKeep } from '../sockets.ts';
import { eventually } from './eventually.ts';
import { passableDataDir } from './passableDataDir.ts';
import { Program } from './program.ts';
import { withSql } from './storedDesk.ts';

export interface ServerOptions {
  /**
   * `shared` (default): a database of its own on the run's PostgreSQL. `embedded`: the product's own default, in its
   * data directory; a server that was killed finds its own lease there and starts at once. A URL: one that somebody
   * else made and drops.
   */
  database?: 'shared' | 'embedded' | { url: string };
  env?: Record<string, string>;
  /** Plays this recording, in the database of its own that it keeps beside its data; `database` is not asked for. */
  replay?: { file: string; speed: number };
}

/** The server of dist/server as a process of its own: started, killed, started again on the same port and data. */
export class ServerProcess {
  readonly databaseUrl: string;
  /** For the next start. */
  readonly env: Record<string, string>;
  /** For the next start; undefined: the simulated market. */
  readonly replay: ServerOptions['replay'];
  readonly #closeDatabase: () => Promise<void>;
  readonly #dataDir: string;
  #program: Program | undefined;

  private constructor(
    readonly port: number,
    dataDir: string,
    database: { url: string; close(): Promise<void> },
    env: Record<string, string>,
    replay?: ServerOptions['replay'],
  ) {
    this.replay = replay;
    this.#dataDir = dataDir;
    this.databaseUrl = database.url;
    this.#closeDatabase = database.close;
    this.env = env;
  }

  /** Resolves when /readyz answers 200. */
  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const port = await portToKeep();
    const dataDir = passableDataDir();
    const given = { HOST: '127.0.0.1', LOG_LEVEL: 'info', FILLWIRE_DATA_DIR: dataDir, ...options.env };
    const { replay } = options;
    const server =
      replay !== undefined
        ? new ServerProcess(port, dataDir, OF_ITS_OWN, given, { ...replay })
        : options.database === 'embedded'
          ? await onEmbedded(dataDir, (database) => new ServerProcess(port, dataDir, database, given))
          : await onShared(
              options.database,
              (database) =>
                new ServerProcess(port, dataDir, database, { ...given, DATABASE_URL: database.url }),
            );
    try {
      await server.start();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error('the server is not running');
    return this.#program;
  }

  /** Starts it (again). Takes as long as it takes to be up; `readyz`: what is expected of it then, null: either. */
  async start(readyz: number | null = 200): Promise<void> {
    const { replay } = this;
    const args = replay === undefined ? [] : ['--replay', replay.file, '--speed', String(replay.speed)];
    const program = await Program.start('main', { ...this.env, PORT: String(this.port) }, args);
    this.#program = program;
    await program.line('Fillwire is ready');
    if (readyz === null) return;
    const answer = await fetch(`${this.url}/readyz`);
    if (answer.status !== readyz) throw new Error(`/readyz says ${answer.status}`);
  }

  kill(): Promise<void> {
    return this.program.kill('SIGKILL');
  }

  /** Ends the database as a crash would; only the embedded one, which is brought back by those who use it. */
  async killDatabase(): Promise<void> {
    // It may still be on its way back from the crash before.
    const directory = await eventually('the database answers', () =>
      withSql(this.databaseUrl, (sql) => sql<{ data_directory: string }[]>`show data_directory`).then(
        ([row]) => row?.data_directory,
        () => undefined,
      ),
    );
    const file = readFileSync(join(directory, 'postmaster.pid'), 'utf8');
    process.kill(Number(file.split('\n')[0]), 'SIGKILL');
  }

  async restart(signal: 'SIGKILL' | 'SIGTERM', readyz: number | null = 200): Promise<void> {
    await this.program.kill(signal);
    await this.start(readyz);
  }

  /** Ends it as an operator would, and removes its data. */
  async stop(): Promise<void> {
    await this.#program?.kill('SIGTERM');
    await this.#closeDatabase();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** Nothing of the test's is in it. */
const OF_ITS_OWN = { url: '', close: async () => {} };

type Database = { url: string; close(): Promise<void> };

/** The test uses the database too, so that it outlives a killed server and is stopped in the end. */
async function onEmbedded(
  dataDir: string,
  use: (database: Database) => ServerProcess,
): Promise<ServerProcess> {
  const database = await startEmbeddedPostgres({ dataDir, logger: new RecordingLogger() });
  return use({ url: database.url, close: () => database.stop() });
}

async function onShared(
  given: 'shared' | { url: string } = 'shared',
  use: (database: Database) => ServerProcess,
): Promise<ServerProcess> {
  if (given !== 'shared') return use({ url: given.url, close: async () => {} });
  const database = await testDatabase('empty');
  return use({ url: database.url, close: () => database.drop() });
}
