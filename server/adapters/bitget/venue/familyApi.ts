import type { MarginMode } from '../../../../shared/domain/account.ts';
import type {
  AmendChange,
  PlaceOrder,
  VenueBill,
  VenueCursors,
  VenueFill,
  VenueOrder,
  VenueOrderRef,
  VenuePosition,
} from '../../../ports/venue.ts';
import type { Caller } from '../calls/restCalls.ts';
import type { PrivateSpeech } from '../sockets/privateStream.ts';
import type { AccountSettings, Family, HoldMode, KeyFacts, Wallet } from '../told/accountFacts.ts';
import type { KnownOrders } from './knownOrders.ts';

/** An account as calls of its family need it. */
export interface OpenAccount {
  caller: Caller;
  holdMode: HoldMode;
  /** What its level allows. */
  marginModes: readonly MarginMode[];
  /** Of the symbols that are set up: each order names it. */
  margins: Map<string, MarginMode>;
  known: KnownOrders;
}

/** A stretch of the past: `from` and `to` belong to it. */
export interface Span {
  from: number;
  to: number;
}

/** What one of the two APIs tells of an account, in the port's words. Every method rejects with a BitgetError. */
export interface FamilyReadings {
  key(caller: Caller): Promise<KeyFacts>;
  settings(caller: Caller): Promise<AccountSettings>;
  wallet(account: OpenAccount): Promise<Wallet>;
  positions(account: OpenAccount): Promise<VenuePosition[]>;
  /** Working orders and resting stops. */
  orders(account: OpenAccount): Promise<VenueOrder[]>;
  /** Ended orders and stops of that time, the oldest first. */
  ended(account: OpenAccount, span: Span): Promise<VenueOrder[]>;
  /** Where the newest are. */
  cursors(account: OpenAccount): Promise<VenueCursors>;
  fills(account: OpenAccount, span: Span): Promise<VenueFill[]>;
  bills(account: OpenAccount, span: Span): Promise<VenueBill[]>;
  find(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined>;
}

/** What is asked of an account by one of them. Rejects as readings do; ids are empty where none was told. */
export interface FamilyWrites {
  /** Resolves once the venue shows the settings. */
  configure(account: OpenAccount, symbol: string, leverage: number, marginMode: MarginMode): Promise<void>;
  place(account: OpenAccount, order: PlaceOrder): Promise<string>;
  amend(account: OpenAccount, symbol: string, ref: VenueOrderRef, change: AmendChange): Promise<string>;
  cancel(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<string>;
  close(account: OpenAccount, symbol: string): Promise<string>;
}

export interface FamilyApi {
  readonly family: Family;
  readonly speech: PrivateSpeech;
  readonly readings: FamilyReadings;
  readonly writes: FamilyWrites;
}
