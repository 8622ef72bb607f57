import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** A recorded market played instead of the simulated one. */
export interface ReplayConfig {
  /** CSV of 1-minute candles. */
  file: string;
  /** Market seconds per second; `max`: as fast as decisions are made. */
  speed: number | 'max';
  /** Number of the first candle to play; those before it are history. */
  from: number;
}

/** What the command line says. */
export interface CommandLine {
  replay: ReplayConfig | null;
  /** `--speed` without `--replay`: the simulated market's. */
  simSpeed: number | null;
}

const MAX_SPEED = 1_000_000;

/** Reads `--replay FILE`, `--speed N|max` and `--from N`; what is wrong is added to `problems`. */
export function readCommandLine(argv: readonly string[], problems: string[]): CommandLine {
  const options = parseOptions(argv, problems);
  const speed = readSpeed(options.speed, problems);
  const from = readFrom(options.from, problems);
  if (options.replay === undefined) {
    if (speed === 'max') problems.push('--speed max: needs --replay FILE');
    if (options.from !== undefined) problems.push('--from: needs --replay FILE');
    return { replay: null, simSpeed: typeof speed === 'number' ? speed : null };
  }
  if (!existsSync(options.replay)) problems.push(`--replay: there is no file ${options.replay}`);
  return { replay: { file: options.replay, speed: speed ?? 1, from: from ?? 0 }, simSpeed: null };
}

function parseOptions(
  argv: readonly string[],
  problems: string[],
): { replay?: string; speed?: string; from?: string } {
  try {
    const option = { type: 'string' } as const;
    const options = { replay: option, speed: option, from: option };
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    problems.push(`command line: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

function readSpeed(text: string | undefined, problems: string[]): number | 'max' | undefined {
  if (text === undefined || text === 'max') return text;
  const speed = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (speed > 0 && speed <= MAX_SPEED) return speed;
  problems.push(`--speed: must be a number above 0, at most ${MAX_SPEED}, or max`);
  return undefined;
}

function readFrom(text: string | undefined, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,12}$/.test(text)) return Number(text);
  problems.push('--from: must be the number of a candle, 0 or more');
  return undefined;
}
