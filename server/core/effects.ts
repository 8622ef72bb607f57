import type { MarginMode } from '../../shared/domain/account.ts';
import type { BotNote } from '../../shared/domain/botNote.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Interval } from '../../shared/domain/market.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { VenueCursors } from '../ports/venue.ts';

/** Something to do outside, after commit. Each ends in exactly one input, also when it fails. */
export type Effect =
  | { type: 'OpenAccount'; accountId: string; venue: string; deposit: Decimal; reset: boolean }
  | {
      type: 'ConfigureSymbol';
      accountId: string;
      venue: string;
      symbol: string;
      leverage: number;
      marginMode: MarginMode;
    }
  /** `closesPosition`: by the venue's own call for all there is, since an order for so little it would refuse. */
  | { type: 'PlaceOrder'; venue: string; order: Order; closesPosition?: true }
  | { type: 'CancelOrder'; venue: string; order: Order }
  | {
      type: 'AmendOrder';
      venue: string;
      order: Order;
      change: { price?: Decimal; size?: Decimal; triggerPrice?: Decimal };
      /** Not sent past this market time: who asked for it has given it up. */
      notAfter: number | null;
    }
  /** `askedAt`: market time at which it was decided to ask; what runs later is asked later still. */
  | { type: 'FindOrder'; venue: string; order: Order; askedAt?: number | undefined }
  | { type: 'ReadAccount'; accountId: string; venue: string; cursors: VenueCursors }
  /** `bars` to warm up on; where history has them, also those before the bar that opened at `since`. */
  | {
      type: 'WatchBars';
      botId: string;
      venue: string;
      symbol: string;
      interval: Interval;
      bars: number;
      since: number | null;
    }
  /** A line of the bot's log: shown, not stored. */
  | { type: 'Say'; botId: string; said: BotNote };
