import { z } from 'zod';
import { decimalOut, wallMs } from './schemas.ts';
import { symbolSchema } from './symbol.ts';

/** One perpetual future at one venue. Sizes are in the base coin, prices and notionals in the quote coin. */
export const instrumentSchema = z.object({
  venue: z.string(),
  symbol: symbolSchema,
  baseCoin: z.string(),
  quoteCoin: z.string(),
  /** `close_only`, `ended`: entries are refused, exits accepted; `ended`: its market is over and its price stands still. */
  status: z.enum(['trading', 'close_only', 'halted', 'ended']),
  /** Prices are multiples of this. */
  tickSize: decimalOut,
  /** Sizes are multiples of this. */
  sizeStep: decimalOut,
  minSize: decimalOut,
  maxLimitSize: decimalOut,
  maxMarketSize: decimalOut,
  /** Smallest price × size of an order that adds exposure. */
  minNotional: decimalOut,
  maxLeverage: z.number().int().positive(),
  /** Fraction of notional; positive = paid. */
  makerFeeRate: decimalOut,
  /** Fraction of notional; positive = paid. */
  takerFeeRate: decimalOut,
  /** Fraction of notional below which margin the venue liquidates. */
  maintenanceMarginRate: decimalOut,
  /** Largest distance of a limit price from the mark, as a fraction of the mark. */
  priceBandRatio: decimalOut,
  /** True: nothing here is real money or a real market. */
  simulated: z.boolean(),
});
export type Instrument = z.infer<typeof instrumentSchema>;

/** A market that is not over and has had no price for long. */
const standstillSchema = z.object({
  symbol: z.string(),
  /** When its last price came, or when it was first looked for. */
  since: wallMs,
});

/** The markets of a venue as they are now. */
export const marketsNowSchema = z.object({
  instruments: z.array(instrumentSchema),
  standstills: z.array(standstillSchema),
});
export type MarketsNow = z.infer<typeof marketsNowSchema>;
