import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running server says about itself in its data directory. */
export interface PostmasterPid {
  pid: number;
  port: number;
  /** Empty: no Unix socket. */
  socketDirectory: string;
  /** Empty: no TCP. */
  listenAddress: string;
  ready: boolean;
}

/** Parses postmaster.pid; undefined while it is not complete. */
export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0 || !Number.isInteger(port) || port <= 0) return undefined;
  return {
    pid,
    port,
    socketDirectory: lines[4] ?? '',
    listenAddress: lines[5] ?? '',
    ready: (lines[7] ?? '').trim() === 'ready',
  };
}

/** Undefined: no server runs, or it has not got that far. A server that was killed leaves its file behind. */
export function readPostmasterPid(dataDirectory: string): PostmasterPid | undefined {
  try {
    return parsePostmasterPid(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
