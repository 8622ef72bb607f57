import { z } from 'zod';
import { sideSchema } from './order.ts';
import { decimalOut, marketMs, wallMs } from './schemas.ts';

/** One execution, as the venue reported it. The truth that positions and balances are sums of. */
export const fillSchema = z.object({
  /** The venue's id of the execution; unique per account. */
  fillId: z.string(),
  orderId: z.string().nullable(),
  venueOrderId: z.string(),
  accountId: z.string(),
  botId: z.string().nullable(),
  symbol: z.string(),
  side: sideSchema,
  price: decimalOut,
  size: decimalOut,
  /** Positive = paid. In the settlement coin. */
  fee: decimalOut,
  /** Paid in another coin, positive = paid: it changes neither the settlement balance nor any result. Absent: it was not. */
  otherFee: z.object({ coin: z.string(), amount: decimalOut }).optional(),
  /** Realised by this fill, before fees. In the settlement coin. */
  realisedPnl: decimalOut,
  liquidity: z.enum(['maker', 'taker']),
  /**
   * Why the venue traded: an order, a triggered stop or take-profit, a liquidation, auto-deleveraging, the end of a symbol. Where
   * it does not say, what its order was for, else `order`.
   */
  source: z.enum(['order', 'stop', 'take_profit', 'liquidation', 'adl', 'settlement']),
  /** Market time at the venue. */
  ts: marketMs,
  /** Wall time at which our process first saw it. */
  ingestedAt: wallMs,
});
export type Fill = z.infer<typeof fillSchema>;

/** A round trip: flat → exposure → flat. `netPnl` = realised − fees + funding. */
export const tradeSchema = z.object({
  tradeId: z.string(),
  accountId: z.string(),
  botId: z.string().nullable(),
  symbol: z.string(),
  direction: z.enum(['long', 'short']),
  /** Largest size held. */
  size: decimalOut,
  entryPrice: decimalOut,
  exitPrice: decimalOut,
  realisedPnl: decimalOut,
  fees: decimalOut,
  funding: decimalOut,
  netPnl: decimalOut,
  openedAt: marketMs,
  closedAt: marketMs,
  /** Market ms in which its position wanted a stop and none was known to rest. Absent in trades of older servers. */
  unprotectedMs: z.number().int().nonnegative().optional(),
  /**
   * What closed it: its stop, a target, its strategy, its owner, a stop of its bot, an emergency stop, `npm run panic`, a
   * limit, the delisting of its symbol, its longest hold, that no stop could be had; the venue by rules of its own; or something else with the same keys.
   */
  exit: z.enum([
    'stop',
    'take_profit',
    'signal',
    'manual',
    'bot_stop',
    'emergency',
    'panic',
    'limit',
    'delisting',
    'time',
    'stop_failed',
    'liquidation',
    'adl',
    'settlement',
    'foreign',
  ]),
});
export type Trade = z.infer<typeof tradeSchema>;
