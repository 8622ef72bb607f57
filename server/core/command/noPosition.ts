import { notFound, type Refusal } from '../rules/refusal.ts';

export function noPosition(accountId: string, symbol: string): Refusal {
  const message = `there is no position in ${symbol} on account ${accountId}`;
  return notFound(message, { what: 'position', id: symbol, accountId });
}
