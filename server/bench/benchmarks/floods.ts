import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ENDLESS_INPUTS, type EndlessKind } from '../../testing/endlessInput.ts';
import { hasNginx, type NginxExchanges } from '../../testing/nginxProcess.ts';
import { type BenchContext, type Benchmark, percentile } from '../benchmark.ts';
import { BenchProcess } from '../childProcess.ts';
import { atMost, type Figure, figure, formatValue, unmeasured } from '../figure.ts';
import type { FloodExchanges } from '../load/floodExchanges.ts';
import { FloodProbe } from '../load/floodProbe.ts';
import { register, Trader } from '../load/trader.ts';
import { startServer } from '../serverProcess.ts';
import { withTempFolder } from '../tempFolder.ts';

const GOAL_MS = 150;
const CONNECTIONS = 10;
const RUN_MS = { quick: 2_000, full: 6_000 } as const;
const ORDER_EVERY_MS = 50;
/** What is left of one flood is over before the next. */
const REST_MS = 1_000;

interface Scene {
  label: string;
  load: BenchProcess<FloodExchanges>;
  floodedPort: number;
  serverPort: number;
}

/** One kind of flood: what it does to the ping and the fills of somebody who has just come, with a budget of its own. */
async function measure(
  scene: Scene,
  kind: EndlessKind,
  index: number,
  context: BenchContext,
): Promise<Figure[]> {
  const { label, load, floodedPort, serverPort } = scene;
  const token = await register(floodedPort, index);
  const trader = await Trader.connect(floodedPort, token, index);
  const probe = await FloodProbe.connect(floodedPort, token);
  context.progress(`floods ${label}: ${kind}`);
  let trades = true;
  const trading = (async () => {
    for (; trades; await delay(ORDER_EVERY_MS)) trader.order();
  })();
  await load.ask('flood', { port: floodedPort, kind, connections: CONNECTIONS });
  await probe.watch(RUN_MS[context.quick ? 'quick' : 'full']);
  const { closed, megabytes } = await load.ask('stop', {});
  trades = false;
  await trading;
  await delay(REST_MS);
  const { pings, fills } = probe;
  const wasClosed = probe.isClosed;
  trader.close();
  probe.close();
  if (wasClosed) throw new Error(`${kind}: the device that did not flood was closed`);
  const checks = await readiness(serverPort);
  if (!checks.includes('"lease":true')) throw new Error(`${kind}: the lease was lost: ${checks}`);
  const note = `${CONNECTIONS} connections, closed ${closed} times, ${formatValue(megabytes)} MB got rid of`;
  const spread = (values: number[]): string =>
    `${values.length} of them, median ${formatValue(percentile(values, 0.5))} ms, longest ${formatValue(Math.max(...values))} ms; ${note}`;
  return [
    figure(`ping p99 under ${kind}, ${label}`, percentile(pings, 0.99), 'ms', atMost(GOAL_MS), spread(pings)),
    figure(`fill p99 under ${kind}, ${label}`, percentile(fills, 0.99), 'ms', atMost(GOAL_MS), spread(fills)),
  ];
}

async function readiness(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/readyz`)).text();
}

async function measureAll(dataDir: string, throughNginx: boolean, context: BenchContext): Promise<Figure[]> {
  const server = await startServer(dataDir, { TRUSTED_PROXY_HOPS: throughNginx ? '1' : '0' });
  const load = new BenchProcess<FloodExchanges>('floodClients');
  const ends: Array<() => unknown> = [() => load.end(), () => server.stop()];
  try {
    let { port } = server;
    if (throughNginx) {
      const nginx = new BenchProcess<NginxExchanges>('nginxProxy');
      ends.unshift(() => nginx.end());
      ({ port } = await nginx.ask('start', { folder: join(dataDir, 'nginx'), upstream: server.port }));
    }
    const label = throughNginx ? 'through nginx' : 'direct';
    const scene = { label, load, floodedPort: port, serverPort: server.port };
    const figures: Figure[] = [];
    const kinds = Object.keys(ENDLESS_INPUTS) as EndlessKind[];
    for (const [index, kind] of kinds.entries())
      figures.push(...(await measure(scene, kind, index, context)));
    return figures;
  } finally {
    for (const end of ends) await end();
  }
}

/** What ten connections that send without end do to others, each kind of it. */
export const floodBenchmarks: readonly Benchmark[] = [
  {
    name: 'floods-direct',
    fullOnly: true,
    run: (context) => withTempFolder((dataDir) => measureAll(dataDir, false, context)),
  },
  {
    name: 'floods-nginx',
    fullOnly: true,
    run: (context) =>
      hasNginx()
        ? withTempFolder((dataDir) => measureAll(dataDir, true, context))
        : Promise.resolve([unmeasured('floods through nginx', 'nginx is not installed here')]),
  },
];
