import { type BenchContext, type Benchmark, median } from '../benchmark.ts';
import { atMost, type Figure, figure } from '../figure.ts';
import { startServer } from '../serverProcess.ts';
import { withTempFolder } from '../tempFolder.ts';

const FIRST_START_GOAL_MS = 2_500;
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

export const startup: Benchmark = { name: 'ready', fullOnly: false, run: measure };
