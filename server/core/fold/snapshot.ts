import type { Book, Limits } from '../../../shared/domain/account.ts';
import { type AccountState, type Booked, type Desk, type HeldFill, type Noted, newDesk } from '../desk.ts';

/** Bumped when the shape below changes; an older snapshot is then ignored and the log replayed from the start. */
export const SNAPSHOT_VERSION = 10;

type Entries<T> = [string, T][];
interface AccountSnapshot extends Omit<AccountState, AccountMaps> {
  seenFills: Entries<Booked>;
  seenBills: Entries<Booked>;
  held: Entries<HeldFill>;
  noted: Entries<Noted>;
  cooldowns: Entries<number>;
  configured: Entries<AccountState['configured'] extends Map<string, infer V> ? V : never>;
}
interface DeskSnapshot extends Omit<Desk, SnapshotMaps> {
  workingOrderIds: string[];
  outlived: string[];
  accounts: AccountSnapshot[];
  bookLimits: Entries<Desk['bookLimits'] extends Map<string, infer V> ? V : never>;
  bots: Entries<Desk['bots'] extends Map<string, infer V> ? V : never>;
  orders: Entries<Desk['orders'] extends Map<string, infer V> ? V : never>;
  positions: Entries<Desk['positions'] extends Map<string, infer V> ? V : never>;
  alerts: Entries<Desk['alerts'] extends Map<string, infer V> ? V : never>;
  emergencies: Entries<Desk['emergencies'] extends Map<string, infer V> ? V : never>;
  exitFailures: Entries<Desk['exitFailures'] extends Map<string, infer V> ? V : never>;
  barsGiven: Entries<number>;
  stopSince: Entries<number>;
  stopShortSince: Entries<number>;
}
type AccountMaps = 'seenFills' | 'seenBills' | 'held' | 'noted' | 'configured' | 'cooldowns';
type SnapshotMaps =
  | 'workingOrderIds'
  | 'outlived'
  | 'accounts'
  | 'bookLimits'
  | 'bots'
  | 'orders'
  | 'positions'
  | 'alerts'
  | 'emergencies'
  | 'exitFailures'
  | 'barsGiven'
  | 'stopSince'
  | 'stopShortSince';

/** The desk as JSON text, maps in their order: equal desks give equal text. */
export function serializeDesk(desk: Desk): string {
  const snapshot: DeskSnapshot = {
    ...desk,
    accounts: [...desk.accounts.values()].map((state) => ({
      ...state,
      seenFills: [...state.seenFills],
      seenBills: [...state.seenBills],
      held: [...state.held],
      noted: [...state.noted],
      configured: [...state.configured],
      cooldowns: [...state.cooldowns],
    })),
    bookLimits: [...desk.bookLimits],
    workingOrderIds: [...desk.workingOrderIds],
    outlived: [...desk.outlived],
    bots: [...desk.bots],
    orders: [...desk.orders],
    positions: [...desk.positions],
    alerts: [...desk.alerts],
    emergencies: [...desk.emergencies],
    exitFailures: [...desk.exitFailures],
    barsGiven: [...desk.barsGiven],
    stopSince: [...desk.stopSince],
    stopShortSince: [...desk.stopShortSince],
  };
  return JSON.stringify(snapshot);
}

export function deserializeDesk(text: string): Desk {
  // Written by serializeDesk under the same SNAPSHOT_VERSION.
  const snapshot = JSON.parse(text) as DeskSnapshot;
  return {
    ...newDesk(snapshot.deskId),
    ...snapshot,
    accounts: new Map(
      snapshot.accounts.map((state) => [
        state.account.accountId,
        {
          ...state,
          seenFills: new Map(state.seenFills),
          seenBills: new Map(state.seenBills),
          held: new Map(state.held),
          noted: new Map(state.noted),
          configured: new Map(state.configured),
          cooldowns: new Map(state.cooldowns),
        },
      ]),
    ),
    bookLimits: new Map(snapshot.bookLimits as [Book, Limits][]),
    workingOrderIds: new Set(snapshot.workingOrderIds),
    outlived: new Set(snapshot.outlived),
    bots: new Map(snapshot.bots),
    orders: new Map(snapshot.orders),
    positions: new Map(snapshot.positions),
    alerts: new Map(snapshot.alerts),
    emergencies: new Map(snapshot.emergencies),
    exitFailures: new Map(snapshot.exitFailures),
    barsGiven: new Map(snapshot.barsGiven),
    stopSince: new Map(snapshot.stopSince),
    stopShortSince: new Map(snapshot.stopShortSince),
  };
}
