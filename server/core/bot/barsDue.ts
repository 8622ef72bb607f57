import type { Bot } from '../../../shared/domain/bot.ts';
import { INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { Context } from '../context.ts';
import { botPosition, claims, type Desk, hasWorkingEntry } from '../desk.ts';
import type { Input, InputOf } from '../inputs.ts';
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

export type BarClosed = InputOf<'BarClosed'>;
/** One bar, as the bots that follow it are asked about it. */
export type AskedBar = Pick<BarClosed, 'openTime' | 'missed'>;

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
  const key = seriesKey(series);
  const known = given.newest(key);
  const wanted = firstWanted(desk, series, newest);
  // Closed before this process looked: whether it was acted on is not known.
  const isFound = known === undefined && arrived !== newest;
  if (wanted === null && isFound) return [];
  if (isFound) given.find(key, newest);
  const after = Math.max(
    known ?? (wanted === null ? 0 : (desk.barsGiven.get(key) ?? 0)),
    (wanted ?? newest) - length,
  );
  const age = context.marketTime(venue) - (newest + length);
  const isCurrent = !given.wasFound(key, newest) && age <= barCurrentMs(context, venue);
  const due = known === undefined ? [] : barsAgain(desk, given, series, known);
  for (let openTime = after + length; openTime <= newest; openTime += length) {
    const missed = openTime < newest || !isCurrent;
    due.push({ type: 'BarClosed', venue, symbol, interval, openTime, missed });
  }
  const left = due.filter(({ openTime }) => !given.isGivenUp(key, openTime));
  return isHistoryAwaited(desk, given, context, series, left[0]) ? [] : left;
}

/**
 * Bars up to `known` that were given while it was not known yet that a bot held a position: its fill was told later. That
 * bot is asked about them after all.
 */
function barsAgain(desk: Desk, given: GivenBars, series: Series, known: number): BarClosed[] {
  const { venue, symbol, interval } = series;
  const length = INTERVAL_MS[interval];
  const key = seriesKey(series);
  const owners = new Map<number, string[]>();
  for (const bot of desk.bots.values()) {
    const position = seriesKey(bot) === key ? botPosition(desk, bot) : undefined;
    if (position === undefined) continue;
    const upTo = given.askedUpTo(key, positionId(position)) ?? firstBarOf(position, length) - length;
    const from = Math.max(upTo + length, known - (MISSED_BARS_LIMIT - 1) * length);
    for (let openTime = from; openTime <= known; openTime += length)
      owners.set(openTime, [...(owners.get(openTime) ?? []), bot.botId]);
  }
  const bars = [...owners].sort(([one], [other]) => one - other);
  return bars.map(([openTime, only]) => {
    return { type: 'BarClosed', venue, symbol, interval, openTime, missed: true, only };
  });
}

/** One position of all that an account ever had. */
export const positionId = ({ accountId, symbol, openedAt }: Position): string =>
  `${accountId}:${symbol}:${openedAt}`;

/** Open time of the first bar that closed after the position was opened. */
export const firstBarOf = ({ openedAt }: Position, length: number): number =>
  Math.floor(openedAt / length) * length;

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

/** Each series that bots of the desk follow. */
function seriesFollowed(desk: Desk): Iterable<Series> {
  const followed = new Map<string, Series>();
  for (const bot of desk.bots.values()) if (claims(desk, bot)) followed.set(seriesKey(bot), bot);
  return followed.values();
}

/** Open time of the first bar that whoever takes the desk over may have to ask about; null: of none but the next. */
export function firstMissed(desk: Desk, series: Series): number | null {
  const length = INTERVAL_MS[series.interval];
  const key = seriesKey(series);
  const noted = desk.barsGiven.get(key) ?? -length;
  const since = [...desk.bots.values()].flatMap((bot) => {
    if (seriesKey(bot) !== key) return [];
    const position = botPosition(desk, bot);
    if (position !== undefined) return Math.max(firstBarOf(position, length), noted + length);
    // An entry that works may have filled while nobody looked, whatever others were asked meanwhile.
    return hasWorkingEntry(desk, bot) ? (bot.lastBarTime ?? []) : [];
  });
  return since.length === 0 ? null : Math.min(...since);
}

/** Open time of the first bar that says something about a position of the series' bots; null: all are flat. */
function firstWanted(desk: Desk, series: Series, newest: number): number | null {
  const length = INTERVAL_MS[series.interval];
  const opened = heldOn(desk, series).map((position) => firstBarOf(position, length));
  if (opened.length === 0) return null;
  const first = Math.min(...opened);
  // A venue's clock may be ahead.
  return Math.min(newest, Math.max(first, newest - (MISSED_BARS_LIMIT - 1) * length));
}

/** Positions of bots that follow the series, or of those of them that are asked. */
export function heldOn(desk: Desk, series: Series & Pick<BarClosed, 'only'>) {
  const key = seriesKey(series);
  return [...desk.bots.values()].flatMap((bot) => {
    return seriesKey(bot) === key && isAsked(series, bot) ? (botPosition(desk, bot) ?? []) : [];
  });
}

export const isAsked = ({ only }: Pick<BarClosed, 'only'>, { botId }: Bot): boolean =>
  only === undefined || only.includes(botId);

/** The bar was decided on: whoever holds a position was asked about it. */
export function noteAsked(desk: Desk, given: GivenBars, bar: BarClosed, committedSeq: number): void {
  const positions = heldOn(desk, bar).map(positionId);
  const again = bar.only !== undefined;
  given.give(seriesKey(bar), { openTime: bar.openTime, positions, again, seq: desk.seq }, committedSeq);
}

/** Bars decided in a row at most: what else waits has its turn between. */
export const BARS_AT_ONCE = 16;

/** The next bars of a series; where there are more, the last is the word that they are due: it goes to the end of the inbox. */
function nextBars(due: BarClosed[], { venue, symbol, interval }: Series): (Input | BarArrived)[] {
  const rest = due[BARS_AT_ONCE];
  if (rest === undefined) return due;
  const more: BarArrived = { type: 'BarArrived', venue, symbol, interval, openTime: rest.openTime };
  return [...due.slice(0, BARS_AT_ONCE), more];
}

/**
 * What is decided when this comes to its turn, and what is to come back for more. The passing of time also brings bars that
 * nobody announced.
 */
export function inputsNow(
  desk: Desk,
  given: GivenBars,
  context: Context,
  came: Input | BarArrived,
): (Input | BarArrived)[] {
  if (came.type === 'BarArrived') return nextBars(barsDue(desk, given, context, came, came.openTime), came);
  if (came.type !== 'Tick') return [came];
  const bars = [...seriesFollowed(desk)].flatMap((series) =>
    nextBars(barsDue(desk, given, context, series, null), series),
  );
  return [...bars, came];
}
