import { type BenchContext, type Benchmark, median } from '../benchmark.ts';
import { atLeast, type Figure, figure, formatValue } from '../figure.ts';
import type { FanoutResult } from '../load/fanoutExchanges.ts';
import {
  BARE_UWS,
  type FanoutServer,
  FILLWIRE,
  type RunningFanout,
  startFanout,
  WS_LOOP,
} from '../load/fanoutServers.ts';

interface TickerCase {
  sockets: number;
  symbolsPerTurn: number;
}

const ROUNDS = { quick: 3, full: 5 } as const;
const RUN_MS = { quick: 400, full: 2_000 } as const;
const SERVERS: readonly FanoutServer[] = [FILLWIRE, BARE_UWS, WS_LOOP];
/** Share of what bare uWebSockets.js delivers, in the same run. */
const GOAL_SHARE = 0.8;

/** Frames per second to all sockets, of each server, in turns so that a busy machine hits all alike. */
async function measure(context: BenchContext, { sockets, symbolsPerTurn }: TickerCase): Promise<Figure[]> {
  const mode = context.quick ? 'quick' : 'full';
  const label = `tickers to ${sockets.toLocaleString('en-US')} sockets, ${symbolsPerTurn} per turn`;
  const results = new Map<FanoutServer, FanoutResult[]>(SERVERS.map((server) => [server, []]));
  const running = new Map<FanoutServer, RunningFanout>();
  try {
    for (const server of SERVERS) {
      context.progress(`${label}: connecting to ${server.name}`);
      running.set(server, await startFanout(server, sockets));
    }
    for (let round = 0; round < ROUNDS[mode]; round += 1) {
      for (const [server, { server: process }] of running) {
        context.progress(`${label}: ${server.name}, round ${round + 1} of ${ROUNDS[mode]}`);
        const result = await process.ask('run', { sockets, symbolsPerTurn, durationMs: RUN_MS[mode] });
        if (result.lost > 0) throw new Error(`${server.name} lost ${result.lost} frames`);
        results.get(server)?.push(result);
      }
    }
  } finally {
    await Promise.all([...running.values()].map((pair) => pair.end()));
  }
  const rate = (server: FanoutServer): number =>
    median((results.get(server) ?? []).map((run) => (run.frames * 1_000) / run.elapsedMs));
  const rates = [...results].map(([server, runs]) => {
    const cpuUs = median(runs.map((run) => (run.cpuMs * 1_000) / run.frames));
    const note = `${formatValue(cpuUs)} µs of server processor per frame`;
    return figure(`${label}: ${server.name}`, rate(server), 'frames/s', null, note);
  });
  const share = rate(FILLWIRE) / rate(BARE_UWS);
  return [figure(`${label}: share of bare uWebSockets.js`, share, '', atLeast(GOAL_SHARE)), ...rates];
}

const benchmark = (sockets: number, symbolsPerTurn: number, fullOnly: boolean): Benchmark => ({
  name: `tickers-${sockets}x${symbolsPerTurn}`,
  fullOnly,
  run: (context) => measure(context, { sockets, symbolsPerTurn }),
});

export const tickerBenchmarks: readonly Benchmark[] = [
  benchmark(1_000, 1, false),
  benchmark(1_000, 32, false),
  benchmark(10_000, 1, true),
  benchmark(10_000, 32, true),
];
