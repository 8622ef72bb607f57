import type { Order } from '../../../shared/domain/order.ts';
import { type AccountState, type Desk, openOrders, positionOf, type SymbolSettings } from '../desk.ts';

/** An order by hand that has not left yet. */
export const awaitsSettings = (order: Order): boolean =>
  order.status === 'submitting' && order.reason?.code === 'awaits_settings';

/**
 * What an order by hand trades with: what its account says, unless something is open in its symbol, which keeps what that
 * has. `toConfirm`: the venue has to be told first.
 */
export function settingsByHand(
  desk: Desk,
  { account, configured }: AccountState,
  symbol: string,
): SymbolSettings & { toConfirm: boolean } {
  const { accountId } = account;
  const set = configured.get(symbol);
  const held = positionOf(desk, accountId, symbol);
  const working = [...openOrders(desk, accountId, symbol)];
  const keeps = held ?? (working.length === 0 || working.some(awaitsSettings) ? undefined : set);
  const { leverage, marginMode } = keeps ?? account;
  const isSet = set?.leverage === leverage && set.marginMode === marginMode;
  return { leverage, marginMode, toConfirm: keeps === undefined && !isSet };
}
