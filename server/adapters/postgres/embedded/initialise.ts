import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Place } from './place.ts';

/** Its superuser, and the only one: the server is reachable by its own password alone. */
export const DATABASE_USER = 'fillwire';
export const DATABASE_NAME = 'fillwire';
const UNFINISHED = '.unfinished.';
/** As durable as syncing its thousand files one by one, which takes seconds on a busy disk; Linux only. */
const SYNC_AS_ONE = '--sync-method=syncfs';
/** initdb takes a second; what is this old was left behind. */
const ABANDONED_AFTER_MS = 600_000;

/** Reads the server's password, or makes it: before the server, so that no server exists without it. */
export function storedPassword(place: Place): string {
  if (existsSync(place.passwordFile)) return readFileSync(place.passwordFile, 'utf8').trim();
  if (existsSync(place.data)) {
    throw new Error(
      `${place.passwordFile} is missing: without it the database in ${place.data} cannot be opened`,
    );
  }
  const password = randomBytes(24).toString('base64url');
  const partial = `${place.passwordFile}.${process.pid}`;
  writeFileSync(partial, `${password}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(partial, place.passwordFile);
  } catch (error) {
    // Another process starting at the same time made it first.
    if (!existsSync(place.passwordFile)) throw error;
  } finally {
    rmSync(partial);
  }
  return readFileSync(place.passwordFile, 'utf8').trim();
}

/** Creates the data directory if there is none; refuses one of another major version. */
export async function initialise(place: Place, password: string): Promise<void> {
  const versionFile = join(place.data, 'PG_VERSION');
  if (existsSync(versionFile)) {
    refuseOtherMajor(place, readFileSync(versionFile, 'utf8').trim());
    return;
  }
  if (existsSync(place.data)) throw new Error(`${place.data} exists and is no PostgreSQL data directory`);
  removeAbandoned(place);
  // Made aside and then renamed, so that a half-made one is never used; of several processes the first wins.
  const unfinished = `${place.data}${UNFINISHED}${process.pid}`;
  mkdirSync(unfinished, { mode: 0o700 });
  // initdb reads the password as the database's user.
  const passwordCopy = `${unfinished}.password`;
  writeFileSync(passwordCopy, `${password}\n`, { mode: 0o600 });
  if (place.runAs !== undefined) {
    chownSync(unfinished, place.runAs.uid, place.runAs.gid);
    chownSync(passwordCopy, place.runAs.uid, place.runAs.gid);
  }
  try {
    await promisify(execFile)(
      join(place.binaries.directory, 'bin', 'initdb'),
      [
        `--pgdata=${unfinished}`,
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        `--username=${DATABASE_USER}`,
        '--auth=scram-sha-256',
        `--pwfile=${passwordCopy}`,
        '--no-instructions',
        ...(process.platform === 'linux' ? [SYNC_AS_ONE] : []),
      ],
      { cwd: dirname(place.data), env: serverEnvironment(), ...identity(place) },
    );
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`initdb failed: ${stderr?.trim() || message}`);
  } finally {
    rmSync(passwordCopy, { force: true });
  }
  try {
    renameSync(unfinished, place.data);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(versionFile)) throw error;
  }
}

/** What a process that was killed while it initialised has left. */
function removeAbandoned(place: Place): void {
  const folder = dirname(place.data);
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(`data${UNFINISHED}`))) {
    const path = join(folder, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > ABANDONED_AFTER_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** The child's user, as spawn takes it. */
export function identity(place: Place): { uid?: number; gid?: number } {
  return place.runAs === undefined ? {} : { uid: place.runAs.uid, gid: place.runAs.gid };
}

/** Nothing of our environment: it holds secrets, and PG… variables would change the server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}

function refuseOtherMajor(place: Place, found: string): void {
  if (found === place.binaries.major) return;
  throw new Error(
    `${place.data} was made by PostgreSQL ${found}, this version brings PostgreSQL ${place.binaries.major}. Upgrade: with the version that made it run "npm run backup -- --file FILE", move ${place.data} away, then with this version run "npm run restore -- --file FILE".`,
  );
}
