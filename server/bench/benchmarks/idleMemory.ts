import type { Benchmark } from '../benchmark.ts';
import { type Figure, figure } from '../figure.ts';
import { BARE_UWS, type FanoutServer, startFanout, WS_LOOP } from '../load/fanoutServers.ts';

const SOCKETS = { quick: 2_000, full: 10_000 } as const;

/** Resident memory that each open, quiet socket adds to its server. */
async function measure(target: FanoutServer, sockets: number): Promise<Figure> {
  let before = 0;
  const running = await startFanout(target, sockets, async (server) => {
    before = (await server.ask('memory', {})).residentBytes;
  });
  try {
    const after = (await running.server.ask('memory', {})).residentBytes;
    const perSocket = (after - before) / sockets / 1_024;
    return figure(
      `memory per idle socket: ${target.name}`,
      perSocket,
      'KB',
      null,
      `${sockets} sockets, all in one ticker`,
    );
  } finally {
    await running.end();
  }
}

/** In one ticker only, as the goal for authenticated sockets has it. */
const inOneTicker = (server: FanoutServer): FanoutServer =>
  server === BARE_UWS ? { ...server, steps: [{ text: '1', replyContains: 'subscribed' }] } : server;

export const idleMemory: Benchmark = {
  name: 'idle-memory',
  fullOnly: false,
  run: async (context) => {
    const sockets = SOCKETS[context.quick ? 'quick' : 'full'];
    const figures: Figure[] = [];
    for (const server of [BARE_UWS, WS_LOOP]) {
      context.progress(`idle memory: ${sockets} sockets at ${server.name}`);
      figures.push(await measure(inOneTicker(server), sockets));
    }
    return figures;
  },
};
