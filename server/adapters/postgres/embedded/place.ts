import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../../ports/logger.ts';
import { type Binaries, completeLinks, copyBinaries, locateBinaries } from './binaries.ts';
import { canAccess, chooseRunAs, type RunAs } from './runAs.ts';

/** Where everything of one embedded server lies. */
export interface Place {
  binaries: Binaries;
  runAs: RunAs | undefined;
  /** PostgreSQL's data directory. */
  data: string;
  /** Directory of the Unix socket; undefined where its path would be too long. */
  socket: string | undefined;
  passwordFile: string;
  logFile: string;
}

/** sun_path has 104 bytes on macOS, 108 on Linux, with a zero at the end. */
const SOCKET_PATH_MAX_BYTES = 103;
/** For root, when the data directory cannot be reached by an unprivileged user (as below /root). */
const REACHABLE_ROOT = '/var/lib/fillwire';
/**
 * postgres.js takes the host of a URL for a path only when there is a comma in it, so that every client made from
 * the plain URL reaches the socket, the directory's name ends with one.
 */
const SOCKET_DIRECTORY = 's,';
export const SOCKET_PORT = 5432;

/** Finds or makes the directories, and binaries that can be run from there. */
export async function preparePlace(dataDir: string, logger: Logger): Promise<Place> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const own = join(realpathSync(dataDir), 'postgres');
  const runAs = chooseRunAs(join(own, 'data'));
  const base = runAs === undefined ? own : reachableBase(realpathSync(dataDir), own, runAs, logger);
  const passable = runAs === undefined ? 0o700 : 0o711;
  mkdirSync(base, { recursive: true, mode: passable });

  const data = join(base, 'data');
  if (runAs === undefined && existsSync(data) && statSync(data).uid !== process.getuid?.()) {
    throw new Error(`${data} belongs to another user: start Fillwire as that user, or as root`);
  }
  const socketDirectory = join(base, SOCKET_DIRECTORY);
  const fits = Buffer.byteLength(join(socketDirectory, `.s.PGSQL.${SOCKET_PORT}`)) <= SOCKET_PATH_MAX_BYTES;
  if (fits) {
    mkdirSync(socketDirectory, { recursive: true, mode: 0o700 });
    if (runAs !== undefined) chownSync(socketDirectory, runAs.uid, runAs.gid);
  }
  return {
    binaries: await usableBinaries(base, runAs, logger),
    runAs,
    data,
    socket: fits ? socketDirectory : undefined,
    passwordFile: join(base, 'password'),
    logFile: join(base, 'server.log'),
  };
}

async function usableBinaries(base: string, runAs: RunAs | undefined, logger: Logger): Promise<Binaries> {
  const installed = locateBinaries();
  const complete = completeLinks(installed.directory);
  const program = join(installed.directory, 'bin', 'postgres');
  if (complete && (runAs === undefined || canAccess(runAs, 'x', program))) return installed;
  const copy = await copyBinaries(installed, base);
  logger.info(
    { from: installed.directory, to: copy.directory, user: runAs?.name },
    'PostgreSQL runs from a copy of its programs, because the database user cannot use the installed ones',
  );
  return copy;
}

/** A directory below which `runAs` can reach its own: inside the data directory if at all possible. */
function reachableBase(dataDir: string, own: string, runAs: RunAs, logger: Logger): string {
  // The leaf is ours: passing through it shows nobody what is in it.
  const mode = statSync(dataDir).mode & 0o777;
  if ((mode & 0o001) === 0) chmodSync(dataDir, mode | 0o011);
  mkdirSync(own, { recursive: true, mode: 0o711 });
  const probe = join(own, SOCKET_DIRECTORY);
  mkdirSync(probe, { recursive: true, mode: 0o700 });
  chownSync(probe, runAs.uid, runAs.gid);
  if (canAccess(runAs, 'w', probe)) return own;
  const elsewhere = join(REACHABLE_ROOT, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
  logger.warn(
    { dataDir, database: elsewhere, user: runAs.name },
    'the database lies outside the data directory, which its unprivileged user cannot reach',
  );
  return elsewhere;
}
