import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { AmendChange, PlaceOrder, VenueOrder, VenueOrderRef } from '../../../ports/venue.ts';
import type { CallParams, RestCalls } from '../calls/restCalls.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { marginWord } from '../told/words.ts';
import type { FamilyWrites, OpenAccount } from '../venue/familyApi.ts';
import { byEitherId, isNoSuchOrder, noSuchOrder } from '../venue/refs.ts';
import { isStop, mustBePossible, positionSideOf } from '../venue/sides.ts';
import { laneOf } from '../venue/terms.ts';
import { amendedId } from './amendedIds.ts';
import { COIN, PRODUCT, V2 } from './endpoints.ts';
import type { V2Readings } from './readings.ts';
import { parseItems, parseOrderId, parseSet } from './writes.ts';

const triggerWord = (by: 'mark' | 'last'): 'mark_price' | 'fill_price' =>
  by === 'mark' ? 'mark_price' : 'fill_price';

/** What is asked of an account by the classic API. */
export class V2Writes implements FamilyWrites {
  readonly #calls: RestCalls;
  readonly #readings: V2Readings;
  readonly #now: () => number;

  constructor(calls: RestCalls, readings: V2Readings, now: () => number) {
    this.#calls = calls;
    this.#readings = readings;
    this.#now = now;
  }

