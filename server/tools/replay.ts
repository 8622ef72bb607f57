import { parseArgs } from 'node:util';
import { createPinoLogger } from '../adapters/logging/pinoLogger.ts';
import { symbolOf } from '../adapters/replay/recording.ts';
import { PROFILE_NAMES, type ProfileName } from '../adapters/simulated/profiles.ts';
import { strategies } from '../core/strategy/registry.ts';
import { type ReplayBot, replayRun } from './lib/replayRun.ts';

/**
 * `npm run replay -- FILE [--symbol BTCUSDT] [--preset 1m] [--strategy ID] [--profile ideal] [--twice]`: plays recorded candles through
 * bots, prints their round trips, and holds every book against the venue's.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    preset: { type: 'string', multiple: true },
    strategy: { type: 'string', multiple: true },
    profile: { type: 'string', default: 'ideal' },
    symbol: { type: 'string' },
    twice: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function bots(): ReplayBot[] {
  const list: ReplayBot[] = [];
  for (const strategy of strategies.values()) {
    if (values.strategy !== undefined && !values.strategy.includes(strategy.id)) continue;
    for (const preset of strategy.presets) {
      if (values.preset !== undefined && !values.preset.includes(preset.id)) continue;
      list.push({ name: `${strategy.id}-${preset.id}`, strategy: strategy.id, preset, leverage: 2 });
    }
  }
  return list;
}

async function run(): Promise<void> {
  const [file] = positionals;
  const profile = PROFILE_NAMES.find((name): name is ProfileName => name === values.profile);
  if (file === undefined || profile === undefined) {
    throw new Error(
      `usage: npm run replay -- FILE [--symbol SYMBOL] [--preset ID] [--strategy ID] [--profile ${PROFILE_NAMES.join('|')}] [--twice]`,
    );
  }
  const logger = createPinoLogger({ level: 'warn', fields: { program: 'replay' } });
  const digests = new Set<string>();
  let isEqual = true;
  for (let round = 0; round < (values.twice ? 2 : 1); round++) {
    const startedAt = performance.now();
    const onProgress = (share: number): void => {
      process.stderr.write(`\r${Math.round(share * 100)} %`);
    };
    const result = await replayRun({
      file,
      symbol: symbolOf(file, values.symbol),
      bots: bots(),
      profile,
      logger,
      onProgress,
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    process.stderr.write('\r');
    for (const bot of result.bots) {
      say(
        `${bot.name.padEnd(24)} ${String(bot.trades).padStart(6)} round trips, ${bot.wins} won, balance ${bot.balance}, ${bot.state}`,
      );
    }
    say(
      `${result.events} events, ${result.fills} fills, ${result.decisions} decisions in ${seconds.toFixed(1)} s`,
    );
    say(`digest ${result.digest}`);
    for (const { accountId, what, ours, theirs } of result.differences.slice(0, 20)) {
      say(`DIFFERENCE on ${accountId}: ${what}: ours ${ours}, the venue's ${theirs}`);
    }
    say(
      result.differences.length === 0
        ? 'the books equal the venue to the last digit'
        : `${result.differences.length} differences`,
    );
    isEqual &&= result.differences.length === 0;
    digests.add(result.digest);
  }
  if (values.twice) say(digests.size === 1 ? 'both runs are equal, byte for byte' : 'THE RUNS DIFFER');
  process.exitCode = isEqual && digests.size === 1 ? 0 : 1;
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 2;
});
