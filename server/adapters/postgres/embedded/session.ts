import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

/** Held by the process that looks after the server; ends with that process, however it ends. */
const SUPERVISOR_LOCK = 7_209_461_206n;
/** A killed supervisor's session is noticed by the server within milliseconds; more than this, and it lives. */
const LOCK_PATIENCE_MS = 1_000;
const POLL_MS = 10;

/** Our own connection to the server we look after: while it is open, that server lives. */
export interface Session {
  sql: postgres.Sql;
  /** False: another living process looks after this server. */
  supervisor: boolean;
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
    const supervisor = await takeLock(sql);
    open = true;
    return { result: 'open', session: { sql, supervisor } };
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

async function takeLock(sql: postgres.Sql): Promise<boolean> {
  for (let waited = 0; ; waited += POLL_MS) {
    const [row] = await sql<{ taken: boolean }[]>`
      select pg_try_advisory_lock(${SUPERVISOR_LOCK.toString()}::bigint) as taken`;
    if (row?.taken === true) return true;
    if (waited >= LOCK_PATIENCE_MS) return false;
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
