import { z } from 'zod';
import { fillSchema, tradeSchema } from '../../domain/fill.ts';
import { orderSchema } from '../../domain/order.ts';
import { decimalOut, marketMs, wallMs } from '../../domain/schemas.ts';
import { cursor, id, limit, op, page, symbol } from './define.ts';

/** `from` (included) and `to` (not) are by the clock that the rows are sorted by. */
const rowsBy = (clock: typeof wallMs) => ({
  accountId: id.optional(),
  /** Included. */
  from: clock.optional(),
  /** Not included. */
  to: clock.optional(),
  /** The `nextCursor` of the page before, with the same filters. */
  cursor,
  limit,
});
const ofBotOrSymbol = { botId: id.optional(), symbol: symbol.optional() };

/** The past, by cursor. Rows are filtered only by what they have; anything else is refused. */
export const historyOps = {
  'history.orders': op(
    'read',
    'Closed and open orders, newest first by `createdAt`.',
    z.strictObject({ ...rowsBy(wallMs), ...ofBotOrSymbol }),
    page(orderSchema),
  ),
  'history.fills': op(
    'read',
    'Fills, newest first by `ts`.',
    z.strictObject({ ...rowsBy(marketMs), ...ofBotOrSymbol }),
    page(fillSchema),
  ),
  'history.trades': op(
    'read',
    'Round trips, newest first by `closedAt`.',
    z.strictObject({ ...rowsBy(marketMs), ...ofBotOrSymbol }),
    page(tradeSchema),
  ),
  'history.equity': op(
    'read',
    'Equity of accounts over time, newest first by `ts`. It is an account’s: of a bot or a symbol there is none.',
    z.strictObject(rowsBy(wallMs)),
    page(
      z.object({
        accountId: z.string(),
        ts: wallMs,
        /** Of the same moment. Null in rows of older servers. */
        marketTs: marketMs.nullable(),
        equity: decimalOut,
        balance: decimalOut,
      }),
    ),
  ),
  'history.bills': op(
    'read',
    'Every change of a balance, newest first by `ts`. It is an account’s, for a symbol where `symbol` is not null: bots have none.',
    z.strictObject({ ...rowsBy(marketMs), symbol: symbol.optional() }),
    page(
      z.object({
        billId: z.string(),
        accountId: z.string(),
        symbol: z.string().nullable(),
        coin: z.string(),
        kind: z.enum(['realised', 'fee', 'funding', 'transfer', 'adjustment']),
        amount: decimalOut,
        ts: marketMs,
      }),
    ),
  ),
} as const;
