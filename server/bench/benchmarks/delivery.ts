import { setTimeout as delay } from 'node:timers/promises';
import { type BenchContext, type Benchmark, percentile } from '../benchmark.ts';
import { BenchProcess } from '../childProcess.ts';
import { atMost, type Figure, figure, formatValue } from '../figure.ts';
import { deskSteps } from '../load/fanoutServers.ts';
import type { LoadExchanges } from '../load/loadExchanges.ts';
import { register, Trader } from '../load/trader.ts';
import { type ServerProcess, startServer } from '../serverProcess.ts';
import { withTempFolder } from '../tempFolder.ts';

const FILL_GOAL_MS = 25;
const COMMIT_GOAL_MS = 10;
const RUN_MS = { quick: 4_000, full: 20_000 } as const;
/** What is under way when the orders stop. */
const SETTLE_MS = 2_000;
/** Users registered at a time: hashing passwords keeps both cores busy. */
const REGISTERING_AT_ONCE = 4;
const SOCKETS_PER_ADDRESS = 100;

interface DeliveryCase {
  users: number;
  devicesPerUser: number;
  /** Of all users together. */
  ordersPerSecond: number;
}

async function registerAll(port: number, users: number): Promise<string[]> {
  const tokens: string[] = [];
  let next = 0;
  const registrar = async (): Promise<void> => {
    while (next < users) {
      const index = next;
      next += 1;
      tokens[index] = await register(port, index);
    }
  };
  await Promise.all(Array.from({ length: REGISTERING_AT_ONCE }, registrar));
  return tokens;
}

/** Evenly spaced orders, each user in turn. */
async function trade(
  traders: readonly Trader[],
  ordersPerSecond: number,
  durationMs: number,
): Promise<number> {
  const start = performance.now();
  let orders = 0;
  while (performance.now() - start < durationMs) {
    const due = ((performance.now() - start) / 1_000) * ordersPerSecond;
    for (; orders < due; orders += 1) traders[orders % traders.length]?.order();
    await delay(1);
  }
  return orders;
}

async function measureOn(
  server: ServerProcess,
  context: BenchContext,
  spec: DeliveryCase,
): Promise<Figure[]> {
  const { users, devicesPerUser, ordersPerSecond } = spec;
  const label = `${users.toLocaleString('en-US')} × ${devicesPerUser}`;
  context.progress(`delivery ${label}: registering`);
  const tokens = await registerAll(server.port, users);
  const traders: Trader[] = [];
  const load = new BenchProcess<LoadExchanges>('loadClients');
  try {
    for (const [index, token] of tokens.entries())
      traders.push(await Trader.connect(server.port, token, index));
    context.progress(`delivery ${label}: connecting devices`);
    const sockets = users * devicesPerUser;
    const steps = deskSteps();
    const opened = await load.ask('open', {
      ...{
        port: server.port,
        path: '/ws',
        sockets,
        tokens,
        steps,
        socketsPerAddress: SOCKETS_PER_ADDRESS,
        reportPort: null,
      },
    });
    if (opened.failed > 0)
      throw new Error(`${opened.failed} of ${sockets} devices did not connect: ${opened.firstFailure}`);
    await load.ask('watch', { marker: '"kind":"FillRecorded"', fields: ['"ingestedAt":', '"seq":'] });
    context.progress(`delivery ${label}: ${ordersPerSecond} orders a second`);
    const orders = await trade(traders, ordersPerSecond, RUN_MS[context.quick ? 'quick' : 'full']);
    await delay(SETTLE_MS);
    const { timed } = await load.ask('watched', {});
    const refused = traders.reduce((sum, trader) => sum + trader.refused, 0);
    if (refused > 0)
      throw new Error(
        `${refused} of ${orders} orders were refused: ${traders.find((one) => one.firstRefusal)?.firstRefusal}`,
      );
    return figures(label, spec, orders, timed, traders);
  } finally {
    for (const trader of traders) trader.close();
    await load.end();
  }
}

function figures(
  label: string,
  { devicesPerUser, ordersPerSecond }: DeliveryCase,
  orders: number,
  timed: number[][],
  traders: readonly Trader[],
): Figure[] {
  const sinceIngest: number[] = [];
  const sinceCommit: number[] = [];
  for (const [ingestedAt = 0, seq = 0, socket = 0, receivedAt = 0] of timed) {
    sinceIngest.push(receivedAt - ingestedAt);
    const committedAt = traders[socket % traders.length]?.committedAt.get(seq);
    if (committedAt !== undefined) sinceCommit.push(receivedAt - committedAt);
  }
  const spread = (values: number[]): string => `median ${formatValue(percentile(values, 0.5))} ms`;
  const received = `${timed.length} of ${orders * devicesPerUser} fills received, ${ordersPerSecond} orders/s`;
  return [
    figure(
      `fill to device p99, ${label}`,
      percentile(sinceIngest, 0.99),
      'ms',
      atMost(FILL_GOAL_MS),
      `${spread(sinceIngest)}; from the venue’s push; ${received}`,
    ),
    figure(
      `commit to device p99, ${label}`,
      percentile(sinceCommit, 0.99),
      'ms',
      atMost(COMMIT_GOAL_MS),
      `${spread(sinceCommit)}; from the commit, as the server tells of ${sinceCommit.length} of them`,
    ),
  ];
}

function benchmark(spec: DeliveryCase, fullOnly: boolean): Benchmark {
  return {
    name: `delivery-${spec.users}x${spec.devicesPerUser}`,
    fullOnly,
    run: (context) =>
      withTempFolder(async (dataDir) => {
        const server = await startServer(dataDir, {
          MAX_CONNECTIONS_PER_USER: String(spec.devicesPerUser + 1),
        });
        try {
          return await measureOn(server, context, spec);
        } finally {
          await server.stop();
        }
      }),
  };
}

export const deliveryBenchmarks: readonly Benchmark[] = [
  benchmark({ users: 1, devicesPerUser: 1, ordersPerSecond: 10 }, false),
  benchmark({ users: 1, devicesPerUser: 100, ordersPerSecond: 10 }, false),
  benchmark({ users: 100, devicesPerUser: 10, ordersPerSecond: 100 }, true),
  benchmark({ users: 1_000, devicesPerUser: 1, ordersPerSecond: 100 }, true),
];
