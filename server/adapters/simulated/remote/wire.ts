import { z } from 'zod';
import { marginModeSchema } from '../../../../shared/domain/account.ts';
import type { Decimal } from '../../../../shared/domain/decimal.ts';
import { type Instrument, instrumentSchema } from '../../../../shared/domain/instrument.ts';
import type { Quote } from '../../../../shared/domain/market.ts';
import {
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
  triggerBySchema,
} from '../../../../shared/domain/order.ts';
import { decimalIn, marketMs } from '../../../../shared/domain/schemas.ts';
import type { ClosedBar } from '../../../ports/marketFeed.ts';
import type { VenueCapabilities, VenuePush } from '../../../ports/venue.ts';

/** The protocol between a venue process and its clients; both sides must speak the same number. */
export const VENUE_PROTOCOL = 5;
/** Largest message either way, bytes: a read of 10,000 fills. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A client that says nothing valid within this is disconnected, wall milliseconds. */
export const HELLO_TIMEOUT_MS = 5_000;
/** The venue tells the time at least this often, wall milliseconds; three times this without a word and it is gone. */
export const HEARTBEAT_MS = 1_000;

export const CLOSE_UNAUTHORISED = 4401;
export const CLOSE_PROTOCOL = 4400;
export const CLOSE_TOO_SLOW = 4408;
export const CLOSE_FULL = 4429;

const symbol = z.string().min(1).max(32);
const orderId = z.string().min(1).max(64).nullable();
const orderRef = z.strictObject({
  kind: z.enum(['order', 'stop']),
  venueOrderId: orderId,
  clientOrderId: orderId,
});
const account = z.strictObject({ accountId: z.string().min(1).max(64) });
const placeOrder = z.strictObject({
  account,
  clientOrderId: z.string().max(64),
  symbol,
  side: sideSchema,
  type: orderTypeSchema,
  size: decimalIn,
  price: decimalIn.nullable(),
  triggerPrice: decimalIn.nullable(),
  triggerBy: triggerBySchema.nullable(),
  timeInForce: timeInForceSchema,
  reduceOnly: z.boolean(),
  attachedStop: z.strictObject({ triggerPrice: decimalIn, triggerBy: triggerBySchema }).nullable(),
  notAfter: marketMs.nullable(),
});
const change = z
  .strictObject({
    price: decimalIn.optional(),
    size: decimalIn.optional(),
    triggerPrice: decimalIn.optional(),
  })
  .transform(({ price, size, triggerPrice }) => ({
    ...(price === undefined ? {} : { price }),
    ...(size === undefined ? {} : { size }),
    ...(triggerPrice === undefined ? {} : { triggerPrice }),
  }));

const instrumentChange = z
  .strictObject({
    status: instrumentSchema.shape.status.optional(),
    tickSize: decimalIn.optional(),
    sizeStep: decimalIn.optional(),
    minSize: decimalIn.optional(),
    minNotional: decimalIn.optional(),
    maxLeverage: z.number().int().positive().optional(),
    maintenanceMarginRate: decimalIn.optional(),
    priceBandRatio: decimalIn.optional(),
  })
  // What is absent stays as it was: nothing may be overwritten with undefined.
  .transform((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));

/** Arguments of every call a client may make; those of `CONTROL_CALLS` only with the token for them. */
export const CALL_ARGUMENTS = {
  openAccount: z.tuple([account, decimalIn]),
  resetAccount: z.tuple([account, decimalIn]),
  configureSymbol: z.tuple([account, symbol, z.number(), marginModeSchema]),
  placeOrder: z.tuple([placeOrder]),
  amendOrder: z.tuple([account, symbol, orderRef, change]),
  cancelOrder: z.tuple([account, symbol, orderRef]),
  closePosition: z.tuple([account, symbol]),
  findOrder: z.tuple([account, symbol, orderRef]),
  readAccount: z.tuple([account]),
  fillsSince: z.tuple([account, z.number().int().nonnegative()]),
  billsSince: z.tuple([account, z.number().int().nonnegative()]),
  ordersSince: z.tuple([account, z.number()]),
  watch: z.tuple([account]),
  history: z.tuple([symbol, z.number(), z.number().int().min(0).max(1_000)]),
  deleverage: z.tuple([account, symbol, decimalIn.nullable()]),
  changeInstrument: z.tuple([symbol, instrumentChange]),
  endInstrument: z.tuple([symbol]),
  movePrice: z.tuple([symbol, decimalIn]),
} as const;
export type CallName = keyof typeof CALL_ARGUMENTS;
export type CallArguments<N extends CallName> = z.output<(typeof CALL_ARGUMENTS)[N]>;

/** What the exchange does of its own accord. */
export const CONTROL_CALLS: ReadonlySet<CallName> = new Set<CallName>([
  'deleverage',
  'changeInstrument',
  'endInstrument',
  'movePrice',
]);

export const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), protocol: z.number(), token: z.string().max(1_024) }),
  z.strictObject({
    type: z.literal('call'),
    id: z.number().int().nonnegative(),
    name: z.enum(Object.keys(CALL_ARGUMENTS) as [CallName, ...CallName[]]),
    args: z.array(z.unknown()).max(8),
    /** Market time after which a write must not take effect any more. */
    deadline: z.number().nullable(),
  }),
]);
export type ClientMessage = z.infer<typeof clientMessageSchema>;

/** A price, and what its minute had traded by then, base coin; null: nobody can tell. */
export interface ToldQuote {
  quote: Quote;
  minuteVolume: Decimal | null;
}

export interface Welcome {
  type: 'welcome';
  protocol: number;
  venue: string;
  feedName: string;
  speed: number;
  capabilities: VenueCapabilities;
  writeWindowMs: number;
  instruments: Instrument[];
  marketTime: number;
  quotes: ToldQuote[];
}

export type ServerMessage =
  | Welcome
  | { type: 'reply'; id: number; ok: true; result?: unknown }
  /** `retryAfterMs`: refused for its rate. */
  | { type: 'reply'; id: number; ok: false; message: string; retryAfterMs?: number }
  | { type: 'push'; push: VenuePush }
  | { type: 'quotes'; marketTime: number; quotes: ToldQuote[] }
  | { type: 'bar'; bar: ClosedBar }
  | { type: 'gap'; symbol: string; reason: string }
  | { type: 'instruments'; instruments: Instrument[] }
  | { type: 'time'; marketTime: number };
