import { z } from 'zod';
import type { VenueBill } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import { decimalField, idField, listOf, optionalText, timeField } from '../answers/fields.ts';
import { billKindOf, receivedOf } from '../told/billKinds.ts';
import type { BillPage } from '../told/billPage.ts';

const billSchema = z.object({
  billId: idField,
  symbol: optionalText,
  coin: z.string(),
  businessType: z.string(),
  amount: decimalField,
  cTime: timeField,
});
const pageSchema = z
  .object({ bills: listOf(billSchema), endId: optionalText })
  .nullish()
  .transform((page) => page ?? { bills: [], endId: null });

/** What changed the balance other than by fills. */
export function parseBillPage(data: unknown): BillPage {
  const { bills: list, endId } = readData('account/bill', pageSchema, data);
  const bills = list.flatMap(({ billId, symbol, coin, businessType, amount, cTime }): VenueBill[] => {
    const kind = billKindOf(businessType);
    if (kind === undefined) return [];
    return [
      { billId, coin, symbol, kind, amount: receivedOf(businessType, amount), ts: cTime, cursor: cTime },
    ];
  });
  return { bills, told: list.length, newest: Math.max(0, ...list.map(({ cTime }) => cTime)), cursor: endId };
}
