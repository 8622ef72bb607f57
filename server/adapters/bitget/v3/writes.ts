import { z } from 'zod';
import { readData } from '../answers/answer.ts';
import { idField, listOf, optionalText } from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { faultOfCode } from '../errors/errorCodes.ts';

const orderIdSchema = z.object({ orderId: optionalText }).nullable();

/** The order's id from now on. Null: it was taken, and no id was told, as where another order took its place. */
export const parseOrderId = (call: string, data: unknown): string | null =>
  readData(call, orderIdSchema, data)?.orderId ?? null;

const itemSchema = z.object({ orderId: optionalText, code: optionalText, msg: optionalText });

/** Ids of what a call for several did; where an item failed and none went through, its failure. */
export function parseItems(call: string, data: unknown): string[] {
  const { list } = readData(call, z.object({ list: listOf(itemSchema) }), data);
  const failed = list.find(({ code }) => code !== null && code !== '00000' && code !== '0');
  const done = list.filter(({ code }) => code === null || code === '00000' || code === '0');
  if (done.length === 0 && failed !== undefined)
    throw new BitgetError(faultOfCode(failed.code ?? ''), { code: failed.code, message: call });
  return done.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]));
}

/** Calls that only say that it was done. */
export function parseDone(call: string, data: unknown): void {
  readData(call, z.union([z.literal('success'), z.null(), z.object({ orderId: idField.nullish() })]), data);
}
