import { fileURLToPath } from 'node:url';
import type { Benchmark } from '../benchmark.ts';
import { BenchProcess } from '../childProcess.ts';
import type { CommitExchanges } from '../core/commitExchanges.ts';
import { atLeast, figure, formatValue } from '../figure.ts';
import { withTempFolder } from '../tempFolder.ts';

const GOAL_PER_S = 10_000;
const DESKS = 1_000;
const RUN_MS = { quick: 3_000, full: 15_000 } as const;
/** Beside the bundle's folder, dist/server. */
export const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

export const commits: Benchmark = {
  name: 'events-committed',
  fullOnly: false,
  run: async (context) => {
    context.progress(`events committed: ${DESKS} desks on a PostgreSQL of their own`);
    const server = new BenchProcess<CommitExchanges>('commitServer');
    try {
      const request = {
        migrations: MIGRATIONS,
        desks: DESKS,
        durationMs: RUN_MS[context.quick ? 'quick' : 'full'],
        events: Number.MAX_SAFE_INTEGER,
      };
      const result = await withTempFolder((dataDir) => server.ask('run', { dataDir, ...request }));
      const { events, orders, appends, appendMs, elapsedMs } = result;
      const perOrder = formatValue(events / orders);
      const perBatch = formatValue(events / appends);
      const note = `${DESKS} desks, each a market order after the other, fsync on: ${perOrder} events per order (submitted, accepted, filled, position, balance …), ${perBatch} per transaction of ${formatValue(appendMs / appends)} ms, order and fill rows in the same`;
      return [figure('events committed', (events * 1_000) / elapsedMs, '/s', atLeast(GOAL_PER_S), note)];
    } finally {
      await server.end();
    }
  },
};
