import { ZERO } from '../../../shared/domain/decimal.ts';
import type { Fill } from '../../../shared/domain/fill.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { AccountState } from '../desk.ts';
import { liquidationPrice } from '../rules/liquidationPrice.ts';
import type { Holding } from '../rules/positionAfterFill.ts';
import { toldTime } from '../turn/toldTime.ts';
import type { Turn } from '../turn/turn.ts';

/** The stop that comes with an order's first fill, and since when it is missing; null: it asked for none. */
export function stopOf(
  turn: Turn,
  state: AccountState,
  order: Order,
  fill: Fill,
): Pick<Position, 'stop' | 'unprotectedSince'> | null {
  if (order.attachedStop === null) return null;
  const { triggerPrice } = order.attachedStop;
  // Where the venue attaches none, ours is placed now.
  const isCarried = turn.context.venue(state.account.venue)?.capabilities.attachedStop === true;
  return {
    stop: { state: isCarried ? 'attached' : 'none', orderId: null, triggerPrice, size: fill.size },
    unprotectedSince: isCarried ? null : toldTime(turn.context, state.account.venue, fill.ts),
  };
}

/** What a fill makes of a position: of which order and whose it is, and what is held after it. */
export interface Made {
  after: Holding;
  order: Order | undefined;
  fill: Fill;
  botId: string | null;
}

/** The position that a fill opens, protected as its bot's plan or its order says. */
export function openedPosition(
  turn: Turn,
  state: AccountState,
  { after, order, fill, botId }: Made,
): Position {
  const { account } = state;
  const plan = botId === null ? null : (turn.desk.bots.get(botId)?.plan ?? null);
  const setting = state.configured.get(fill.symbol) ?? account;
  const instrument = turn.context.instrument(account.venue, fill.symbol);
  const takeProfitPrice = botId === null ? order?.takeProfitPrice : undefined;
  const openedAt = toldTime(turn.context, account.venue, fill.ts);
  const stopped = order === undefined ? null : stopOf(turn, state, order, fill);
  // Opened by nobody here: it stays as it is until its owner has looked.
  const isForeign =
    botId === null && (order === undefined ? fill.source === 'order' : order.foreign === true);
  // Written out, as every order is: a copy that grows field by field is several times dearer.
  return {
    direction: after.direction,
    size: after.size,
    cost: after.cost,
    openedSize: after.openedSize,
    openedCost: after.openedCost,
    closedSize: after.closedSize,
    closedValue: after.closedValue,
    realisedPnl: after.realisedPnl,
    accountId: account.accountId,
    symbol: fill.symbol,
    botId,
    fees: ZERO,
    funding: ZERO,
    leverage: setting.leverage,
    marginMode: setting.marginMode,
    liquidationPrice:
      instrument === undefined
        ? null
        : liquidationPrice(instrument, after.direction, fill.price, setting.leverage, setting.marginMode),
    openedAt,
    stop: stopped?.stop ?? null,
    protection: {
      stopLossPct: plan?.stopLossPct ?? null,
      trailing: plan?.trailing ?? null,
      breakEvenAtPct: plan?.breakEvenAtPct ?? null,
      breakEvenDone: false,
      takeProfits: plan?.takeProfits ?? [],
      waits: [],
      exits: [],
      partialsTaken: [],
      close: plan?.maxHoldMs == null ? null : { why: 'time', at: openedAt + plan.maxHoldMs },
      ...(takeProfitPrice === undefined ? null : { takeProfitPrice }),
    },
    ...(isForeign ? { foreign: true } : null),
    unprotectedSince: stopped === null ? (botId === null ? null : openedAt) : stopped.unprotectedSince,
    unprotectedMs: 0,
    updatedAt: turn.wallTime,
  };
}