  /** Only what differs is set: a margin mode is refused while there are orders or a position, even the same one. */
  async configure(
    account: OpenAccount,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<void> {
    const { caller, holdMode } = account;
    const params = { ...PRODUCT, ...COIN, symbol };
    const before = (await this.#readings.symbolSettings(caller, symbol)).symbols.get(symbol);
    if (before?.marginMode !== marginMode) {
      const asked = { ...params, marginMode: marginWord(marginMode) };
      const data = await this.#calls.call(V2.setMarginMode, asked, caller, { lane: 'entry' });
      parseSet(V2.setMarginMode.path, data);
    }
    const sides = holdMode === 'hedge' && marginMode === 'isolated' ? ['long', 'short'] : [undefined];
    for (const holdSide of sides) {
      const data = await this.#calls.call(V2.setLeverage, { ...params, leverage, holdSide }, caller, {
        lane: 'entry',
      });
      parseSet(V2.setLeverage.path, data);
    }
    const shown = (await this.#readings.symbolSettings(caller, symbol)).symbols.get(symbol);
    if (shown?.marginMode !== marginMode) throw notSet('mode', symbol);
    if (shown.leverage !== leverage) throw notSet('leverage', symbol);
  }

  async place(account: OpenAccount, order: PlaceOrder): Promise<string> {
    mustBePossible(order);
    if (!isStop(order)) await this.#learnMargin(account, order.symbol);
    const terms = { lane: laneOf(order), notAfter: order.notAfter };
    const endpoint = isStop(order) ? V2.placeStop : V2.place;
    const params = isStop(order) ? stopParams(account, order) : orderParams(account, order);
    return parseOrderId(endpoint.path, await this.#calls.call(endpoint, params, account.caller, terms)) ?? '';
  }

  /** Each order names the margin mode that its symbol has: of one that nothing was set for since the start, it is asked for. */
  async #learnMargin({ caller, margins }: OpenAccount, symbol: string): Promise<void> {
    if (margins.has(symbol)) return;
    const { symbols } = await this.#readings.symbolSettings(caller, symbol);
    margins.set(symbol, symbols.get(symbol)?.marginMode ?? 'cross');
  }

  async amend(
    account: OpenAccount,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<string> {
    return ref.kind === 'order'
      ? this.#amendOrder(account, symbol, ref, change)
      : this.#amendStop(account, symbol, ref, change);
  }

  /** It wants both price and size, and gives the order another client id. */
  async #amendOrder(
    account: OpenAccount,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<string> {
    const order = await this.#mustFind(account, symbol, ref);
    const params = {
      ...PRODUCT,
      ...COIN,
      symbol,
      orderId: order.venueOrderId,
      newClientOid: amendedId(order.clientOrderId, this.#now()),
      newSize: change.size ?? order.size ?? undefined,
      newPrice: change.price ?? order.price ?? undefined,
    };
    const data = await this.#calls.call(V2.modify, params, account.caller, { lane: 'entry' });
    return parseOrderId(V2.modify.path, data) ?? order.venueOrderId;
  }

  async #amendStop(
    account: OpenAccount,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<string> {
    const stop = await this.#mustFind(account, symbol, ref);
    const params = {
      ...PRODUCT,
      ...COIN,
      symbol,
      orderId: stop.venueOrderId,
      triggerPrice: change.triggerPrice ?? stop.triggerPrice ?? undefined,
      triggerType: stop.triggerBy === null ? undefined : triggerWord(stop.triggerBy),
      // Of a stop of the whole position there is none, which is to be said.
      size: change.size ?? stop.size ?? '',
    };
    const data = await this.#calls.call(V2.modifyStop, params, account.caller, { lane: 'exit' });
    return parseOrderId(V2.modifyStop.path, data) ?? stop.venueOrderId;
  }

  async cancel(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<string> {
    const { caller } = account;
    if (ref.kind === 'order') return this.#cancelOrder(account, symbol, ref);
    // Under another type it is not found, and the answer says nothing of that.
    const known = ref.venueOrderId === null ? undefined : account.known.of(ref.venueOrderId);
    const isWhole = known?.isWhole ?? true;
    const types = isWhole ? ['pos_loss', 'loss_plan'] : ['loss_plan', 'pos_loss'];
    for (const planType of [...types, 'normal_plan']) {
      const ids =
        ref.venueOrderId === null ? { clientOid: ref.clientOrderId } : { orderId: ref.venueOrderId };
      const params = { ...PRODUCT, ...COIN, symbol, planType, orderIdList: [ids] };
      try {
        const data = await this.#calls.call(V2.cancelStop, params, caller, { lane: 'exit' });
        const [cancelled] = parseItems(V2.cancelStop.path, data);
        return cancelled ?? ref.venueOrderId ?? '';
      } catch (error) {
        if (!(error instanceof BitgetError) || error.fault.kind !== 'refused') throw error;
        if (error.fault.as !== 'no_such_order') throw error;
      }
    }
    throw noSuchOrder('no stop of any type');
  }

  async #cancelOrder(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<string> {
    const cancel = (ids: { orderId?: string; clientOid?: string }) =>
      this.#calls.call(V2.cancel, { ...PRODUCT, ...COIN, symbol, ...ids }, account.caller, { lane: 'exit' });
    try {
      return parseOrderId(V2.cancel.path, await byEitherId(ref, cancel)) ?? ref.venueOrderId ?? '';
    } catch (error) {
      if (!isNoSuchOrder(error)) throw error;
      // It may have been changed, and have other ids by now.
      const found = await this.#readings.find(account, symbol, ref);
      const isOpen = found?.status === 'open' || found?.status === 'partially_filled';
      if (found === undefined || !isOpen || found.venueOrderId === ref.venueOrderId) throw error;
      return (
        parseOrderId(V2.cancel.path, await cancel({ orderId: found.venueOrderId })) ?? found.venueOrderId
      );
    }
  }

  async close({ caller }: OpenAccount, symbol: string): Promise<string> {
    const data = await this.#calls.call(V2.close, { ...PRODUCT, symbol }, caller, { lane: 'exit' });
    return parseItems(V2.close.path, data)[0] ?? '';
  }

  async #mustFind(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<VenueOrder> {
    const order = await this.#readings.find(account, symbol, ref);
    if (order === undefined) throw noSuchOrder('it is not there to be changed');
    return order;
  }
}

const notSet = (as: 'mode' | 'leverage', symbol: string) =>
  new BitgetError(
    { kind: 'refused', as },
    { code: null, message: `${symbol}: the exchange shows another ${as}` },
  );

/** A stop of the whole position. */
const stopParams = ({ holdMode }: OpenAccount, order: PlaceOrder): CallParams => {
  const direction = positionSideOf(order);
  return {
    ...PRODUCT,
    ...COIN,
    symbol: order.symbol,
    planType: 'pos_loss',
    triggerPrice: order.triggerPrice ?? undefined,
    triggerType: triggerWord(order.triggerBy ?? 'mark'),
    holdSide: holdMode === 'hedge' ? direction : direction === 'long' ? 'buy' : 'sell',
    clientOid: order.clientOrderId,
  };
};

function orderParams(account: OpenAccount, order: PlaceOrder): CallParams {
  const isLimit = order.type === 'limit';
  const isHedge = account.holdMode === 'hedge';
  return {
    ...PRODUCT,
    ...COIN,
    symbol: order.symbol,
    marginMode: marginWord(account.margins.get(order.symbol) ?? 'cross'),
    // In hedge mode the side is the position's, and what is done with it a word of its own.
    side: isHedge ? (positionSideOf(order) === 'long' ? 'buy' : 'sell') : order.side,
    tradeSide: isHedge ? (order.reduceOnly ? 'close' : 'open') : undefined,
    reduceOnly: !isHedge && order.reduceOnly ? 'YES' : undefined,
    orderType: isLimit ? 'limit' : 'market',
    size: order.size,
    price: isLimit ? (order.price ?? undefined) : undefined,
    force: isLimit ? order.timeInForce : undefined,
    clientOid: order.clientOrderId,
    // By which price it fires is not for us to say here: it is read back, and replaced where it is the wrong one.
    presetStopLossPrice: order.attachedStop?.triggerPrice,
  };
}
