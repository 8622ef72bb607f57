import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { Decimal } from '../../../../shared/domain/decimal.ts';

export type Family = 'v3' | 'v2';
export type HoldMode = 'one_way' | 'hedge';

/** How an account is set up. */
export interface AccountSettings {
  /** Whose budgets its calls count in; null: not told. */
  uid: string | null;
  holdMode: HoldMode;
  /** What the account's level allows at all. */
  marginModes: readonly MarginMode[];
  /** Of those symbols that something was set for. */
  symbols: ReadonlyMap<string, { marginMode: MarginMode; leverage: number }>;
}

/** What a key may do. */
export interface KeyFacts {
  uid: string;
  canTrade: boolean;
  canWithdraw: boolean;
}

/** What an account owns. */
export interface Wallet {
  /** Without what open positions are ahead or behind. */
  balances: Record<string, Decimal>;
}

export const holdModeOf = (word: string): HoldMode => (word === 'hedge_mode' ? 'hedge' : 'one_way');
