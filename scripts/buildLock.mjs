// One build at a time: `npm start` in one terminal and `npm test` in another share dist/.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DIST } from './entries.mjs';

const LOCK = join(DIST, '.building');
const WAIT_LIMIT_MS = 180_000;
const POLL_MS = 100;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = readHolder();
  // An empty file belongs to a process that is just writing its id.
  if (holder !== undefined && holder > 0 && !isAlive(holder)) rmSync(LOCK, { force: true });
  return false;
}

function readHolder() {
  try {
    return Number(readFileSync(LOCK, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Runs `build` while no other process builds; waits at most three minutes for another one. */
export async function withBuildLock(build) {
  mkdirSync(DIST, { recursive: true });
  const deadline = Date.now() + WAIT_LIMIT_MS;
  while (!tryLock()) {
    if (Date.now() > deadline)
      throw new Error(`another build (process ${readHolder()}) holds ${LOCK} for too long`);
    await delay(POLL_MS);
  }
  try {
    return await build();
  } finally {
    rmSync(LOCK, { force: true });
  }
}
