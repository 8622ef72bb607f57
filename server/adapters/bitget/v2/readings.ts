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
import type { FamilyReadings, OpenAccount, Span } from '../venue/familyApi.ts';
import { PAGE, readPages } from '../venue/pages.ts';
import { byEitherId, findIn, isNoSuchOrder } from '../venue/refs.ts';
import { between, LOOK_UP, lastDay, READ } from '../venue/terms.ts';
import { parseAccounts, parseKeyFacts, parseSettings } from './account.ts';
import { parseBillPage } from './bills.ts';
import { COIN, PRODUCT, STOPS, V2 } from './endpoints.ts';
import { parseFillPage } from './fills.ts';
import { parseOrder, parseOrderPage } from './orders.ts';
import { parsePlanPage, parseSubOrders } from './planOrders.ts';
import { parsePositions } from './positions.ts';

/** Tells how the account as a whole is set up as well as any other would. */
const ANY_SYMBOL = 'BTCUSDT';

/** What the classic API tells of an account. */
export class V2Readings implements FamilyReadings {
  readonly #calls: RestCalls;
  readonly #now: () => number;

  constructor(calls: RestCalls, now: () => number) {
    this.#calls = calls;
    this.#now = now;
  }

  async key(caller: Caller): Promise<KeyFacts> {
    return parseKeyFacts(await this.#calls.call(V2.info, {}, caller, READ));
  }

  settings(caller: Caller): Promise<AccountSettings> {
    return this.symbolSettings(caller, ANY_SYMBOL);
  }

  async symbolSettings(caller: Caller, symbol: string): Promise<AccountSettings> {
    const data = await this.#calls.call(V2.account, { ...PRODUCT, ...COIN, symbol }, caller, READ);
    return parseSettings(symbol, data);
  }

  async wallet(account: OpenAccount): Promise<Wallet> {
    return parseAccounts(await this.#read(V2.accounts, {}, account));
  }

  async positions(account: OpenAccount): Promise<VenuePosition[]> {
    return parsePositions(V2.positions.path, await this.#read(V2.positions, { ...COIN }, account));
  }

  async orders(account: OpenAccount): Promise<VenueOrder[]> {
    const [plain, stops] = await Promise.all([
      this.#orderPages(V2.openOrders, {}, account),
      this.#stopPages(V2.stops, {}, account, READ),
    ]);
    return [...plain, ...stops];
  }

  async ended(account: OpenAccount, span: Span): Promise<VenueOrder[]> {
    const [plain, stops] = await Promise.all([
      this.#orderPages(V2.endedOrders, between(span), account),
      this.#stopPages(V2.endedStops, between(span), account, READ),
    ]);
    return [...plain, ...stops].sort((a, b) => a.ts - b.ts);
  }

  async cursors(account: OpenAccount): Promise<VenueCursors> {
    const [fills, bills] = await Promise.all([
      this.#read(V2.fills, { limit: 1 }, account),
      this.#read(V2.bills, { limit: PAGE }, account),
    ]);
    return { fills: parseFillPage(fills).fills[0]?.cursor ?? 0, bills: newestOf(parseBillPage(bills)) };
  }

  async fills(account: OpenAccount, span: Span): Promise<VenueFill[]> {
    const fills = await readPages(async (idLessThan) => {
      const data = await this.#read(V2.fills, { ...between(span), limit: PAGE, idLessThan }, account);
      const page = parseFillPage(data);
      return { rows: page.fills, told: page.fills.length, cursor: page.cursor };
    });
    await this.#learnWhose(account, fills);
    return fills;
  }

  bills(account: OpenAccount, span: Span): Promise<VenueBill[]> {
    return readPages(async (idLessThan) => {
      const data = await this.#read(V2.bills, { ...between(span), limit: PAGE, idLessThan }, account);
      const page = parseBillPage(data);
      return { rows: page.bills, told: page.told, cursor: page.cursor };
    });
  }

  async find(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    if (ref.kind === 'stop') return this.#findStop(account, symbol, ref);
    try {
      return await byEitherId(ref, async (ids) =>
        parseOrder(await this.#calls.call(V2.order, { ...PRODUCT, symbol, ...ids }, account.caller, LOOK_UP)),
      );
    } catch (error) {
      if (!isNoSuchOrder(error)) throw error;
      // A change gave it another client id, from which ours can be told, but by which it cannot be looked for.
      const working = findIn(await this.#orderPages(V2.openOrders, { symbol }, account), ref);
      if (working !== undefined) return working;
      const window = { symbol, ...between(lastDay(this.#now())) };
      return findIn(await this.#orderPages(V2.endedOrders, window, account), ref);
    }
  }

  async #findStop(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<VenueOrder | undefined> {
    const waiting = findIn(await this.#stopPages(V2.stops, { symbol }, account, LOOK_UP), ref);
    if (waiting !== undefined) return waiting;
    const window = { symbol, ...between(lastDay(this.#now())) };
    const found = findIn(await this.#stopPages(V2.endedStops, window, account, LOOK_UP), ref);
    if (found?.status !== 'triggered' || found.becameOrderId !== null) return found;
    return { ...found, becameOrderId: await this.#subOrder(account, found) };
  }

  async #subOrder({ caller }: OpenAccount, { venueOrderId }: VenueOrder): Promise<string | null> {
    const params = { ...PRODUCT, planType: 'normal_plan', planOrderId: venueOrderId };
    try {
      return parseSubOrders(await this.#calls.call(V2.subOrders, params, caller, LOOK_UP))[0] ?? null;
    } catch (error) {
      if (error instanceof BitgetError) return null;
      throw error;
    }
  }

  /** Fills carry no id of ours: orders that nothing was told of yet are asked for once. */
  async #learnWhose(account: OpenAccount, fills: readonly VenueFill[]): Promise<void> {
    const strange = new Map(fills.map((fill) => [fill.venueOrderId, fill.symbol]));
    for (const [orderId, symbol] of strange) {
      if (account.known.of(orderId) !== undefined) continue;
      try {
        const params = { ...PRODUCT, symbol, orderId };
        account.known.saw(parseOrder(await this.#calls.call(V2.order, params, account.caller, READ)));
      } catch (error) {
        // Older than the exchange remembers orders: it stays without an id of ours.
        if (!isNoSuchOrder(error)) throw error;
      }
    }
  }

  #orderPages(endpoint: Endpoint, params: CallParams, account: OpenAccount): Promise<VenueOrder[]> {
    return readPages(async (idLessThan) => {
      const data = await this.#read(endpoint, { ...params, limit: PAGE, idLessThan }, account);
      const { orders, cursor } = parseOrderPage(endpoint.path, data);
      return { rows: orders, told: orders.length, cursor };
    });
  }

  #stopPages(
    endpoint: Endpoint,
    params: CallParams,
    { caller }: OpenAccount,
    terms: CallTerms,
  ): Promise<VenueOrder[]> {
    return readPages(async (idLessThan) => {
      const asked = { ...PRODUCT, ...STOPS, ...params, limit: PAGE, idLessThan };
      const { orders, cursor } = parsePlanPage(
        endpoint.path,
        await this.#calls.call(endpoint, asked, caller, terms),
      );
      return { rows: orders, told: orders.length, cursor };
    });
  }

  #read(endpoint: Endpoint, params: CallParams, { caller }: OpenAccount): Promise<unknown> {
    return this.#calls.call(endpoint, { ...PRODUCT, ...params }, caller, READ);
  }
}
