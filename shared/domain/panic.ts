import type { Decimal } from './decimal.ts';
import type { Side } from './order.ts';

/** What client order ids of `npm run panic` begin with. No other id of ours does: those are hexadecimal. */
export const PANIC_ORDER_PREFIX = 'panic';
const PANIC_ORDER_ID = /^panic[0-9a-f]{27}$/;

/** By its form alone: whoever forges one freezes entries all the same. */
export function isPanicOrder(clientOrderId: string | null): clientOrderId is string {
  return clientOrderId !== null && PANIC_ORDER_ID.test(clientOrderId);
}

/** A close that `npm run panic` was about to send, or sent. */
export interface PanicClose {
  clientOrderId: string;
  symbol: string;
  side: Side;
  size: Decimal;
  /** Wall time, ms. */
  ts: number;
}

/** What `npm run panic` did to one account, past the server, as its journal tells. */
export interface PanicRecord {
  panicId: string;
  accountId: string;
  startedAt: number;
  closes: PanicClose[];
  /** Null: it has not ended, or was cut off. `residual`: what it could not close, in words. */
  finished: { flat: boolean; residual: string[] } | null;
}
