import { z } from 'zod';
import { emergencySchema, originSchema } from '../../domain/alert.ts';
import { causeSchema } from '../../domain/cause.ts';
import { denialSchema } from '../../domain/denial.ts';
import {
  orderEffectSchema,
  orderPurposeSchema,
  orderSchema,
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
} from '../../domain/order.ts';
import { directionSchema, positionSchema } from '../../domain/position.ts';
import { decimalIn, decimalOut, wallMs } from '../../domain/schemas.ts';
import { accepted, id, none, op, scope, symbol } from './define.ts';

/** Protection that an order by hand asks for. */
const manualProtection = z.strictObject({
  /** A stop at the market, triggered by the mark, on the losing side. */
  stopPrice: decimalIn.optional(),
  /** A reduce-only limit order, on the winning side. */
  takeProfitPrice: decimalIn.optional(),
});

const positionRefSchema = z.object({
  accountId: z.string(),
  symbol: z.string(),
  direction: z.enum(['long', 'short']),
  size: decimalOut,
  botId: z.string().nullable(),
  origin: originSchema.optional(),
});

/** An order that an emergency stop would cancel. */
const orderRefSchema = z.object({
  accountId: z.string(),
  symbol: z.string(),
  side: sideSchema,
  type: orderTypeSchema,
  purpose: orderPurposeSchema,
  /** What is left of it. */
  size: decimalOut,
  price: decimalOut.nullable(),
  botId: z.string().nullable(),
  origin: originSchema,
});

/** What an emergency stop would close and cancel. */
export const emergencyPreviewSchema = z.object({
  status: z.literal('preview'),
  positions: z.array(positionRefSchema),
  /** How many in all. */
  orders: z.number().int(),
  /** The first 200 of them. */
  orderRows: z.array(orderRefSchema).optional(),
  /** Where the rows are from: the venue, just read, or our books as of `asOf` because it did not answer (`reason`). */
  accounts: z
    .array(
      z.object({
        accountId: z.string(),
        source: z.enum(['venue', 'books']),
        asOf: wallMs,
        reason: causeSchema.nullable(),
      }),
    )
    .optional(),
});

/** `claimedBy`: the bot that held it, and is paused. */
const closed = accepted.extend({ claimedBy: z.string().optional() });

/** Orders, positions and the emergency stop. */
export const tradingOps = {
  'orders.submit': op(
    'exposure',
    'Place an order by hand. With `preview` nothing is placed: what it does to the position, cost, fee, the position that results and denials come back. A position has one stop: an order that adds to one that has it takes none.',
    z
      .strictObject({
        accountId: id,
        symbol,
        side: sideSchema,
        type: z.enum(['market', 'limit']),
        /** In the base coin, a multiple of `sizeStep`; the other direction's position is reduced first. */
        size: decimalIn,
        /** Of a limit order, a multiple of `tickSize`; a market order takes none. */
        price: decimalIn.optional(),
        /** Of a limit order `gtc` unless said otherwise; a market order is `ioc`. */
        timeInForce: timeInForceSchema.optional(),
        /** Only ever reduces: what lies beyond flat is not traded. */
        reduceOnly: z.boolean().default(false),
        /** For the position that it opens. */
        protection: manualProtection.optional(),
        /** Places nothing, and needs neither `commandId` nor `validUntil`. */
        preview: z.boolean().default(false),
      })
      .superRefine(({ type, timeInForce = 'ioc' }, context) => {
        if (type === 'limit' || timeInForce === 'ioc') return;
        context.issues.push({
          code: 'custom',
          input: timeInForce,
          path: ['timeInForce'],
          message: `a market order cannot be ${timeInForce}; allowed: ioc`,
          params: { allowed: ['ioc'] },
        });
      }),
    z.union([
      accepted.extend({
        /** In your view once that has come to `seq`. */
        orderId: z.string(),
      }),
      z.object({
        status: z.literal('preview'),
        /** Null where it cannot be known: no fresh price. */
        effect: orderEffectSchema.nullable(),
        /** Of the whole order. */
        notional: decimalOut,
        /** What it binds beyond what is bound already: of the part that opens or adds. */
        margin: decimalOut,
        /** If it fills whole, at the taker's rate. */
        fee: decimalOut,
        /** The position once the order has filled whole; null: flat, or not known. */
        position: z
          .object({
            direction: directionSchema,
            size: decimalOut,
            entryPrice: decimalOut,
            margin: decimalOut,
            /** Null: none, or the venue's to tell (cross margin). */
            liquidationPrice: decimalOut.nullable(),
          })
          .nullable(),
        /** Mark from which its take-profit can rest at the venue; it waits until then. Null: at once, or it has none. */
        takeProfitRestsFrom: decimalOut.nullable(),
        /** Why it would be denied; empty: it would be taken. */
        denials: z.array(denialSchema),
      }),
    ]),
  ),
  'orders.amend': op(
    'exposure',
    'Change price or size of a working limit order.',
    z.strictObject({
      orderId: id,
      /** Default: as it is. */
      price: decimalIn.optional(),
      /** Of the whole order, what has filled included; above that. Default: as it is. */
      size: decimalIn.optional(),
    }),
    accepted,
  ),
  'orders.cancel': op(
    'exit',
    'Cancel a working order. `accepted`: the venue is asked, and `OrderCancelled` tells that it is over, unless it fills first. Of an order that is over it is accepted and does nothing.',
    z.strictObject({ orderId: id }),
    accepted,
  ),
  'orders.list': op(
    'read',
    'Working orders.',
    z.strictObject({ accountId: id.optional() }),
    z.object({ orders: z.array(orderSchema) }),
  ),

  'positions.list': op(
    'read',
    'Open positions.',
    z.strictObject({ accountId: id.optional() }),
    z.object({ positions: z.array(positionSchema) }),
  ),
  'positions.close': op(
    'exit',
    'Close a position at the market, reduce-only.',
    z.strictObject({ accountId: id, symbol }),
    closed,
  ),
  'positions.reduce': op(
    'exit',
    'Reduce a position by `size` at the market, reduce-only. By its whole size or more it is closed, as by `positions.close`.',
    z.strictObject({ accountId: id, symbol, size: decimalIn }),
    /** `closes`: it took all of it, and goes on until nothing is left; a bot that held it is paused. */
    closed.extend({ closes: z.boolean() }),
  ),
  'positions.setStop': op(
    'command',
    'Place or move the stop of a position.',
    z.strictObject({ accountId: id, symbol, triggerPrice: decimalIn }),
    accepted,
  ),
  'positions.setTakeProfit': op(
    'command',
    'Give a position by hand a target, move it, or take it back with null. Outside the venue’s price band it waits (`protection.waits`) and is placed when the mark comes near enough.',
    z.strictObject({ accountId: id, symbol, price: decimalIn.nullable() }),
    accepted,
  ),

  'emergency.stop': op(
    'exit',
    'Latch, cancel, close everything of a book or account (default: all), verify, report. `preview` only lists, and needs no `commandId`.',
    z.strictObject({ ...scope, preview: z.boolean().default(false) }),
    z.union([accepted.extend({ emergencyId: z.string() }), emergencyPreviewSchema]),
  ),
  'emergency.release': op(
    'command',
    'Allow entries again after an emergency stop.',
    z.strictObject(scope),
    accepted,
  ),

  'emergency.list': op(
    'read',
    'The last emergency stops with their receipts.',
    none,
    z.object({ emergencies: z.array(emergencySchema) }),
  ),
} as const;
