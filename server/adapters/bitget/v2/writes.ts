import { z } from 'zod';
import { readData } from '../answers/answer.ts';
import { listOf, optionalText } from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { faultOfCode } from '../errors/errorCodes.ts';

const orderIdSchema = z.object({ orderId: optionalText }).nullable();

/** The order's id from now on; null: it was taken, and no id was told. */
export const parseOrderId = (call: string, data: unknown): string | null =>
  readData(call, orderIdSchema, data)?.orderId ?? null;

const manySchema = z
  .object({
    successList: listOf(z.object({ orderId: optionalText })),
    failureList: listOf(z.object({ orderId: optionalText, errorCode: optionalText })),
  })
  .nullish()
  .transform((told) => told ?? { successList: [], failureList: [] });

/**
 * Ids of what a call for several did. Where nothing was done: the failure that it names, or `no_such_order`, since it may answer
 * with nothing at all where what it was asked for is not there.
 */
export function parseItems(call: string, data: unknown): string[] {
  const { successList, failureList } = readData(call, manySchema, data);
  if (successList.length > 0)
    return successList.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]));
  const code = failureList[0]?.errorCode ?? null;
  const fault =
    code === null ? { kind: 'refused' as const, as: 'no_such_order' as const } : faultOfCode(code);
  throw new BitgetError(fault, { code, message: call });
}

const settingsSchema = z.object({ marginMode: optionalText }).nullable();

/** Calls that tell what was set. */
export function parseSet(call: string, data: unknown): void {
  readData(call, settingsSchema, data);
}
