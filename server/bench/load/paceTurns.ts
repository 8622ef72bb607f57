import { createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FanoutResult, FanoutRun } from './fanoutExchanges.ts';

/** Turns a server may be ahead of what the load has received: enough to keep both busy, without hoarding. */
const WINDOW_TURNS = 8;
/** Longest wait for the last frames, ms. */
const DRAIN_LIMIT_MS = 20_000;

/** Hears from the load how many frames it has. */
export class ReceivedCount {
  frames = 0;

  /** Resolves to the port the load reports to. */
  listen(): Promise<number> {
    const server = createServer((socket) => {
      let text = '';
      socket.on('data', (chunk) => {
        const lines = (text + chunk.toString('latin1')).split('\n');
        text = lines.pop() ?? '';
        this.frames = Number(lines.at(-1) ?? this.frames);
      });
      socket.on('error', () => socket.destroy());
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }
}

/** Lets `publish` run once per turn of the loop for the asked time, never far ahead of what is received. */
export async function paceTurns(
  { sockets, symbolsPerTurn, durationMs }: FanoutRun,
  received: ReceivedCount,
  publish: (turn: number) => void,
): Promise<FanoutResult> {
  const framesPerTurn = sockets * symbolsPerTurn;
  // Relative to what earlier runs sent: the load's count may still be on its way to zero.
  const before = received.frames;
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const got = (): number => received.frames - before;
  let turn = 0;
  while (performance.now() - start < durationMs) {
    if (turn * framesPerTurn - got() < WINDOW_TURNS * framesPerTurn) {
      publish(turn);
      turn += 1;
    }
    await nextTurn();
  }
  const sent = turn * framesPerTurn;
  const deadline = performance.now() + DRAIN_LIMIT_MS;
  while (got() < sent && performance.now() < deadline) await nextTurn();
  const elapsedMs = performance.now() - start;
  const cpu = process.cpuUsage(cpuBefore);
  return { frames: got(), elapsedMs, cpuMs: (cpu.user + cpu.system) / 1_000, lost: sent - got() };
}

/** Resident memory of this process after full collections, bytes. */
export function residentBytes(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  return process.memoryUsage().rss;
}
