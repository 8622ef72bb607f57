import { readFileSync } from 'node:fs';

/** The most that has come of any one connection to `port` and was not read yet, bytes. */
export function mostUnread(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  // 01: established; of a socket that listens the same column counts who waits to be let in.
  const unread = rows.flatMap(([, address, , state, queues]) =>
    address === local && state === '01' ? [Number.parseInt(queues?.split(':')[1] ?? '', 16)] : [],
  );
  return Math.max(0, ...unread);
}
