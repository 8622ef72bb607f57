import type { HoldMode } from './settings.ts';
import type { Trader } from './trader.ts';

export type Family = 'v2' | 'v3';
export type Environment = 'demo' | 'live';

/** A key and the account behind it, as a test asks for them; what it leaves out is as on a usual demo account. */
export interface UserSpec {
  apiKey: string;
  /** Another key, whose account this one opens too: what it does there is foreign to whoever has the other. */
  accountOf?: string;
  secret?: string;
  passphrase?: string;
  family?: Family;
  environment?: Environment;
  holdMode?: HoldMode;
  /** USDT. */
  deposit?: string;
  bgb?: string;
  permissions?: readonly string[];
  readOnly?: boolean;
  /** Addresses the key is bound to; none: any. */
  ips?: readonly string[];
  /** A key that classic calls tell apart from other unified ones. */
  elite?: boolean;
  /** Of the unified account. */
  accountMode?: string;
  accountLevel?: string;
}

export interface User {
  apiKey: string;
  secret: string;
  passphrase: string;
  uid: string;
  family: Family;
  environment: Environment;
  permissions: readonly string[];
  readOnly: boolean;
  elite: boolean;
  ips: readonly string[];
  accountMode: string;
  accountLevel: string;
  trader: Trader;
}

export const PERMISSIONS: Readonly<Record<Family, readonly string[]>> = {
  v3: ['uta_mgt', 'uta_trade'],
  // Futures: orders and positions, read and write.
  v2: ['coor', 'coow', 'cpor', 'cpow'],
};
