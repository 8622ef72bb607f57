import { abs, type Decimal, neg } from '../../../../shared/domain/decimal.ts';
import type { VenueBill } from '../../../ports/venue.ts';

/** Profits, losses and fees of trades: fills tell them already. */
const OF_TRADES =
  /^(open|close|buy|sell|burst|force|reduce_|offset|delivery|order_dealt|contract_main_(open|close|burst|reduce)|dte_)/;
/** What moves between a wallet and a position of its own. */
const WITHIN = /margin/;
const FUNDING = /settle_fee/;
const TRANSFERS = /trans|deposit|withdraw/;

/** Undefined: it changes nothing that fills do not tell. */
export function billKindOf(type: string): VenueBill['kind'] | undefined {
  const word = type.toLowerCase();
  if (FUNDING.test(word)) return 'funding';
  if (TRANSFERS.test(word)) return 'transfer';
  if (OF_TRADES.test(word)) return undefined;
  return WITHIN.test(word) ? undefined : 'adjustment';
}

/** Positive = received: where the name says which way it went, whatever the sign of the amount (?). */
export function receivedOf(type: string, amount: Decimal): Decimal {
  const word = type.toLowerCase();
  if (/_in$/.test(word)) return abs(amount);
  return /_out$/.test(word) ? neg(abs(amount)) : amount;
}
