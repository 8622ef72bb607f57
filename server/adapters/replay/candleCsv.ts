import {
  type Decimal,
  gt,
  isNegative,
  isPositive,
  lt,
  parseDecimal,
} from '../../../shared/domain/decimal.ts';
import type { Candle } from '../../../shared/domain/market.ts';
import { INTERVAL_MS } from '../../../shared/domain/market.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
const COLUMNS = ['open_time', 'open', 'high', 'low', 'close', 'volume'] as const;
/** Rows a file may have: ten years of minutes. */
export const MAX_ROWS = 5_500_000;
/** Minutes that may be missing in one place: beyond it the file is two recordings, not one. */
export const MAX_GAP_MINUTES = 24 * 60;
const TIME_PATTERN = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.0+)?(?:\+00:00|Z)$/;

/** A file that is not what a replay needs, in words that name the line and the column. */
export class ReplayFileError extends Error {
  override name = 'ReplayFileError';
}

/** Minutes that the file left out and that were made flat. */
export interface Gap {
  /** Open time of the first missing minute. */
  from: number;
  minutes: number;
  /** Line of the row after it. */
  line: number;
}

export interface RecordedCandles {
  /** One per minute without holes, oldest first. */
  candles: Candle[];
  gaps: Gap[];
}

/**
 * Reads recorded 1-minute candles: a header `open_time,open,high,low,close,volume`, then ascending rows with UTC times.
 * Missing minutes become flat bars at the last close.
 *
 * @throws ReplayFileError on the first thing that is wrong.
 */
export function parseCandles(text: string): RecordedCandles {
  const lines = text.split(/\r?\n/);
  const header = lines[0]?.replace(/^\uFEFF/, '').trim();
  if (header !== COLUMNS.join(',')) {
    throw new ReplayFileError(
      `line 1: expected the header ${COLUMNS.join(',')}, found ${JSON.stringify(header ?? '')}`,
    );
  }
  const candles: Candle[] = [];
  const gaps: Gap[] = [];
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index];
    if (line === undefined || line === '') continue;
    const candle = parseRow(line, index + 1);
    const previous = candles.at(-1);
    if (previous !== undefined) fillGap(candles, gaps, previous, candle, index + 1);
    candles.push(candle);
    if (candles.length > MAX_ROWS)
      throw new ReplayFileError(`line ${index + 1}: more than ${MAX_ROWS} minutes`);
  }
  if (candles.length === 0) throw new ReplayFileError('no candles after the header');
  return { candles, gaps };
}

function fillGap(candles: Candle[], gaps: Gap[], previous: Candle, next: Candle, line: number): void {
  const from = previous.openTime + MINUTE_MS;
  if (next.openTime < from) {
    throw new ReplayFileError(`line ${line}, column open_time: not after the row before it`);
  }
  const minutes = (next.openTime - from) / MINUTE_MS;
  if (minutes === 0) return;
  if (minutes > MAX_GAP_MINUTES) {
    throw new ReplayFileError(`line ${line}, column open_time: ${minutes} minutes are missing before it`);
  }
  gaps.push({ from, minutes, line });
  for (let openTime = from; openTime < next.openTime; openTime += MINUTE_MS) {
    candles.push(flatCandle(openTime, previous.close));
  }
}

const flatCandle = (openTime: number, price: Decimal): Candle => ({
  openTime,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: '0' as Decimal,
});

const EXPONENT_PATTERN = /^(\d+)(?:\.(\d+))?e([+-]?\d{1,2})$/i;

/** Tools that write floats write tiny volumes as `9e-05`: the same number in plain notation, digit by digit. */
function plainNotation(cell: string): string {
  const match = EXPONENT_PATTERN.exec(cell);
  if (match === null) return cell;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point >= digits.length) return digits.padEnd(point, '0');
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), '0');
  const at = Math.max(1, point);
  return `${padded.slice(0, at)}.${padded.slice(at)}`;
}

function parseRow(text: string, line: number): Candle {
  const cells = text.split(',');
  if (cells.length !== COLUMNS.length) {
    throw new ReplayFileError(`line ${line}: expected ${COLUMNS.length} columns, found ${cells.length}`);
  }
  const fail = (column: string, why: string): never => {
    throw new ReplayFileError(`line ${line}, column ${column}: ${why}`);
  };
  const number = (column: number): Decimal => {
    const name = COLUMNS[column] ?? '';
    const cell = cells[column] ?? '';
    const value =
      parseDecimal(name === 'volume' ? plainNotation(cell) : cell) ??
      fail(name, `not a decimal number: ${JSON.stringify(cell)}`);
    if (name === 'volume' ? isNegative(value) : !isPositive(value))
      fail(name, `must be positive, is ${value}`);
    return value;
  };
  const match =
    TIME_PATTERN.exec(cells[0] ?? '') ?? fail('open_time', `not a UTC time: ${JSON.stringify(cells[0])}`);
  const openTime = Date.parse(`${match[1]}T${match[2]}Z`);
  if (!Number.isFinite(openTime)) fail('open_time', `no such time: ${cells[0]}`);
  if (openTime % MINUTE_MS !== 0) fail('open_time', 'not the start of a minute');
  const [open, high, low, close, volume] = [number(1), number(2), number(3), number(4), number(5)];
  if (lt(high, open) || lt(high, close)) fail('high', `${high} is below open or close`);
  if (gt(low, open) || gt(low, close)) fail('low', `${low} is above open or close`);
  return { openTime, open, high, low, close, volume };
}
