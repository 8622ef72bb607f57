import { z } from 'zod';
import type { MarginMode } from '../../../../shared/domain/account.ts';
import { type Decimal, isZero, sub } from '../../../../shared/domain/decimal.ts';
import { readData } from '../answers/answer.ts';
import {
  decimalField,
  idField,
  listOf,
  optionalDecimal,
  optionalText,
  symbolField,
} from '../answers/fields.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { type AccountSettings, holdModeOf, type KeyFacts, type Wallet } from '../told/accountFacts.ts';
import { marginModeOf } from '../told/words.ts';

const assetSchema = z.object({ coin: z.string(), equity: optionalDecimal, balance: decimalField });
const assetsSchema = z.object({ usdtUnrealisedPnl: optionalDecimal, assets: listOf(assetSchema) });
const pushSchema = z.object({ unrealisedPnL: optionalDecimal, coin: listOf(assetSchema) });

export function parseAssets(data: unknown): Wallet {
  const { assets, usdtUnrealisedPnl } = readData('account/assets', assetsSchema, data);
  return { balances: balancesOf(assets, usdtUnrealisedPnl) };
}

/** Undefined: the push tells of no account. */
export function parseAccountPush(data: unknown): Wallet | undefined {
  const [told] = readData('account', listOf(pushSchema), data);
  return told && { balances: balancesOf(told.coin, told.unrealisedPnL) };
}

function balancesOf(
  assets: readonly z.output<typeof assetSchema>[],
  unrealised: Decimal | null,
): Record<string, Decimal> {
  return Object.fromEntries(assets.map((asset) => [asset.coin.toUpperCase(), walletOf(asset, unrealised)]));
}

/**
 * Whether `balance` is with or without what positions are ahead is not said (?): where it is the same as the equity although
 * they are ahead or behind, it is with it.
 */
function walletOf(asset: z.output<typeof assetSchema>, unrealised: Decimal | null): Decimal {
  const { coin, equity, balance } = asset;
  const isWith =
    coin.toUpperCase() === 'USDT' && unrealised !== null && !isZero(unrealised) && equity === balance;
  return isWith ? sub(balance, unrealised) : balance;
}

const settingsSchema = z.object({
  uid: optionalText,
  accountMode: optionalText,
  accountLevel: optionalText,
  holdMode: z.string(),
  symbolConfigList: listOf(
    z.object({
      category: optionalText,
      symbol: symbolField,
      marginMode: z.string(),
      leverage: decimalField,
    }),
  ),
});

const MARGIN_MODES: Record<string, readonly MarginMode[]> = { isolated: ['isolated'], delta: ['cross'] };
const ALL_MODES: readonly MarginMode[] = ['cross', 'isolated'];

export function parseSettings(data: unknown): AccountSettings {
  const told = readData('account/settings', settingsSchema, data);
  if (told.accountMode === 'upgrading' || told.accountMode === 'switching')
    throw new BitgetError(
      { kind: 'account_moving' },
      { code: null, message: `the account is ${told.accountMode}: try again once the exchange has finished` },
    );
  const symbols = told.symbolConfigList
    .filter(({ category }) => category === null || category.toUpperCase() === 'USDT-FUTURES')
    .map(
      ({ symbol, marginMode, leverage }) =>
        [symbol, { marginMode: marginModeOf(marginMode), leverage: Math.floor(Number(leverage)) }] as const,
    );
  return {
    uid: told.uid,
    holdMode: holdModeOf(told.holdMode),
    marginModes: MARGIN_MODES[told.accountLevel ?? ''] ?? ALL_MODES,
    symbols: new Map(symbols),
  };
}

const infoSchema = z.object({
  userId: idField,
  permType: optionalText,
  permissions: listOf(z.string()),
});

export function parseKeyFacts(data: unknown): KeyFacts {
  const { userId, permType, permissions } = readData('account/info', infoSchema, data);
  const may = permissions.map((permission) => permission.toLowerCase());
  return {
    uid: userId,
    canTrade: may.includes('uta_trade') && !/read[-_]only/.test(permType ?? ''),
    canWithdraw: may.some((permission) => permission.includes('withdraw')),
  };
}
