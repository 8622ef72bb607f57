import { type Decimal, dec, lt, mul } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Candle } from '../../../shared/domain/market.ts';
import { type Gap, ReplayFileError } from './candleCsv.ts';

const DEFAULT_SYMBOL = 'BTCUSDT';
/** Rows from which on their spacing says what interval they are of. */
const ROWS_TO_JUDGE = 5;
/** A price of fewer ticks than this is of another instrument: rounding would change it by a per cent. */
const LEAST_TICKS = dec('100');

/** The file name says which market a recording is of: `BTCUSDT_1m_….csv`. Undefined: it names none. */
export function symbolInName(file: string): string | undefined {
  return /([A-Z0-9]{2,20}USDT)/.exec(file.slice(file.lastIndexOf('/') + 1))?.[1];
}

/** The market to play a recording as. @throws ReplayFileError where its name says another than was asked for. */
export function symbolOf(file: string, asked?: string): string {
  const named = symbolInName(file);
  if (asked !== undefined && named !== undefined && asked !== named)
    throw new ReplayFileError(`${file}: by its name it is of ${named}, not of ${asked}`);
  return asked ?? named ?? DEFAULT_SYMBOL;
}

/** Holds what a file is said to be against what it is. @throws ReplayFileError */
export function checkRecording(
  instrument: Instrument,
  candles: readonly Candle[],
  gaps: readonly Gap[],
): void {
  const made = gaps.reduce((sum, gap) => sum + gap.minutes, 0);
  const rows = candles.length - made;
  if (rows >= ROWS_TO_JUDGE && gaps.length * 2 > rows) {
    const [minutes = 0] = gaps.map((gap) => gap.minutes + 1).sort((a, b) => a - b);
    throw new ReplayFileError(
      `most rows are ${minutes} minutes or more apart: a replay needs 1-minute candles`,
    );
  }
  const { symbol, tickSize } = instrument;
  const coarse = candles.find(({ low }) => lt(low, mul(tickSize, LEAST_TICKS)));
  if (coarse !== undefined) throw new ReplayFileError(tooCoarse(symbol, tickSize, coarse.low));
}

function tooCoarse(symbol: string, tickSize: Decimal, price: Decimal): string {
  return `a price of ${price} is not one of ${symbol}, whose prices are multiples of ${tickSize}: name the market that was recorded`;
}
