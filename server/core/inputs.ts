import type { MarginMode } from '../../shared/domain/account.ts';
import type { LatchReason } from '../../shared/domain/accountStatus.ts';
import type { Actor } from '../../shared/domain/actor.ts';
import type { Cause } from '../../shared/domain/cause.ts';
import type { Interval } from '../../shared/domain/market.ts';
import type { PanicRecord } from '../../shared/domain/panic.ts';
import type {
  VenueAccountState,
  VenueAnswer,
  VenueBill,
  VenueCursors,
  VenueFill,
  VenueOrder,
} from '../ports/venue.ts';
import type { Command } from './commands.ts';

/** Everything that can reach a desk: through one inbox, in one order. */
export type Input =
  /** Opens the desk of a new user with a simulated account. */
  | { type: 'OpenDesk'; venue: string; deposit: string }
  | { type: 'Command'; command: Command; commandId: string; expectedVersion: number | null; actor: Actor }
  /**
   * `missed`: it is not the newest, or closed too long ago; manages exits, never entries. `only`: asks these bots again, of
   * which it was not known that they held a position; absent: all.
   */
  | {
      type: 'BarClosed';
      venue: string;
      symbol: string;
      interval: Interval;
      openTime: number;
      missed: boolean;
      only?: readonly string[];
    }
  /** The price moved; the context has it. */
  | { type: 'PriceMoved'; venue: string; symbol: string }
  /** Each second of wall time, for desks with something to watch over. */
  | { type: 'Tick' }
  /** Each second besides, while the desk waits for its recovery: the look after everything may be what fails. */
  | { type: 'StuckTick' }
  | { type: 'OrderAnswered'; orderId: string; action: 'place' | 'cancel' | 'amend'; answer: VenueAnswer }
  /** It was never sent. `late`: its time passed while it waited; `unwanted`: something decided meanwhile spoke against it. */
  | {
      type: 'OrderWithdrawn';
      orderId: string;
      action: 'place' | 'cancel' | 'amend';
      why: 'late' | 'unwanted';
      reason: Cause;
    }
  /** A look-up by our id, not begun before market time `askedAt`, ended; null: the venue does not know it. */
  | {
      type: 'OrderFound';
      orderId: string;
      order: VenueOrder | null;
      askedAt?: number | undefined;
      /** Of the last event that was read from the log: what was noted by then says nothing more. Absent: it counts. */
      loadedSeq?: number;
    }
  /** A look-up of this order got no answer. */
  | { type: 'LookUpFailed'; orderId: string; reason: string }
  | { type: 'AccountOpened'; accountId: string; answer: VenueAnswer }
  | {
      type: 'SymbolAnswered';
      accountId: string;
      symbol: string;
      leverage: number;
      marginMode: MarginMode;
      answer: VenueAnswer;
    }
  /** Of the market that was asked for. `tooShort`: there is not that much history yet; it grows. */
  | {
      type: 'WarmupEnded';
      botId: string;
      symbol: string;
      interval: Interval;
      failure: string | null;
      tooShort: boolean;
    }
  | { type: 'VenueOrderSeen'; accountId: string; order: VenueOrder }
  | { type: 'VenueFillSeen'; accountId: string; fill: VenueFill; ingestedAt: number }
  | { type: 'VenueBillSeen'; accountId: string; bill: VenueBill }
  /** The account as the venue has it, with what happened since our cursor. Read between the two wall times. */
  | {
      type: 'AccountRead';
      accountId: string;
      state: VenueAccountState;
      fills: VenueFill[];
      bills: VenueBill[];
      /** The cursors after which fills and bills were asked for; absent: ours. */
      since?: VenueCursors;
      startedAt: number;
      endedAt: number;
      loadedSeq?: number;
    }
  /** Before the account is read: what `npm run panic` did there. */
  | { type: 'PanicFound'; accountId: string; panic: PanicRecord }
  /** `reason`, here and below: in the words of whoever failed, for traces. */
  | { type: 'AccountUnreadable'; accountId: string; reason: string }
  /** The venue's private stream broke: pushes may be missing. */
  | { type: 'StreamInterrupted'; accountId: string; reason: string }
  /** First input after a process took the desk over. `downMs`: how long nobody had it. */
  | { type: 'Recovered'; downMs: number; latch: LatchReason | null }
  /** First input after a desk at rest was brought back into memory. */
  | { type: 'Woken' };

/** The input of one kind. */
export type InputOf<T extends Input['type']> = Extract<Input, { type: T }>;
