import { type BenchContext, type Benchmark, median } from '../benchmark.ts';
import { BenchProcess } from '../childProcess.ts';
import type { CommitExchanges } from '../core/commitExchanges.ts';
import { atMost, type Figure, figure } from '../figure.ts';
import { startServer } from '../serverProcess.ts';
import { withTempFolder } from '../tempFolder.ts';
import { MIGRATIONS } from './commits.ts';

const FIRST_START_GOAL_MS = 2_500;
const LONG_LOG_GOAL_MS = 1_000;
const LONG_LOG_EVENTS = 100_000;
const LONG_LOG_DESKS = 100;
const WRITE_LIMIT_MS = 110_000;
const ROUNDS = { quick: 1, full: 3 } as const;

/** From the start of the process to the first 200 of /readyz, ms; the server is stopped again. */
async function timeStart(dataDir: string): Promise<number> {
  const server = await startServer(dataDir);
  await server.stop();
  return server.readyAfterMs;
}

async function measure(context: BenchContext): Promise<Figure[]> {
  const first: number[] = [];
  const later: number[] = [];
  for (let round = 0; round < ROUNDS[context.quick ? 'quick' : 'full']; round += 1) {
    await withTempFolder(async (dataDir) => {
      context.progress(`first start with an empty data directory, round ${round + 1}`);
      first.push(await timeStart(dataDir));
      later.push(await timeStart(dataDir));
    });
  }
  return [
    figure(
      'ready, first start',
      median(first),
      'ms',
      atMost(FIRST_START_GOAL_MS),
      'empty data directory, database made',
    ),
    figure('ready, second start', median(later), 'ms', null, 'data directory of the first start'),
  ];
}

/** A log as trading leaves it behind, snapshots included, then a start on it. */
async function measureLongLog(context: BenchContext): Promise<Figure[]> {
  return withTempFolder(async (dataDir) => {
    context.progress(`writing a log of ${LONG_LOG_EVENTS} events`);
    const writer = new BenchProcess<CommitExchanges>('commitServer');
    const request = {
      dataDir,
      migrations: MIGRATIONS,
      desks: LONG_LOG_DESKS,
      durationMs: WRITE_LIMIT_MS,
      events: LONG_LOG_EVENTS,
    };
    const { events } = await writer.ask('run', request).finally(() => writer.end());
    context.progress(`starting on a log of ${events} events`);
    const readyMs = await timeStart(dataDir);
    const note = `${events} events of ${LONG_LOG_DESKS} desks, which the venue does not know: their accounts are asked for in vain`;
    return [figure('ready, long log', readyMs, 'ms', atMost(LONG_LOG_GOAL_MS), note)];
  });
}

export const startupOnLongLog: Benchmark = { name: 'ready-long-log', fullOnly: true, run: measureLongLog };

export const startup: Benchmark = { name: 'ready', fullOnly: false, run: measure };
