import { SERIES_BARS } from '../../core/bot/barsDue.ts';

/** Closed bars held per series; older ones are dropped. */
export const HELD_BARS_LIMIT = SERIES_BARS;
/** Bars that chart-only series are filled with at first. */
export const CHART_BARS = 300;
/** Minutes per page of `MarketFeed.history`: the port's own maximum. */
export const HISTORY_PAGE_MINUTES = 1_000;
/** Pages asked of one feed at a time; further ones wait, those of bots and gaps the shortest, those of the past the longest. */
export const HISTORY_CONCURRENCY = 4;
/** Pages of the past among them at a time: the other places are for what is traded by, and for charts of the present. */
export const PAST_PAGES_AT_ONCE = 2;
/** How long a feed may take over one page, ms of elapsed time: one that hangs would keep the place of another for ever. */
export const HISTORY_ANSWER_MS = 10_000;
/** Minutes one series may be filled from: 1,000 bars of one day. More is refused as too short a history. */
export const BACKFILL_MINUTES_LIMIT = 1_450_000;
/** Minutes one `candles` call for the past may read; it answers with fewer bars then. */
export const CANDLES_MINUTES_LIMIT = 100_000;
/** Reads of the past at work at a time per feed, each of another user; further ones wait, users taking turns. */
export const PAST_READS_AT_ONCE = 4;
/** Reads of the past a user, and one connection, may wait for; one more: `rate_limited`. */
export const PAST_READS_PER_USER = 8;
export const PAST_READS_PER_CONNECTION = 4;
/** How long a read of the past may take, ms of elapsed time; then it is `unavailable`. Less than clients wait for a reply. */
export const PAST_READ_MS = 12_000;
/** The least that whoever has too many reads of the past is told to wait, ms. */
export const PAST_RETRY_MIN_MS = 100;
/** Past stretches of bars kept per feed for whoever looks at them again; the longest unused goes first. */
export const PAST_RANGES_LIMIT = 64;
/** Attempts at a history that ends before what the feed already delivered, before `watch` gives up. */
export const WARM_ATTEMPTS = 4;
/** First wait before a gap is asked for again, in wall milliseconds; doubles up to the second. */
export const GAP_RETRY_MS = 500;
export const GAP_RETRY_MAX_MS = 30_000;
/** A longer gap is not delivered minute by minute: series are filled anew and go on with the next bar. */
export const GAP_MINUTES_LIMIT = 1_440;
/** Bars that wait while a gap before them is filled; at the limit the oldest goes (the history brings it again). */
export const PENDING_MINUTES_LIMIT = 1_500;
/** Bars that wait while a series is being filled; at the limit the filling starts again from now. */
export const WARMING_MINUTES_LIMIT = 20_000;
/** Minutes kept per market to recognise duplicates and corrections. */
export const RECENT_MINUTES_LIMIT = 240;
/** Series nobody watches that go on being built, so that watching again is free; the longest unused goes first. */
export const IDLE_SERIES_LIMIT = 64;
/** A quote older than this is not fresh: wall milliseconds, times the feed's speed. */
export const QUOTE_FRESH_MS = 15_000;
/** Simulated and replayed minutes have few prices each: at least this many market milliseconds are fresh. */
export const SIMULATED_QUOTE_FRESH_MS = 90_000;
/** A market without any price for this long stands still, in wall milliseconds; slower feeds are given as much longer. */
export const STANDSTILL_MS = 90_000;
/** The bar under construction is told to charts at most this often, in wall milliseconds. */
export const FORMING_UPDATE_MS = 250;
/** How long a feed may take to tell its instruments, and to start, ms of elapsed time: a server that cannot start says so. */
export const FEED_START_MS = 60_000;
