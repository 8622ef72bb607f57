// What is bundled: one file per entry point, flat in dist/server.
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
/** Arguments for Node that end a program when the process that started it is gone. */
export const ENDS_WITH_PARENT = ['--import', new URL('endWithParent.mjs', import.meta.url).href];
export const DIST = join(ROOT, 'dist');
export const SERVER_DIST = join(DIST, 'server');
export const CLIENT_DIST = join(DIST, 'client');
/** What is written for people, and what browsers get of it. */
export const DOCS = join(ROOT, 'docs');
export const DOCS_DIST = join(DIST, 'docs');
export const CLIENT_CONFIG = join(ROOT, 'client/vite.config.ts');

/** Folders whose every module is an entry point: command-line tools, and what benches run beside the server. */
const ENTRY_FOLDERS = ['server/tools', 'server/bench/processes'];
/** Threads of the server, loaded by URL beside the bundle that starts them. */
const WORKER_SUFFIX = 'Worker.ts';

const isModule = (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('.d.ts');

function listModules(folder) {
  const absolute = join(ROOT, folder);
  return existsSync(absolute)
    ? readdirSync(absolute)
        .filter(isModule)
        .map((name) => join(folder, name))
    : [];
}

function listWorkers() {
  const names = readdirSync(join(ROOT, 'server'), { recursive: true });
  return names.filter((name) => name.endsWith(WORKER_SUFFIX)).map((name) => join('server', name));
}

/** Entry name (`main`, `venue`, `bench`, …) → source path from the project root. Throws on two equal names. */
export function findEntries() {
  const paths = ['server/main.ts', 'server/bench/bench.ts'].filter((path) => existsSync(join(ROOT, path)));
  for (const folder of ENTRY_FOLDERS) paths.push(...listModules(folder));
  paths.push(...listWorkers().filter((path) => !paths.includes(path)));
  const entries = new Map();
  for (const path of paths) {
    const name = basename(path, '.ts');
    if (entries.has(name))
      throw new Error(`two entry points are named ${name}: ${entries.get(name)} and ${path}`);
    entries.set(name, path);
  }
  return entries;
}
