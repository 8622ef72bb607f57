import type { Benchmark } from '../benchmark.ts';
import { atMost, type Figure, figure } from '../figure.ts';
import { BARE_UWS, type FanoutServer, FILLWIRE, quiet, startFanout, WS_LOOP } from '../load/fanoutServers.ts';

const SOCKETS = { quick: 2_000, full: 10_000 } as const;
const GOAL_KB = 6;

/** Resident memory that each open, quiet socket adds to its server. */
async function measure(target: FanoutServer, sockets: number): Promise<Figure> {
  let before = 0;
  const running = await startFanout(quiet(target), sockets, async (server) => {
    before = (await server.ask('memory', {})).residentBytes;
  });
  try {
    const after = (await running.server.ask('memory', {})).residentBytes;
    const perSocket = (after - before) / sockets / 1_024;
    const ours = target === FILLWIRE;
    const joined = ours ? 'authenticated, 100 users, on desk and one ticker' : 'in one ticker';
    const note = `${sockets.toLocaleString('en-US')} sockets, ${joined}`;
    return figure(
      `memory per idle socket: ${target.name}`,
      perSocket,
      'KB',
      ours ? atMost(GOAL_KB) : null,
      note,
    );
  } finally {
    await running.end();
  }
}

export const idleMemory: Benchmark = {
  name: 'idle-memory',
  fullOnly: false,
  run: async (context) => {
    const sockets = SOCKETS[context.quick ? 'quick' : 'full'];
    const figures: Figure[] = [];
    for (const server of [FILLWIRE, BARE_UWS, WS_LOOP]) {
      context.progress(`idle memory: ${sockets} sockets at ${server.name}`);
      figures.push(await measure(server, sockets));
    }
    return figures;
  },
};
