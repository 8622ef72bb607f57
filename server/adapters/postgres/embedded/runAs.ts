import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';

/** The user the database runs as when we are root, which PostgreSQL refuses to be. */
export interface RunAs {
  name: string;
  uid: number;
  gid: number;
}

/** In this order; the first that exists is used. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * Undefined: we are not root, the database runs as we do. As root: whoever owns the data already, else an
 * unprivileged user of this machine.
 */
export function chooseRunAs(dataDirectory: string): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataDirectory, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0)
    return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const candidate of CANDIDATES) {
    const fields = lines.find((line) => line.startsWith(`${candidate}:`))?.split(':');
    if (fields !== undefined) return { name: candidate, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    `PostgreSQL does not run as root and there is none of the users ${CANDIDATES.join(', ')}: start Fillwire as another user, or set DATABASE_URL.`,
  );
}

/** Whether that user can do this: `x` a file, or `w` into a directory. Asked of the system, which knows all its rules. */
export function canAccess(user: RunAs, access: 'x' | 'w', path: string): boolean {
  return spawnSync('test', [`-${access}`, path], { cwd: '/', uid: user.uid, gid: user.gid }).status === 0;
}
