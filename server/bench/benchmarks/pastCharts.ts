import { INTERVAL_MS } from '../../../shared/domain/market.ts';
import { type BenchContext, type Benchmark, percentile } from '../benchmark.ts';
import { atMost, type Figure, figure, formatValue } from '../figure.ts';
import { PastViewer } from '../load/pastViewer.ts';
import { register } from '../load/trader.ts';
import { startServer } from '../serverProcess.ts';
import { withTempFolder } from '../tempFolder.ts';

const GOAL_MS = 3_000;
const CONNECTIONS = 10;
/** Requests that each of them has under way. */
const AT_A_TIME = 4;
const LOOKS = { quick: 8, full: 24 } as const;
const CHART_BARS = 300;
/** The most that a call takes. */
const MOST_BARS = 1_000;
const INTERVALS_ASKED = ['1h', '4h', '1d'] as const;

/** Asks for as many bars as it may that nobody holds, without end. */
async function flood(viewer: PastViewer, first: number): Promise<void> {
  for (let n = first; !viewer.isClosed; n += CONNECTIONS * AT_A_TIME) {
    const interval = INTERVALS_ASKED[n % INTERVALS_ASKED.length] ?? '1d';
    const daysAgo = (n * 137) % 1_800;
    const before = viewer.ago(interval, (daysAgo * INTERVAL_MS['1d']) / INTERVAL_MS[interval]);
    await viewer.look(interval, before, MOST_BARS);
  }
}

async function measure(dataDir: string, context: BenchContext): Promise<Figure[]> {
  const server = await startServer(dataDir);
  const greedy: PastViewer[] = [];
  try {
    const { port } = server;
    const other = await PastViewer.connect(port, await register(port, 0), '127.5.0.1');
    const token = await register(port, 1);
    for (let index = 0; index < CONNECTIONS; index += 1)
      greedy.push(await PastViewer.connect(port, token, `127.4.0.${index + 1}`));
    context.progress('charts of the past');
    const floods = greedy.flatMap((viewer, index) =>
      Array.from({ length: AT_A_TIME }, (_, n) => flood(viewer, index * AT_A_TIME + n)),
    );
    const times: number[] = [];
    for (let look = 1; look <= LOOKS[context.quick ? 'quick' : 'full']; look += 1)
      times.push(await other.look('1h', other.ago('1h', look * 2 * CHART_BARS), CHART_BARS));
    const sum = (of: (viewer: PastViewer) => number): string =>
      formatValue(greedy.reduce((total, viewer) => total + of(viewer), 0));
    const note = `${times.length} of them, median ${formatValue(percentile(times, 0.5))} ms; ${CONNECTIONS} connections were served ${sum((viewer) => viewer.served)} times, refused ${sum((viewer) => viewer.refused)} times`;
    for (const viewer of [...greedy, other]) viewer.close();
    await Promise.all(floods);
    const name = 'chart of the past p90, another user asks for more';
    return [figure(name, percentile(times, 0.9), 'ms', atMost(GOAL_MS), note)];
  } finally {
    for (const viewer of greedy) viewer.close();
    await server.stop();
  }
}

/** What a user who asks for bars that nobody holds without end does to the charts of another. */
export const pastCharts: Benchmark = {
  name: 'past-charts',
  fullOnly: true,
  run: (context) => withTempFolder((dataDir) => measure(dataDir, context)),
};
