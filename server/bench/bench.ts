import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import { commits } from './benchmarks/commits.ts';
import { decisions } from './benchmarks/decisions.ts';
import { deliveryBenchmarks } from './benchmarks/delivery.ts';
import { floodBenchmarks } from './benchmarks/floods.ts';
import { idleMemory } from './benchmarks/idleMemory.ts';
import { manyDesks } from './benchmarks/manyDesks.ts';
import { pastCharts } from './benchmarks/pastCharts.ts';
import { startup, startupOnLongLog } from './benchmarks/startup.ts';
import { tickerBenchmarks } from './benchmarks/tickers.ts';
import { type Figure, formatTable, unmeasured } from './figure.ts';

// npm run bench -- [--quick] [--only NAME] [--json FILE] [--strict]
const BENCHMARKS: readonly Benchmark[] = [
  ...tickerBenchmarks,
  idleMemory,
  decisions,
  commits,
  startup,
  startupOnLongLog,
  manyDesks,
  ...deliveryBenchmarks,
  ...floodBenchmarks,
  pastCharts,
];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
    strict: { type: 'boolean', default: false },
  },
});

function progress(text: string): void {
  process.stderr.write(`… ${text}\n`);
}

/** What is to run: with `--only` also what `--quick` would leave out. */
function chosen(): Benchmark[] {
  const { only, quick } = options;
  if (only !== undefined) return BENCHMARKS.filter(({ name }) => name.includes(only));
  return BENCHMARKS.filter(({ fullOnly }) => !(quick && fullOnly));
}

const benchmarks = chosen();
if (benchmarks.length === 0) {
  process.stderr.write(
    `no benchmark is named ${options.only}; there are: ${BENCHMARKS.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}

const startedAt = performance.now();
const figures: Figure[] = [];
for (const benchmark of benchmarks) {
  try {
    figures.push(...(await benchmark.run({ quick: options.quick, progress })));
  } catch (error) {
    figures.push(
      unmeasured(
        benchmark.name,
        `could not be measured: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  }
}

const missed = figures.filter(({ pass }) => pass === false).length;
const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}`;
process.stdout.write(`${formatTable(figures)}\n\n`);
process.stdout.write(
  `${figures.length} figures, ${missed} missed; ${((performance.now() - startedAt) / 1_000).toFixed(0)} s on ${machine}\n`,
);
if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify({ machine, quick: options.quick, figures }, null, 2)}\n`);
process.exitCode = options.strict && missed > 0 ? 1 : 0;
