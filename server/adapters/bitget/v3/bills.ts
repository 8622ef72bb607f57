import { z } from 'zod';
import type { VenueBill } from '../../../ports/venue.ts';
import { readData } from '../answers/answer.ts';
import { decimalField, idField, optionalText, pageOf, timeField } from '../answers/fields.ts';
import { billKindOf, receivedOf } from '../told/billKinds.ts';
import type { BillPage } from '../told/billPage.ts';

const billSchema = z.object({
  id: idField,
  symbol: optionalText,
  coin: z.string(),
  type: z.string(),
  amount: decimalField,
  ts: timeField,
});

/** What changed the balance other than by fills. */
export function parseBillPage(data: unknown): BillPage {
  const { list, cursor } = readData('account/financial-records', pageOf(billSchema), data);
  const bills = list.flatMap(({ id, symbol, coin, type, amount, ts }): VenueBill[] => {
    const kind = billKindOf(type);
    if (kind === undefined) return [];
    return [{ billId: id, coin, symbol, kind, amount: receivedOf(type, amount), ts, cursor: ts }];
  });
  return { bills, told: list.length, newest: Math.max(0, ...list.map(({ ts }) => ts)), cursor };
}
