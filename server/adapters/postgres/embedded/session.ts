import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

/**
 * Shared by every process that uses the server; whoever can have it alone is the last one. Ends with its process,
 * however that ends.
 */
const USER_LOCK = '7209461206';
/** The session of a killed process is noticed by the server within milliseconds. */
const LAST_USER_PATIENCE_MS = 250;
const POLL_MS = 10;

/** Our own connection to the server: while it is open, that server lives and knows that we use it. */
export interface Session {
  sql: postgres.Sql;
}

/** `notReady`: it is starting or stopping, ask again. */
export type Knock = { result: 'open'; session: Session } | { result: 'notReady' } | { result: 'absent' };

/** Tries to open the session; throws when a server answers that is not the one of `dataDirectory`, or not to us. */
export async function knock(url: string, dataDirectory: string, onClose: () => void): Promise<Knock> {
  let open = false;
  const sql = postgres(url, {
    max: 1,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 5,
    fetch_types: false,
    onnotice: () => undefined,
    onclose: () => {
      if (open) onClose();
    },
    connection: { application_name: 'fillwire-supervisor', statement_timeout: 0 },
  });
  try {
    const [row] = await sql<{ directory: string }[]>`select current_setting('data_directory') as directory`;
    if (row === undefined || realpathSync(row.directory) !== realpathSync(dataDirectory)) {
      throw new Error(`another server answers: its data is in ${row?.directory}, not in ${dataDirectory}`);
    }
    const [lock] = await sql<
      { taken: boolean }[]
    >`select pg_try_advisory_lock_shared(${USER_LOCK}::bigint) as taken`;
    if (lock?.taken !== true) {
      // Its last user is stopping it at this moment.
      await sql.end({ timeout: 0 });
      return { result: 'notReady' };
    }
    open = true;
    return { result: 'open', session: { sql } };
  } catch (error) {
    await sql.end({ timeout: 0 });
    const code = (error as { code?: string }).code;
    if (code === '57P03' || code === '57P01' || code === 'CONNECTION_CLOSED') return { result: 'notReady' };
    if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'CONNECT_TIMEOUT')
      return { result: 'absent' };
    if (code === '28P01') {
      throw new Error(
        `the PostgreSQL server running on ${dataDirectory} does not accept the stored password`,
      );
    }
    throw error;
  }
}

/** True: nobody else uses the server, and nobody can begin to. */
export async function isLastUser(session: Session): Promise<boolean> {
  await session.sql`select pg_advisory_unlock_shared(${USER_LOCK}::bigint)`;
  for (let waited = 0; ; waited += POLL_MS) {
    const [row] = await session.sql<{ taken: boolean }[]>`
      select pg_try_advisory_lock(${USER_LOCK}::bigint) as taken`;
    if (row?.taken === true) return true;
    if (waited >= LAST_USER_PATIENCE_MS) return false;
    await pause(POLL_MS);
  }
}

/**
 * Asks the server itself for its process id, and makes sure that this process is that server: a number from a file
 * may by now be somebody else's. Undefined: not certain.
 */
export async function confirmedPid(session: Session, dataDirectory: string): Promise<number | undefined> {
  const [row] = await session.sql<{ file: string }[]>`select pg_read_file('postmaster.pid') as file`;
  const pid = Number(row?.file.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  // Where there is no /proc the open session is the proof.
  if (!existsSync('/proc/self/cmdline')) return pid;
  const commandLine = `/proc/${pid}/cmdline`;
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').split('\0').includes(dataDirectory)
    ? pid
    : undefined;
}
