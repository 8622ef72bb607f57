import { readFile } from 'node:fs/promises';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { INTERVAL_MS } from '../../../shared/domain/market.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PricePath, TradableFeed } from '../../ports/tradableFeed.ts';
import { parseCandles, type RecordedCandles, ReplayFileError } from './candleCsv.ts';
import { checkRecording } from './recording.ts';
import { ReplayPath } from './replayPath.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
/** Bars before the start that strategies warm up on, unless the caller chooses the start. */
export const DEFAULT_WARM_UP_BARS = 300;

/** Builds the feed that plays a path; the simulated venue's `PathFeed` does. */
export type CreatePathFeed = (options: {
  venue: string;
  name: string;
  path: PricePath;
  pace: number | 'max';
  startAt: number;
  whileDown: 'pauses';
  clock: Clock;
  logger: Logger;
}) => TradableFeed;

export interface CreateReplayFeed {
  /** A CSV of 1-minute candles. */
  file: string;
  /** One of `instruments`: its steps, fees and limits apply to the recorded prices. */
  symbol: string;
  instruments: readonly Instrument[];
  /** Market milliseconds per wall millisecond, or `max` for lock-step. */
  speed: number | 'max';
  /** Market time of the first step, a full minute within the file; 300 bars after its start unless given. */
  from?: number;
  /** Instead of `from`: how many bars of the file are history before the first step. */
  warmUpBars?: number;
  createFeed: CreatePathFeed;
  clock: Clock;
  logger: Logger;
}

/**
 * Recorded candles as a market feed. What lies before its start is served as history; while nobody runs it, it pauses.
 *
 * @throws ReplayFileError when file, symbol or start do not fit, in words for the person who named them.
 */
export async function createReplayFeed(options: CreateReplayFeed): Promise<TradableFeed> {
  const { file, symbol, clock, logger } = options;
  const instrument = options.instruments.find((one) => one.symbol === symbol);
  if (instrument === undefined) {
    const known = options.instruments.map((one) => one.symbol).join(', ');
    throw new ReplayFileError(`cannot replay ${symbol}: its steps are not known (known: ${known})`);
  }
  if (options.speed !== 'max' && !(options.speed > 0 && Number.isFinite(options.speed))) {
    throw new ReplayFileError(`speed must be a positive number or max, is ${options.speed}`);
  }
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ReplayFileError(`cannot read ${file}: ${error.message}`);
  });
  const { candles, gaps } = parseFile(file, text, instrument);
  for (const gap of gaps) {
    logger.warn(
      { file, ...gap, from: new Date(gap.from).toISOString() },
      'minutes are missing: replayed as flat bars',
    );
  }
  const path = new ReplayPath(instrument, candles);
  return options.createFeed({
    venue: instrument.venue,
    name: `Replay of ${symbol}`,
    path,
    pace: options.speed,
    startAt: startOf(path, options.from, options.warmUpBars),
    whileDown: 'pauses',
    clock,
    logger,
  });
}

function parseFile(file: string, text: string, instrument: Instrument): RecordedCandles {
  try {
    const recorded = parseCandles(text);
    checkRecording(instrument, recorded.candles, recorded.gaps);
    return recorded;
  } catch (error) {
    throw error instanceof ReplayFileError ? new ReplayFileError(`${file}: ${error.message}`) : error;
  }
}

function startOf(path: ReplayPath, from: number | undefined, warmUpBars = DEFAULT_WARM_UP_BARS): number {
  const start = from ?? path.firstTime + warmUpBars * MINUTE_MS;
  if (start % MINUTE_MS === 0 && start >= path.firstTime && start < path.lastTime) return start;
  const range = `${new Date(path.firstTime).toISOString()} to ${new Date(path.lastTime).toISOString()}`;
  throw new ReplayFileError(`cannot start at ${new Date(start).toISOString()}: the file covers ${range}`);
}
