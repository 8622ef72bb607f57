// Builds what is not current, then becomes the program asked for.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findEntries, ROOT, SERVER_DIST } from './entries.mjs';
import { staleParts } from './freshness.mjs';
import { requirePlatform } from './platformCheck.mjs';

/** Builds those of `parts` that are not current; false: the build failed and said why. */
export function buildStale(parts) {
  const stale = staleParts(parts);
  if (stale.length === 0) return true;
  // In a process of its own: bundlers leave threads and memory behind.
  const result = spawnSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), ...stale], {
    stdio: 'inherit',
  });
  return result.status === 0;
}

/** Runs entry point `name` in this process with `args` as its command line. `.env` is read; what is set already wins. */
export async function launch(name, args, parts) {
  requirePlatform();
  const entries = findEntries();
  if (!entries.has(name)) {
    console.error(`there is no ${name} here; there are: ${[...entries.keys()].sort().join(', ')}`);
    process.exit(2);
  }
  process.chdir(ROOT);
  const envFile = join(ROOT, '.env');
  if (existsSync(envFile)) process.loadEnvFile(envFile);
  if (!buildStale(parts)) process.exit(1);
  const bundle = join(SERVER_DIST, `${name}.mjs`);
  process.argv = [process.execPath, bundle, ...args];
  await import(pathToFileURL(bundle).href);
}
