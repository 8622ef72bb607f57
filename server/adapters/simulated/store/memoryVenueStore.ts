import type { VenueBill, VenueFill, VenueOrder, VenueOrderRef } from '../../../ports/venue.ts';
import { isMeant } from '../account/orderRef.ts';
import { hasOpen, type SimulatedAccount } from '../account/state.ts';
import { storedAccount } from './storedAccount.ts';
import {
  type LoadedVenue,
  MAX_HISTORY_ROWS,
  type SavedVenue,
  type VenueBatch,
  type VenueStore,
} from './venueStore.ts';

/** A store for tests and simulation: survives the venue on it, not the process. */
export class MemoryVenueStore implements VenueStore {
  #saved: SavedVenue | undefined;
  readonly #accounts = new Map<string, string>();
  readonly #fills = new Map<string, VenueFill[]>();
  readonly #bills = new Map<string, VenueBill[]>();
  readonly #orders = new Map<string, VenueOrder[]>();

  async open(): Promise<LoadedVenue> {
    const accounts = [...this.#accounts.values()].map(storedAccount);
    return {
      saved: this.#saved,
      accounts: accounts.filter(hasOpen).sort((a, b) => a.number - b.number),
      lastNumber: Math.max(0, ...accounts.map(({ number }) => number)),
    };
  }

  async account(accountId: string): Promise<SimulatedAccount | undefined> {
    const text = this.#accounts.get(accountId);
    return text === undefined ? undefined : storedAccount(text);
  }

  async commit(batch: VenueBatch): Promise<void> {
    this.#saved = structuredClone(batch.venue);
    for (const { accountId, state } of batch.accounts) this.#accounts.set(accountId, state);
    for (const { accountId, fill } of batch.fills) appendNew(this.#fills, accountId, fill);
    for (const { accountId, bill } of batch.bills) appendNew(this.#bills, accountId, bill);
    for (const { accountId, order } of batch.orders) listOf(this.#orders, accountId).push(order);
  }

  async clientIdsSince(accountId: string, ts: number): Promise<{ clientOrderId: string; ts: number }[]> {
    return (await this.endedOrdersSince(accountId, ts)).flatMap((order) =>
      order.clientOrderId === null ? [] : [{ clientOrderId: order.clientOrderId, ts: order.ts }],
    );
  }

  async endedOrder(accountId: string, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    return this.#orders.get(accountId)?.findLast((order) => isMeant(symbol, ref, order));
  }

  async endedOrdersSince(accountId: string, ts: number): Promise<VenueOrder[]> {
    return (this.#orders.get(accountId) ?? []).filter((order) => order.ts > ts).slice(0, MAX_HISTORY_ROWS);
  }

  async fillsSince(accountId: string, cursor: number): Promise<VenueFill[]> {
    return rowsAfter(this.#fills.get(accountId), cursor);
  }

  async billsSince(accountId: string, cursor: number): Promise<VenueBill[]> {
    return rowsAfter(this.#bills.get(accountId), cursor);
  }

  async close(): Promise<void> {}
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: T[] = [];
  lists.set(key, list);
  return list;
}

function appendNew<T extends { cursor: number }>(lists: Map<string, T[]>, key: string, row: T): void {
  const list = listOf(lists, key);
  if ((list.at(-1)?.cursor ?? 0) < row.cursor) list.push(row);
}

function rowsAfter<T extends { cursor: number }>(rows: T[] | undefined, cursor: number): T[] {
  if (rows === undefined) return [];
  let start = rows.length;
  while (start > 0 && (rows[start - 1]?.cursor ?? 0) > cursor) start--;
  return rows.slice(start, start + MAX_HISTORY_ROWS);
}
