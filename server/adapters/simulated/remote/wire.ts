import { z } from 'zod';
import { marginModeSchema } from '../../../../shared/domain/account.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Quote } from '../../../../shared/domain/market.ts';
import {
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
  triggerBySchema,
} from '../../../../shared/domain/order.ts';
import { decimalIn, epochMs } from '../../../../shared/domain/schemas.ts';
import type { ClosedBar } from '../../../ports/marketFeed.ts';
import type { VenueCapabilities, VenuePush } from '../../../ports/venue.ts';

/** The protocol between a venue process and its clients; both sides must speak the same number. */
export const VENUE_PROTOCOL = 1;
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
const venueOrderId = z.string().min(1).max(64);
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
  notAfter: epochMs.nullable(),
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

/** Arguments of every call a client may make. */
export const CALL_ARGUMENTS = {
  openAccount: z.tuple([account, decimalIn]),
  resetAccount: z.tuple([account, decimalIn]),
  configureSymbol: z.tuple([account, symbol, z.number(), marginModeSchema]),
  placeOrder: z.tuple([placeOrder]),
  amendOrder: z.tuple([account, symbol, venueOrderId, change]),
  cancelOrder: z.tuple([account, symbol, venueOrderId]),
  findOrder: z.tuple([account, symbol, z.string().max(64)]),
  readAccount: z.tuple([account]),
  fillsSince: z.tuple([account, z.number().int().nonnegative()]),
  billsSince: z.tuple([account, z.number().int().nonnegative()]),
  ordersSince: z.tuple([account, z.number()]),
  watch: z.tuple([account]),
  history: z.tuple([symbol, z.number(), z.number().int().min(0).max(1_000)]),
} as const;
export type CallName = keyof typeof CALL_ARGUMENTS;
export type CallArguments<N extends CallName> = z.output<(typeof CALL_ARGUMENTS)[N]>;

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
  quotes: Quote[];
}

export type ServerMessage =
  | Welcome
  | { type: 'reply'; id: number; ok: true; result?: unknown }
  /** `retryAfterMs`: refused for its rate. */
  | { type: 'reply'; id: number; ok: false; message: string; retryAfterMs?: number }
  | { type: 'push'; push: VenuePush }
  | { type: 'quotes'; marketTime: number; quotes: Quote[] }
  | { type: 'bar'; bar: ClosedBar }
  | { type: 'gap'; symbol: string; reason: string }
  | { type: 'time'; marketTime: number };
