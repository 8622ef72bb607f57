import type { Valuation } from '../domain/account.ts';
import type { MarketsNow } from '../domain/instrument.ts';
import type { Candle, Quote } from '../domain/market.ts';
import type { View } from '../view/view.ts';
import type { Device } from './device.ts';
import type { WireError } from './errors.ts';
import type { DeskFrame } from './frames.ts';

export interface Position {
  epoch: string;
  seq: number;
}

/** The `desk` part of a subscribe reply. Never partial. */
export type DeskJoin =
  | { at: Position; recovered: true; frames: DeskFrame[] }
  | { at: Position; recovered: false; snapshot: View; hash: string };

export type Reply = { id: string; ok: true; result: unknown } | { id: string; ok: false; error: WireError };

export interface HeadFrame {
  ch: 'desk';
  kind: 'head';
  epoch: string;
  seq: number;
}

/** A line of a bot's log. */
export interface BotLogLine {
  ts: number;
  botId: string;
  code: string;
  text: string;
}

/** Why nothing can be stored: nobody answers, nobody answers in time, or writes are refused (disk full, read-only). */
export type DegradationReason = 'store_unreachable' | 'store_silent' | 'store_refuses_writes';

/** The server runs but can store nothing: entries wait, resting stops stay, views may be stale. */
export interface Degradation {
  /** Server time, ms since 1970. */
  since: number;
  reason: DegradationReason;
}

/**
 * A fault of the server keeps one desk from being served; the others are.
 * - `desk_stuck`: its decisions fail; it is recovered at least every half minute, and takes exits meanwhile
 * - `desk_halted`: its decisions cannot be stored; it takes nothing until the server is mended, stops at the venue stay
 */
export interface DeskTrouble {
  /** Server time, ms since 1970. */
  since: number;
  reason: 'desk_stuck' | 'desk_halted';
}

export type Push =
  | DeskFrame
  | HeadFrame
  | { ch: 'pnl'; kind: 'pnl'; ts: number; data: Valuation[] }
  | { ch: `ticker:${string}`; kind: 'ticker'; ts: number; data: Quote }
  | { ch: `markets:${string}`; kind: 'markets'; ts: number; data: MarketsNow }
  | { ch: `candles:${string}`; kind: 'history'; ts: number; data: Candle[] }
  | { ch: `candles:${string}`; kind: 'candle'; ts: number; data: Candle & { closed: boolean } }
  | { ch: `log:${string}`; kind: 'history'; ts: number; data: BotLogLine[] }
  | { ch: `log:${string}`; kind: 'line'; ts: number; data: BotLogLine }
  | { ch: 'devices'; kind: 'devices'; ts: number; data: Device[] }
  | { ch: 'session'; kind: 'session.expiring'; ts: number; data: { expiresAt: number } }
  | { ch: 'session'; kind: 'server.restarting'; ts: number; data: { reconnectAfterMs: number } }
  /** Not part of any desk's sequence, since nothing can be committed; told anew to sockets that open meanwhile. */
  | { ch: 'session'; kind: 'server.degraded'; ts: number; data: Degradation }
  | { ch: 'session'; kind: 'server.recovered'; ts: number; data: { awayMs: number } }
  /** To every socket of the desk's owner; told anew to those that authenticate meanwhile. */
  | { ch: 'session'; kind: 'desk.trouble'; ts: number; data: DeskTrouble }
  | { ch: 'session'; kind: 'desk.recovered'; ts: number; data: Record<string, never> };

export type ServerMessage = Reply | Push;
