import type { Valuation } from '../../shared/domain/account.ts';
import type { Actor } from '../../shared/domain/actor.ts';
import type { BotLogLine } from '../../shared/domain/botNote.ts';
import type { MarketsNow } from '../../shared/domain/instrument.ts';
import type { Candle, Interval, OpenCandle, Quote } from '../../shared/domain/market.ts';
import type { WireError } from '../../shared/protocol/errors.ts';
import type { DeskFrame } from '../../shared/protocol/frames.ts';
import type { CommandName, OpArgs, OpName, OpResult } from '../../shared/protocol/ops.ts';
import type { View } from '../../shared/view/view.ts';

export interface CommandEnvelope {
  op: CommandName;
  /** Parsed by the op's schema. */
  args: unknown;
  commandId: string;
  expectedVersion: number | null;
  validUntil: number | null;
  actor: Actor;
  /** Server wall time of arrival. */
  receivedAt: number;
}

/** `accounts.setKeys`, parsed. Its keys go to AccountKeys and no further. */
export interface SetKeysEnvelope extends Omit<CommandEnvelope, 'op' | 'args'> {
  args: OpArgs<'accounts.setKeys'>;
}

export type CommandReply = { ok: true; result: unknown } | { ok: false; error: WireError };

/** How the gateway reaches desks: it knows neither core nor engine. */
export interface DeskCommands {
  /** Makes sure the user has a desk (a new user's is opened with a simulated account); resolves once durable. */
  open(deskId: string): Promise<void>;
  /**
   * A device of this user is connected: the desk stays in memory, for a while after this was said last. Resolves when it is
   * as it would be had it never left; at once where desks are not served now.
   */
  attend(deskId: string): Promise<void>;
  /** Resolves after commit. Never throws; a repeated command id gets the first reply. */
  execute(deskId: string, command: CommandEnvelope): Promise<CommandReply>;
}

/** What sets keys of accounts and takes them away. Resolves after commit, never throws; a repeated id gets the first reply. */
export interface AccountKeys {
  set(deskId: string, request: SetKeysEnvelope): Promise<CommandReply>;
  /** `accounts.removeKeys`, or `accounts.remove`, which leaves no keys behind either. */
  remove(deskId: string, command: CommandEnvelope): Promise<CommandReply>;
}

/** What an administrator asks, of one user's desk or of all. */
export interface AdminEnvelope {
  op: Extract<OpName, `admin.${string}`>;
  /** Parsed by the op's schema. */
  args: { userId?: string | undefined; all?: true | undefined; preview?: boolean };
  /** Empty for previews. */
  commandId: string;
  actor: Actor;
  /** Server wall time of arrival. */
  receivedAt: number;
}

/** Desks of others, for administrators: whoever calls has checked the role. */
export interface AdminDesks {
  /** Resolves when every desk has committed or refused, with what became of each. A repeated id gets the first reply. */
  execute(request: AdminEnvelope): Promise<CommandReply>;
}
export interface DeskQueries {
  query(
    deskId: string,
    op: 'account.get',
    args: OpArgs<'account.get'>,
  ): Promise<OpResult<'account.get'> | WireError>;
  accountTest(deskId: string, accountId: string): Promise<OpResult<'accounts.test'> | WireError>;
  previewOrder(deskId: string, args: OpArgs<'orders.submit'>): Promise<OpResult<'orders.submit'> | WireError>;
  previewEmergency(
    deskId: string,
    args: OpArgs<'emergency.stop'>,
  ): Promise<OpResult<'emergency.stop'> | WireError>;
  strategies(): OpResult<'strategies.list'>;
  venues(): OpResult<'venues.list'>;
  valuations(deskId: string): Valuation[];
  /** The last lines of a bot's log, oldest first. */
  botLog(deskId: string, botId: string): BotLogLine[];
}

/** Frames and views of a desk, straight from the log: needs no engine, so any process can serve any desk. */
export interface DeskHistory {
  epoch(): Promise<string>;
  heads(deskIds: string[]): Promise<Map<string, number>>;
  /** Frames with seq > `after`, ascending, at most `limit`. */
  framesAfter(deskId: string, after: number, limit: number): Promise<DeskFrame[]>;
  /** The latest stored view with its seq; the caller folds the frames after it. */
  baseView(deskId: string): Promise<{ seq: number; view: View }>;
}

/** For whom bars of the past are read. */
export interface Asker {
  userId: string;
  /** The same object for all requests of a connection. */
  connection: object;
  /** Aborted when the connection is gone. */
  gone: AbortSignal;
}

/** Market data for channels and market ops, whichever venue. */
export interface MarketData {
  onQuote(handler: (quote: Quote) => void): void;
  onCandle(
    handler: (update: {
      venue: string;
      symbol: string;
      interval: Interval;
      candle: OpenCandle;
      closed: boolean;
    }) => void,
  ): void;
  /** Builds bars of this interval from now on (idempotent). */
  watchCandles(venue: string, symbol: string, interval: Interval): void;
  latestQuote(venue: string, symbol: string): Quote | undefined;
  /** Of every venue, by its own clock. */
  marketTimes(): Record<string, number>;
  /**
   * Closed bars. `asker`: null for a channel of live bars, which goes before all who look at the past. Rejects with
   * RefusedRead when `asker` waits for too much of the past already, when reading takes too long, or once it is gone.
   */
  candles(page: OpArgs<'market.candles'>, asker: Asker | null): Promise<Candle[]>;
  /** The bar that is open, as it is so far; null: no price came since it opened, or its beginning is not known. As `candles`. */
  openCandle(
    venue: string,
    symbol: string,
    interval: Interval,
    asker: Asker | null,
  ): Promise<OpenCandle | null>;
  instruments(venue: string): Promise<OpResult<'market.instruments'> | undefined>;
  /** As they are now, those that stand still by this server's own clock; undefined: no such venue. */
  marketsNow(venue: string): MarketsNow | undefined;
  /** Told when instruments of a venue changed. */
  onInstruments(handler: (venue: string) => void): void;
  hasMarket(venue: string, symbol: string): boolean;
}
