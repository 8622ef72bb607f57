import type { Bot } from '../../../shared/domain/bot.ts';
import { INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import type { Context } from '../context.ts';
import { botPosition, claims, type Desk, hasWorkingEntry } from '../desk.ts';
import type { Input } from '../inputs.ts';
import type { GivenBars } from './givenBars.ts';
import { paramsOf } from './paramsOf.ts';

/** The bars that all bots of a desk on one market and interval share. */
export interface Series {
  venue: string;
  symbol: string;
  interval: Interval;
}

/** The market's word that a bar closed: what is given to the bots follows from it when its turn comes. */
export interface BarArrived extends Series {
  type: 'BarArrived';
  openTime: number;
}

export type BarClosed = Extract<Input, { type: 'BarClosed' }>;

/** Closed bars that are held of a series at most. */
export const SERIES_BARS = 1_200;
/** Missed bars that are looked at at most, the newest; no strategy needs more than 1,000 before each. */
const MISSED_BARS_LIMIT = 1_000;

/** A bar may be entered on for this long after it closed: wall ms, times the speed of the market… */
const BAR_CURRENT_WALL_MS = 1_500;
/** … and at least market ms: a venue takes seconds to tell it. */
const BAR_CURRENT_MARKET_MS = 15_000;

/** How long bars of an open position wait for the history before them; then they are asked about with what there is, wall ms. */
const HISTORY_PATIENCE_MS = 60_000;

/** In market ms. */
export function barCurrentMs(context: Context, venue: string): number {
  const facts = context.venue(venue);
  const speed = facts === undefined || facts.lockStep ? 1 : facts.speed;
  return Math.max(BAR_CURRENT_MARKET_MS, BAR_CURRENT_WALL_MS * speed);
}

export const seriesKey = ({ venue, symbol, interval }: Series): string => `${venue}.${symbol}.${interval}`;

/**
 * The bars that the bots of a desk are to be given now, oldest first: all since the last one they were given, each once,
 * whichever of them were announced. Only the newest, and only soon after it closed, may be entered on; a flat bot has no
 * use for the others. None while a minute is missing: they are due once it is there.
 */
export function barsDue(
  desk: Desk,
  given: GivenBars,
  context: Context,
  series: Series,
  arrived: number | null,
): BarClosed[] {
  const { venue, symbol, interval } = series;
  const length = INTERVAL_MS[interval];
  const newest = context.series(venue, symbol, interval, 1)?.openTime[0];
  if (newest === undefined) return [];
  const known = given.newest(seriesKey(series));
  const wanted = firstWanted(desk, series, newest);
  // Closed before this process looked: whether it was acted on is not known.
  const isOurs = known !== undefined || arrived === newest;
  if (wanted === null && !isOurs) return [];
  const after = Math.max(
    known ?? (wanted === null ? 0 : (desk.barsGiven.get(seriesKey(series)) ?? 0)),
    (wanted ?? newest) - length,
  );
  const age = context.marketTime(venue) - (newest + length);
  const isCurrent = isOurs && age <= barCurrentMs(context, venue);
  const due: BarClosed[] = [];
  for (let openTime = after + length; openTime <= newest; openTime += length) {
    const missed = openTime < newest || !isCurrent;
    due.push({ type: 'BarClosed', venue, symbol, interval, openTime, missed });
  }
  return isHistoryAwaited(desk, given, context, series, due[0]) ? [] : due;
}

/**
 * Whether the bars before `first` that bots with a position need are not held yet, though the newest is: somebody else had a
 * few bars of the series built. What could not be judged now would never be asked again.
 */
function isHistoryAwaited(
  desk: Desk,
  given: GivenBars,
  context: Context,
  series: Series,
  first: BarClosed | undefined,
): boolean {
  if (first === undefined) return false;
  const { venue, symbol, interval } = series;
  const key = seriesKey(series);
  for (const bot of desk.bots.values()) {
    if (seriesKey(bot) !== key || botPosition(desk, bot) === undefined) continue;
    if (context.series(venue, symbol, interval, barsNeeded(context, bot), first.openTime) === undefined)
      return given.waits(key, context.wallTime, HISTORY_PATIENCE_MS);
  }
  given.waitsNoMore(key);
  return false;
}

/** Bars that the bot's strategy looks at; 1 where that is not known. */
export function barsNeeded(context: Context, bot: Bot): number {
  const strategy = context.strategy(bot.strategy);
  const params = strategy && paramsOf(strategy, bot);
  return strategy === undefined || params === undefined ? 1 : strategy.warmupBars(params.data);
}

/** Of every series that bots of the desk follow. */
function allBarsDue(desk: Desk, given: GivenBars, context: Context): BarClosed[] {
  const followed = new Map<string, Series>();
  for (const bot of desk.bots.values()) if (claims(desk, bot)) followed.set(seriesKey(bot), bot);
  return [...followed.values()].flatMap((series) => barsDue(desk, given, context, series, null));
}

/** Open time of the first bar that whoever takes the desk over may have to ask about; null: of none but the next. */
export function firstMissed(desk: Desk, series: Series): number | null {
  const length = INTERVAL_MS[series.interval];
  const key = seriesKey(series);
  const since = [...desk.bots.values()].flatMap((bot) => {
    if (seriesKey(bot) !== key) return [];
    // An entry that works may have filled while nobody looked.
    const entered = hasWorkingEntry(desk, bot) ? bot.lastBarTime : null;
    return botPosition(desk, bot)?.openedAt ?? entered ?? [];
  });
  if (since.length === 0) return null;
  return Math.max(
    Math.floor(Math.min(...since) / length) * length,
    (desk.barsGiven.get(key) ?? -length) + length,
  );
}

/** Open time of the first bar that says something about a position of the series' bots; null: all are flat. */
function firstWanted(desk: Desk, series: Series, newest: number): number | null {
  const opened = heldOn(desk, series).map(({ openedAt }) => openedAt);
  if (opened.length === 0) return null;
  const length = INTERVAL_MS[series.interval];
  const first = Math.floor(Math.min(...opened) / length) * length;
  // A venue's clock may be ahead.
  return Math.min(newest, Math.max(first, newest - (MISSED_BARS_LIMIT - 1) * length));
}

/** Positions of bots that follow the series. */
export function heldOn(desk: Desk, series: Series) {
  const key = seriesKey(series);
  return [...desk.bots.values()].flatMap((bot) => {
    return seriesKey(bot) === key ? (botPosition(desk, bot) ?? []) : [];
  });
}

/** What is decided when this comes to its turn. The passing of time also brings bars that nobody announced. */
export function inputsNow(desk: Desk, given: GivenBars, context: Context, came: Input | BarArrived): Input[] {
  if (came.type === 'BarArrived') return barsDue(desk, given, context, came, came.openTime);
  if (came.type === 'Tick') return [...allBarsDue(desk, given, context), came];
  return [came];
}
