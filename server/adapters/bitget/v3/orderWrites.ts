import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { AmendChange, PlaceOrder, VenueOrderRef } from '../../../ports/venue.ts';
import type { CallParams, RestCalls } from '../calls/restCalls.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { marginWord } from '../told/words.ts';
import type { FamilyWrites, OpenAccount } from '../venue/familyApi.ts';
import { byEitherId } from '../venue/refs.ts';
import { isStop, mustBePossible, positionSideOf } from '../venue/sides.ts';
import { laneOf } from '../venue/terms.ts';
import { CATEGORY, V3 } from './endpoints.ts';
import type { V3Readings } from './readings.ts';
import { parseDone, parseItems, parseOrderId } from './writes.ts';

/** The trigger is always named: the exchange would take the last price. */
const triggerWord = (by: 'mark' | 'last'): 'mark' | 'market' => (by === 'mark' ? 'mark' : 'market');

/** What is asked of an account by the unified API. */
export class V3Writes implements FamilyWrites {
  readonly #calls: RestCalls;
  readonly #readings: V3Readings;

  constructor(calls: RestCalls, readings: V3Readings) {
    this.#calls = calls;
    this.#readings = readings;
  }

  /** Leverage alone: the margin mode goes with every order. */
  async configure(
    account: OpenAccount,
    symbol: string,
    leverage: number,
    marginMode: MarginMode,
  ): Promise<void> {
    const { caller, holdMode } = account;
    const params = { category: CATEGORY, symbol, leverage, marginMode: marginWord(marginMode) };
    // Isolated positions of the two sides have leverage of their own.
    const sides = holdMode === 'hedge' && marginMode === 'isolated' ? ['long', 'short'] : [undefined];
    for (const posSide of sides) {
      const data = await this.#calls.call(V3.setLeverage, { ...params, posSide }, caller, { lane: 'entry' });
      parseDone(V3.setLeverage.path, data);
    }
    const shown = (await this.#readings.settings(caller)).symbols.get(symbol);
    if (shown !== undefined && shown.marginMode === marginMode && shown.leverage !== leverage)
      throw new BitgetError(
        { kind: 'refused', as: 'leverage' },
        { code: null, message: `the exchange shows ${shown.leverage} instead of ${leverage}` },
      );
  }

  async place(account: OpenAccount, order: PlaceOrder): Promise<string> {
    mustBePossible(order);
    const { caller } = account;
    const terms = { lane: laneOf(order), notAfter: order.notAfter };
    const endpoint = isStop(order) ? V3.placeStop : V3.place;
    const params = isStop(order) ? stopParams(order) : orderParams(account, order);
    return parseOrderId(endpoint.path, await this.#calls.call(endpoint, params, caller, terms)) ?? '';
  }

  async amend(
    account: OpenAccount,
    symbol: string,
    ref: VenueOrderRef,
    change: AmendChange,
  ): Promise<string> {
    const { caller } = account;
    if (ref.kind === 'order') {
      const params = { category: CATEGORY, symbol, qty: change.size, price: change.price };
      const data = await byEitherId(ref, (ids) =>
        this.#calls.call(V3.modify, { ...params, ...ids }, caller, { lane: 'entry' }),
      );
      return parseOrderId(V3.modify.path, data) ?? ref.venueOrderId ?? '';
    }
    const triggerBy = await this.#triggerOf(account, symbol, ref);
    const params = {
      qty: change.size,
      stopLoss: change.triggerPrice,
      slTriggerBy: triggerWord(triggerBy),
      slOrderType: 'market',
    };
    const data = await byEitherId(ref, (ids) =>
      this.#calls.call(V3.modifyStop, { ...params, ...ids }, caller, { lane: 'exit' }),
    );
    return parseOrderId(V3.modifyStop.path, data) ?? ref.venueOrderId ?? '';
  }

  async cancel({ caller }: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<string> {
    const isPlain = ref.kind === 'order';
    const endpoint = isPlain ? V3.cancel : V3.cancelStop;
    const params = isPlain ? { category: CATEGORY, symbol } : {};
    const data = await byEitherId(ref, (ids) =>
      this.#calls.call(endpoint, { ...params, ...ids }, caller, { lane: 'exit' }),
    );
    return parseOrderId(endpoint.path, data) ?? ref.venueOrderId ?? '';
  }

  async close({ caller }: OpenAccount, symbol: string): Promise<string> {
    const data = await this.#calls.call(V3.close, { category: CATEGORY, symbol }, caller, { lane: 'exit' });
    return parseItems(V3.close.path, data)[0] ?? '';
  }

  /** A changed stop keeps firing by the price that it did. */
  async #triggerOf(account: OpenAccount, symbol: string, ref: VenueOrderRef): Promise<'mark' | 'last'> {
    const known = ref.venueOrderId === null ? undefined : account.known.of(ref.venueOrderId)?.triggerBy;
    const by = known ?? (await this.#readings.find(account, symbol, ref))?.triggerBy;
    if (by != null) return by;
    throw new BitgetError(
      { kind: 'refused', as: 'no_such_order' },
      { code: null, message: 'a stop whose trigger is not known is not changed' },
    );
  }
}

/** A stop of the whole position, which the exchange keeps at its size. */
const stopParams = (order: PlaceOrder): CallParams => ({
  category: CATEGORY,
  symbol: order.symbol,
  clientOid: order.clientOrderId,
  type: 'tpsl',
  tpslMode: 'full',
  // Wanted in one-way mode too (?), where it says which way the position goes.
  posSide: positionSideOf(order),
  stopLoss: order.triggerPrice ?? undefined,
  slTriggerBy: triggerWord(order.triggerBy ?? 'mark'),
  slOrderType: 'market',
});

function orderParams(account: OpenAccount, order: PlaceOrder): CallParams {
  const { attachedStop } = order;
  const isLimit = order.type === 'limit';
  const isHedge = account.holdMode === 'hedge';
  return {
    category: CATEGORY,
    symbol: order.symbol,
    side: order.side,
    orderType: isLimit ? 'limit' : 'market',
    qty: order.size,
    price: isLimit ? (order.price ?? undefined) : undefined,
    timeInForce: isLimit ? order.timeInForce : undefined,
    // Both together are refused (?): in hedge mode the side of the position says that it closes.
    posSide: isHedge ? positionSideOf(order) : undefined,
    reduceOnly: !isHedge && order.reduceOnly ? 'yes' : undefined,
    marginMode: marginWord(account.margins.get(order.symbol) ?? account.marginModes[0] ?? 'cross'),
    clientOid: order.clientOrderId,
    ...(attachedStop !== null && {
      stopLoss: attachedStop.triggerPrice,
      slTriggerBy: triggerWord(attachedStop.triggerBy),
      slOrderType: 'market',
    }),
  };
}
