import { z } from 'zod';
import { type Decimal, dec, sub } from '../../../../shared/domain/decimal.ts';
import { readData } from '../answers/answer.ts';
import { decimalField, idField, listOf, optionalDecimal, optionalText } from '../answers/fields.ts';
import { type AccountSettings, holdModeOf, type KeyFacts, type Wallet } from '../told/accountFacts.ts';

const accountSchema = z.object({
  marginCoin: z.string(),
  accountEquity: decimalField,
  unrealizedPL: optionalDecimal,
  posMode: optionalText,
});
const accountsSchema = z.union([accountSchema.transform((account) => [account]), listOf(accountSchema)]);

const ZERO_PNL = dec('0');

export function parseAccounts(data: unknown): Wallet {
  const accounts = readData('account/accounts', accountsSchema, data);
  const entries = accounts.map(({ marginCoin, accountEquity, unrealizedPL }): [string, Decimal] => [
    marginCoin.toUpperCase(),
    sub(accountEquity, unrealizedPL ?? ZERO_PNL),
  ]);
  return { balances: Object.fromEntries(entries) };
}

const symbolAccountSchema = z.object({
  posMode: z.string(),
  marginMode: z.string(),
  crossedMarginLeverage: optionalDecimal,
  isolatedLongLever: optionalDecimal,
  isolatedShortLever: optionalDecimal,
});

/** How one symbol of the account is set up: an account of this family tells it symbol by symbol. */
export function parseSettings(symbol: string, data: unknown): AccountSettings {
  const told = readData('account/account', symbolAccountSchema, data);
  const isIsolated = told.marginMode === 'isolated';
  const leverage = isIsolated ? told.isolatedLongLever : told.crossedMarginLeverage;
  const marginMode = isIsolated ? 'isolated' : 'cross';
  return {
    uid: null,
    holdMode: holdModeOf(told.posMode),
    marginModes: ['cross', 'isolated'],
    symbols: new Map(
      leverage === null ? [] : [[symbol, { marginMode, leverage: Math.floor(Number(leverage)) }]],
    ),
  };
}

const infoSchema = z.object({ userId: idField, authorities: listOf(z.string()) });

/** Words of four letters: what may be done (`wwow`: withdraw; `coow`: futures orders), the last one read or write (?). */
const WITHDRAWS = /^wwow$|withdraw/;
const TRADES = /^coow$|^contract_order$|trade/;

export function parseKeyFacts(data: unknown): KeyFacts {
  const { userId, authorities } = readData('spot/account/info', infoSchema, data);
  const may = authorities.map((authority) => authority.toLowerCase());
  return {
    uid: userId,
    canTrade: may.some((authority) => TRADES.test(authority)),
    canWithdraw: may.some((authority) => WITHDRAWS.test(authority)),
  };
}

const pushSchema = z.object({ marginCoin: z.string(), equity: decimalField });

/** Which coins' equity was told: what positions are ahead is in it, so that it is no balance. */
export function parseAccountPush(data: unknown): Record<string, Decimal> {
  const accounts = readData('account', listOf(pushSchema), data);
  return Object.fromEntries(accounts.map(({ marginCoin, equity }) => [marginCoin.toUpperCase(), equity]));
}
