import { add, type Decimal, max, min, mulDiv, ONE, ZERO } from '../../../../shared/domain/decimal.ts';
import { INTERVAL_MS } from '../../../../shared/domain/market.ts';
import type { Exchange } from './exchange.ts';

const MINUTE_MS = INTERVAL_MS['1m'];
const HOUR_MS = 60 * MINUTE_MS;
/** Of longer bars so many minutes are looked at, evenly spread: their extremes are about right. */
const MOST_MINUTES = 60;

/** Lengths by the names of both families. */
export const CANDLE_MS: Readonly<Record<string, number>> = {
  '1m': MINUTE_MS,
  '3m': 3 * MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '30m': 30 * MINUTE_MS,
  '1H': HOUR_MS,
  '2H': 2 * HOUR_MS,
  '4H': 4 * HOUR_MS,
  '6H': 6 * HOUR_MS,
  '12H': 12 * HOUR_MS,
  '1D': 24 * HOUR_MS,
};

/** Start, open, high, low, close, volume in the base coin and in the quote coin. */
export type CandleRow = [string, string, string, string, string, string, string];

export interface CandleQuery {
  symbol: string;
  lengthMs: number;
  /** The first moment that is asked for, and the one before which bars have to start. */
  start: number | undefined;
  end: number | undefined;
  limit: number;
  /** Whether the bar that is not over yet is shown. */
  withOpen: boolean;
}

/** Bars, oldest first: the newest of those that were asked for. */
export function candleRows(exchange: Exchange, query: CandleQuery): CandleRow[] {
  const { symbol, lengthMs, limit } = query;
  const now = exchange.now();
  const running = Math.floor(now / lengthMs) * lengthMs;
  const newest = query.withOpen ? running : running - lengthMs;
  const wanted = query.end === undefined ? newest : Math.ceil(query.end / lengthMs - 1) * lengthMs;
  const last = Math.min(newest, wanted);
  const first = Math.max(last - (limit - 1) * lengthMs, Math.ceil((query.start ?? 0) / lengthMs) * lengthMs);
  const rows: CandleRow[] = [];
  for (let openTime = first; openTime <= last; openTime += lengthMs)
    rows.push(rowAt(exchange, symbol, openTime, lengthMs));
  return rows;
}

export function rowAt(exchange: Exchange, symbol: string, openTime: number, lengthMs: number): CandleRow {
  const now = exchange.now();
  const minutes = Math.max(1, Math.round(lengthMs / MINUTE_MS));
  const every = Math.max(1, Math.floor(minutes / MOST_MINUTES)) * MINUTE_MS;
  let row: { open: Decimal; high: Decimal; low: Decimal; close: Decimal; volume: Decimal } | undefined;
  for (let at = openTime; at < openTime + lengthMs && at <= now; at += every) {
    const { open, high, low, close, volume } = exchange.prices.minute(symbol, at, now);
    const scaled = mulDiv(volume, String(every / MINUTE_MS) as Decimal, ONE);
    row = {
      open: row?.open ?? open,
      high: max(row?.high ?? high, high),
      low: min(row?.low ?? low, low),
      close,
      volume: add(row?.volume ?? ZERO, scaled),
    };
  }
  if (row === undefined) throw new RangeError(`no bar at ${openTime}`);
  const quote = mulDiv(row.volume, row.close, ONE, 4);
  return [String(openTime), row.open, row.high, row.low, row.close, row.volume, quote];
}

/** What a ticker tells of the last day. */
export interface DayStats {
  open: Decimal;
  high: Decimal;
  low: Decimal;
  volume: Decimal;
  turnover: Decimal;
}

/** Of each exchange and symbol, what a minute's first look found: the last price alone is newer. */
const looked = new WeakMap<Exchange, Map<string, { minute: number; stats: DayStats }>>();

export function dayStats(exchange: Exchange, symbol: string): DayStats {
  const known = looked.get(exchange) ?? new Map<string, { minute: number; stats: DayStats }>();
  looked.set(exchange, known);
  const minute = Math.floor(exchange.now() / MINUTE_MS);
  const { last } = exchange.prices.quoteAt(symbol, exchange.now());
  const of = known.get(symbol);
  const stats = of?.minute === minute ? of.stats : lookAtDay(exchange, symbol);
  known.set(symbol, { minute, stats });
  return { ...stats, high: max(stats.high, last), low: min(stats.low, last) };
}

function lookAtDay(exchange: Exchange, symbol: string): DayStats {
  const hour = Math.floor(exchange.now() / HOUR_MS) * HOUR_MS;
  const { last } = exchange.prices.quoteAt(symbol, exchange.now());
  const prices = Array.from(
    { length: 24 },
    (_, back) => exchange.prices.quoteAt(symbol, hour - back * HOUR_MS).last,
  );
  const { volume } = exchange.prices.minute(symbol, hour, exchange.now());
  const traded = mulDiv(volume, '1440' as Decimal, ONE);
  return {
    open: prices.at(-1) ?? last,
    high: prices.reduce(max, last),
    low: prices.reduce(min, last),
    volume: traded,
    turnover: mulDiv(traded, last, ONE, 6),
  };
}
