import { z } from 'zod';
import { valuationSchema } from '../domain/account.ts';
import { botLogLineSchema } from '../domain/botNote.ts';
import { marketsNowSchema } from '../domain/instrument.ts';
import { candleSchema, openCandleSchema, quoteSchema } from '../domain/market.ts';
import { wallMs } from '../domain/schemas.ts';
import { viewSchema } from '../view/viewSchema.ts';
import { deviceSchema } from './device.ts';
import { deskFrameSchema } from './frames.ts';

/** Where a desk's log stands: the frame `seq` of `epoch` is the last one. */
export const deskPositionSchema = z.object({
  /** Names the log. Another one: the log was restored from a backup, and nothing known before counts. */
  epoch: z.string(),
  seq: z.number().int().nonnegative(),
});

/** The server runs but can store nothing: entries wait, resting stops stay, views may be stale. */
export const degradationSchema = z.object({
  since: wallMs,
  /** Nobody answers, nobody answers in time, or writes are refused (disk full, read-only). */
  reason: z.enum(['store_unreachable', 'store_silent', 'store_refuses_writes']),
});

/** A fault of the server keeps one desk from being served; the others are. */
export const deskTroubleSchema = z.object({
  since: wallMs,
  /**
   * `desk_stuck`: its decisions fail; it is recovered at least every half minute, and takes exits meanwhile.
   * `desk_halted`: its decisions cannot be stored; it takes nothing until the server is mended, stops at the venue stay.
   */
  reason: z.enum(['desk_stuck', 'desk_halted']),
});

/** The `desk` part of the reply to `subscribe`: what was missed, in order and whole, or the view as it is. */
export const deskJoinSchema = z.discriminatedUnion('recovered', [
  z.object({
    /** Where the desk stands after these frames. */
    at: deskPositionSchema,
    recovered: z.literal(true),
    /** Every frame after `since`, at most 1,000. None: nothing was missed. */
    frames: z.array(deskFrameSchema),
  }),
  z.object({
    /** Where the desk stands with this view. */
    at: deskPositionSchema,
    recovered: z.literal(false),
    snapshot: viewSchema,
    /** Of the view at `at`, in hex: docs/resume.md says how it is computed. */
    hash: z.string(),
  }),
]);

/** A push that belongs to a channel, or to the connection (`session`). `ts`: when it was made. */
const push = <C extends string, K extends string, D extends z.ZodType>(
  ch: z.ZodType<C, C>,
  kind: K,
  summary: string,
  data: D,
) => ({ summary, message: z.object({ ch, kind: z.literal(kind), ts: wallMs, data }) });

const session = z.literal('session');
const ticker = z.templateLiteral(['ticker:', z.string()]);
const markets = z.templateLiteral(['markets:', z.string()]);
const candles = z.templateLiteral(['candles:', z.string()]);
const log = z.templateLiteral(['log:', z.string()]);

/** Every push that is no frame of a desk, as `<channel>/<kind>`. */
export const pushes = {
  'desk/head': {
    summary:
      'Where the log stands, every 10 s. A `seq` beyond yours: you missed frames; subscribe to `desk` again with `since`.',
    message: z.object({
      ch: z.literal('desk'),
      kind: z.literal('head'),
      epoch: z.string(),
      seq: z.number().int().nonnegative(),
    }),
  },
  'pnl/pnl': push(
    z.literal('pnl'),
    'pnl',
    'What your accounts are worth at the current marks: all of them on joining, then the newest of each turn.',
    z.array(valuationSchema),
  ),
  'ticker/ticker': push(
    ticker,
    'ticker',
    'The prices of a market: the latest on joining, then the newest of each turn, or of each `intervalMs`.',
    quoteSchema,
  ),
  'markets/markets': push(
    markets,
    'markets',
    'All instruments of a venue and which of their markets stand still: on joining, and whenever that changes.',
    marketsNowSchema,
  ),
  'candles/history': push(
    candles,
    'history',
    'On joining: the last 300 closed bars, or as many as there are, oldest first. `candle` pushes follow; one of them may repeat the last bar.',
    z.array(candleSchema),
  ),
  'candles/candle': push(
    candles,
    'candle',
    'A bar that grows, or has closed. Replace the one with the same `openTime`. A closed bar is never left out. `volume` is what was traded so far; null only while the bar is open, where the venue does not tell it.',
    openCandleSchema.extend({ closed: z.boolean() }),
  ),
  'log/history': push(
    log,
    'history',
    'On joining: the last 200 lines of a bot, oldest first.',
    z.array(botLogLineSchema),
  ),
  'log/line': push(log, 'line', 'The next line of a bot.', botLogLineSchema),
  'devices/devices': push(
    z.literal('devices'),
    'devices',
    'All devices of the user: on joining, and when something of them changed, at most once a second.',
    z.array(deviceSchema),
  ),
  'session/session.expiring': push(
    session,
    'session.expiring',
    'A minute before your access token ends; of a token that lives no longer than that, right after you authenticate. POST /auth/refresh, then `session.refresh` on this socket; else it is closed with 4001.',
    z.object({ expiresAt: wallMs }),
  ),
  'session/server.restarting': push(
    session,
    'server.restarting',
    'The server ends. Close 1012 follows; connect again after `reconnectAfterMs`, which differs from client to client.',
    z.object({ reconnectAfterMs: z.number().int().nonnegative() }),
  ),
  /** Not part of any desk's sequence, since nothing can be committed; told anew to sockets that open meanwhile. */
  'session/server.degraded': push(
    session,
    'server.degraded',
    'The server can store nothing. Commands are answered `unavailable`, stops at the venue stay, your view may be stale. Told to every socket, and to those that open meanwhile, once it is noticed: when a write fails, or nothing has answered for 5 s. A write is tried with every command and at least every 3 s; an outage that is shorter may never be told.',
    degradationSchema,
  ),
  'session/server.recovered': push(
    session,
    'server.recovered',
    'Over. What happened at the venue meanwhile follows as frames.',
    z.object({ awayMs: z.number().int().nonnegative() }),
  ),
  /** To every socket of the desk's owner; told anew to those that authenticate meanwhile. */
  'session/desk.trouble': push(
    session,
    'desk.trouble',
    'A fault keeps your desk from being served. Exits are still taken while it is `desk_stuck`.',
    deskTroubleSchema,
  ),
  'session/desk.recovered': push(session, 'desk.recovered', 'Over.', z.strictObject({})),
} as const;

export type PushName = keyof typeof pushes;
export const PUSH_NAMES = Object.keys(pushes) as PushName[];
