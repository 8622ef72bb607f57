import type { SavedMarketTime } from '../../../ports/tradableFeed.ts';
import type { VenueBill, VenueFill, VenueOrder, VenueOrderRef } from '../../../ports/venue.ts';
import type { SimulatedAccount } from '../account/state.ts';

/** Rows one history read answers at most; the caller goes on from the last one's cursor. */
export const MAX_HISTORY_ROWS = 10_000;

/** What the store remembers of the market that its accounts trade on. */
export interface SavedVenue extends SavedMarketTime {
  /** Id of the price path. */
  pathId: string;
}

export interface OwnedFill {
  accountId: string;
  fill: VenueFill;
}

export interface OwnedBill {
  accountId: string;
  bill: VenueBill;
}

export interface OwnedOrder {
  accountId: string;
  order: VenueOrder;
}

/** Everything that changed since the last batch, written as one. */
export interface VenueBatch {
  venue: SavedVenue;
  accounts: { accountId: string; number: number; state: string }[];
  fills: OwnedFill[];
  bills: OwnedBill[];
  /** Orders that ended, with their last state. */
  orders: OwnedOrder[];
}

export interface LoadedVenue {
  saved: SavedVenue | undefined;
  /** Those with anything open, in the order they were opened. */
  accounts: SimulatedAccount[];
  /** The highest number of any account. */
  lastNumber: number;
}

/** Another process took the store over: nothing more may be written by this one. */
export class VenueStoreLost extends Error {
  override name = 'VenueStoreLost';
}

/** The store takes others, but will never take this batch: something in it cannot be stored. */
export class VenueRowsRefused extends Error {
  override name = 'VenueRowsRefused';
}

/** Where a simulated venue keeps its accounts. One owner at a time. */
export interface VenueStore {
  /** Becomes the owner; throws when another process is and stays it. */
  open(): Promise<LoadedVenue>;
  account(accountId: string): Promise<SimulatedAccount | undefined>;
  /** All or nothing. Writing the same batch again changes nothing, so a lost answer is retried. Throws VenueRowsRefused, VenueStoreLost. */
  commit(batch: VenueBatch): Promise<void>;
  /** Client ids of orders that ended after `ts`, with the time they ended. */
  clientIdsSince(accountId: string, ts: number): Promise<{ clientOrderId: string; ts: number }[]>;
  /** The newest ended order that is meant. */
  endedOrder(accountId: string, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined>;
  endedOrdersSince(accountId: string, ts: number): Promise<VenueOrder[]>;
  /** Rows with a greater cursor, ascending, at most MAX_HISTORY_ROWS. */
  fillsSince(accountId: string, cursor: number): Promise<VenueFill[]>;
  billsSince(accountId: string, cursor: number): Promise<VenueBill[]>;
  close(): Promise<void>;
}
