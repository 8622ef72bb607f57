import type {
  VenueBill,
  VenueCursors,
  VenueFill,
  VenueOrder,
  VenueOrderRef,
  VenuePosition,
} from '../../../ports/venue.ts';
import type { Caller, CallParams, CallTerms, Endpoint, RestCalls } from '../calls/restCalls.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import type { AccountSettings, KeyFacts, Wallet } from '../told/accountFacts.ts';
import { newestOf } from '../told/billPage.ts';
import { closingSide } from '../told/words.ts';
import type { FamilyReadings, OpenAccount, Span } from '../venue/familyApi.ts';
import { PAGE, readPages } from '../venue/pages.ts';
import { byEitherId, findIn, isNoSuchOrder } from '../venue/refs.ts';
import { between, LOOK_UP, lastDay, READ } from '../venue/terms.ts';
import { parseAssets, parseKeyFacts, parseSettings } from './account.ts';
import { parseBillPage } from './bills.ts';
import { CATEGORY, V3 } from './endpoints.ts';
import { parseFillPage } from './fills.ts';
import { parseOrder, parseOrderPage } from './orders.ts';
import { parsePositions } from './positions.ts';
import {
  parseStrategyOrderPage,
  parseSubOrders,
  parseWaitingStrategyOrders,
  type ToldStop,
} from './strategyOrders.ts';

/** What the unified API tells of an account. */
export class V3Readings implements FamilyReadings {
  readonly #calls: RestCalls;
  readonly #now: () => number;

  constructor(calls: RestCalls, now: () => number) {
    this.#calls = calls;
    this.#now = now;
  }

  async key(caller: Caller): Promise<KeyFacts> {
    return parseKeyFacts(await this.#calls.call(V3.info, {}, caller, READ));
  }

  async settings(caller: Caller): Promise<AccountSettings> {
    return parseSettings(await this.#calls.call(V3.settings, {}, caller, READ));
  }

  async wallet({ caller }: OpenAccount): Promise<Wallet> {
    return parseAssets(await this.#calls.call(V3.assets, {}, caller, READ));
  }

  async positions(account: OpenAccount): Promise<VenuePosition[]> {
    return parsePositions(await this.#read(V3.positions, {}, account));
  }

  async orders(account: OpenAccount): Promise<VenueOrder[]> {
    const [plain, stops] = await Promise.all([
      readPages(async (cursor) =>
        orderRows(await this.#read(V3.openOrders, { limit: PAGE, cursor }, account)),
      ),
      this.#waitingStops(account, READ),
    ]);
    return [...plain, ...stops];
  }

  async ended(account: OpenAccount, span: Span): Promise<VenueOrder[]> {
    const window = { ...between(span), limit: PAGE };
    const [plain, stops] = await Promise.all([
      readPages(async (cursor) =>
        orderRows(await this.#read(V3.endedOrders, { ...window, cursor }, account)),
      ),
      this.#endedStops(account, span, READ),
    ]);
    return [...plain, ...stops].sort((a, b) => a.ts - b.ts);
  }

  async cursors(account: OpenAccount): Promise<VenueCursors> {
    const [fills, bills] = await Promise.all([
      this.#read(V3.fills, { limit: 1 }, account),
      this.#read(V3.records, { limit: PAGE }, account),
    ]);
    return { fills: parseFillPage(fills).fills[0]?.cursor ?? 0, bills: newestOf(parseBillPage(bills)) };
  }

  fills(account: OpenAccount, span: Span): Promise<VenueFill[]> {
    return readPages(async (cursor) => {
      const data = await this.#read(V3.fills, { ...between(span), limit: PAGE, cursor }, account);
      const page = parseFillPage(data);
      return { rows: page.fills, told: page.fills.length, cursor: page.cursor };
    });
  }

  bills(account: OpenAccount, span: Span): Promise<VenueBill[]> {
    return readPages(async (cursor) => {
      const data = await this.#read(V3.records, { ...between(span), limit: PAGE, cursor }, account);
      const page = parseBillPage(data);
      return { rows: page.bills, told: page.told, cursor: page.cursor };
    });
  }

  async find(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    if (ref.kind === 'stop') return this.#findStop(account, symbol, ref);
    try {
      return await byEitherId(ref, async (ids) =>
        parseOrder(await this.#calls.call(V3.order, ids, account.caller, LOOK_UP)),
      );
    } catch (error) {
      if (isNoSuchOrder(error)) return undefined;
      throw error;
    }
  }

  /** No call shows one stop: it is among those that wait, or among those that have ended. */
  async #findStop(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    const isHere = (order: VenueOrder) => order.symbol === symbol;
    const waiting = findIn((await this.#waitingStops(account, LOOK_UP)).filter(isHere), ref);
    if (waiting !== undefined) return waiting;
    const ended = await this.#endedStops(account, lastDay(this.#now()), LOOK_UP);
    const found = findIn(ended.filter(isHere), ref);
    return found?.status === 'triggered'
      ? { ...found, becameOrderId: await this.#subOrder(account, found) }
      : found;
  }

  async #waitingStops(account: OpenAccount, terms: CallTerms): Promise<VenueOrder[]> {
    const data = await this.#calls.call(V3.stops, { category: CATEGORY }, account.caller, terms);
    return this.#withSides(account, parseWaitingStrategyOrders(data));
  }

  /** A stop that does not say so trades against its position; of one that has none, nobody could tell. */
  async #withSides(account: OpenAccount, stops: readonly ToldStop[]): Promise<VenueOrder[]> {
    const sideOf = ({ venueOrderId, side }: ToldStop) => side ?? account.known.of(venueOrderId)?.side;
    const open = stops.every((stop) => sideOf(stop) !== undefined) ? [] : await this.positions(account);
    return stops.flatMap((stop) => {
      const held = open.find(({ symbol }) => symbol === stop.symbol);
      const side = sideOf(stop) ?? (held && closingSide(held.direction));
      return side === undefined ? [] : [{ ...stop, side }];
    });
  }

  #endedStops(account: OpenAccount, span: Span, terms: CallTerms): Promise<VenueOrder[]> {
    return readPages(async (cursor) => {
      const params = { category: CATEGORY, ...between(span), limit: PAGE, cursor };
      const page = parseStrategyOrderPage(
        await this.#calls.call(V3.endedStops, params, account.caller, terms),
      );
      const rows = await this.#withSides(account, page.orders);
      return { rows, told: page.orders.length, cursor: page.cursor };
    });
  }

  /** The order that a stop became; whether that is told at all is not known (?). */
  async #subOrder({ caller }: OpenAccount, { venueOrderId }: VenueOrder): Promise<string | null> {
    try {
      const data = await this.#calls.call(V3.subOrders, { orderId: venueOrderId }, caller, LOOK_UP);
      return parseSubOrders(data)[0] ?? null;
    } catch (error) {
      if (error instanceof BitgetError) return null;
      throw error;
    }
  }

  #read(endpoint: Endpoint, params: CallParams, { caller }: OpenAccount): Promise<unknown> {
    return this.#calls.call(endpoint, { category: CATEGORY, ...params }, caller, READ);
  }
}

function orderRows(data: unknown): { rows: VenueOrder[]; told: number; cursor: string | null } {
  const { orders, cursor } = parseOrderPage('trade/orders', data);
  return { rows: orders, told: orders.length, cursor };
}
