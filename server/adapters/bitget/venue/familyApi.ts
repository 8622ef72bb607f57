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

/** One of the two APIs, in the port's words. Every method rejects with a BitgetError. Ids are empty where none was told. */
export interface FamilyApi {
  readonly family: Family;
  readonly speech: PrivateSpeech;
  readKey(caller: Caller): Promise<KeyFacts>;
  readSettings(caller: Caller): Promise<AccountSettings>;
  readWallet(account: OpenAccount): Promise<Wallet>;
  readPositions(account: OpenAccount): Promise<VenuePosition[]>;
  /** Working orders and resting stops. */
  readOrders(account: OpenAccount): Promise<VenueOrder[]>;
  /** Ended orders and stops of that time, the oldest first. */
  readEnded(account: OpenAccount, span: Span): Promise<VenueOrder[]>;
  /** Where the newest are. */
  readCursors(account: OpenAccount): Promise<VenueCursors>;
  readFills(account: OpenAccount, span: Span): Promise<VenueFill[]>;
  readBills(account: OpenAccount, span: Span): Promise<VenueBill[]>;
  findOrder(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined>;
  /** Resolves once the venue shows the settings. */
  configure(account: OpenAccount, symbol: string, leverage: number, marginMode: MarginMode): Promise<void>;
  place(account: OpenAccount, order: PlaceOrder): Promise<string>;
  amend(account: OpenAccount, symbol: string, ref: VenueOrderRef, change: AmendChange): Promise<string>;
  cancel(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<string>;
  close(account: OpenAccount, symbol: string): Promise<string>;
}
