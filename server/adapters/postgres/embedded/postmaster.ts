import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { identity, serverEnvironment } from './initialise.ts';
import { type Place, SOCKET_PORT } from './place.ts';
import { readPostmasterPid } from './postmasterPid.ts';
import { type Endpoint, serverArguments } from './settings.ts';

const POLL_MS = 5;
/** A server log beyond this is set aside at the next start; one older log is kept. */
const LOG_MAX_BYTES = 1_000_000;
const LOG_TAIL_CHARS = 2_000;

/** Starts the server and waits until it takes connections, however long its own recovery lasts. */
export async function startPostmaster(place: Place, endpoint: Endpoint): Promise<ChildProcess> {
  if ((statSync(place.logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES) {
    renameSync(place.logFile, `${place.logFile}.old`);
  }
  const log = openSync(place.logFile, 'a', 0o600);
  // A group of its own: Ctrl-C in the terminal is for us alone, the database stops last. Files, not pipes: it can
  // outlive us.
  const child = spawn(
    join(place.binaries.directory, 'bin', 'postgres'),
    serverArguments(place.data, endpoint, SOCKET_PORT),
    {
      cwd: dirname(place.data),
      env: serverEnvironment(),
      detached: true,
      stdio: ['ignore', log, log],
      ...identity(place),
    },
  );
  closeSync(log);
  let failure: Error | undefined;
  child.on('error', (error) => {
    failure = error;
  });
  child.unref();
  for (;;) {
    const state = readPostmasterPid(place.data);
    if (state?.ready === true && state.pid === child.pid) return child;
    if (failure !== undefined) throw failure;
    if (hasEnded(child)) throw new Error(`PostgreSQL did not start:\n${logTail(place)}`);
    await pause(POLL_MS);
  }
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The endpoint for a new server: the socket, else a port that is free now. */
export async function chooseEndpoint(place: Place): Promise<Endpoint> {
  if (place.socket !== undefined) return { socket: place.socket };
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return { port: address.port };
}

function logTail(place: Place): string {
  return readFileSync(place.logFile, 'utf8').slice(-LOG_TAIL_CHARS).trim();
}
