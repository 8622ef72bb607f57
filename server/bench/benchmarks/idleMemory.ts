import type { Benchmark } from '../benchmark.ts';
import { atMost, type Figure, figure } from '../figure.ts';
import { BARE_UWS, type FanoutServer, FILLWIRE, quiet, startFanout, WS_LOOP } from '../load/fanoutServers.ts';

/** Fewer would measure the heap's first growth instead. */
const SOCKETS = 10_000;
const GOAL_KB = 6;

/** Resident memory that each open, quiet socket adds to its server. */
async function measure(target: FanoutServer): Promise<Figure> {
  let before = 0;
  const running = await startFanout(quiet(target), SOCKETS, async (server) => {
    before = (await server.ask('memory', {})).residentBytes;
  });
  try {
    const after = (await running.server.ask('memory', {})).residentBytes;
    const perSocket = (after - before) / SOCKETS / 1_024;
    const ours = target === FILLWIRE;
    const joined = ours ? 'authenticated, 100 users, on desk and one ticker' : 'in one ticker';
    const note = `${SOCKETS.toLocaleString('en-US')} sockets, ${joined}`;
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
    const figures: Figure[] = [];
    for (const server of [FILLWIRE, BARE_UWS, WS_LOOP]) {
      context.progress(`idle memory: ${SOCKETS} sockets at ${server.name}`);
      figures.push(await measure(server));
    }
    return figures;
  },
};
