import { z } from 'zod';

/**
 * What a symbol may be, as a venue spells it: letters and digits of any script, and dots, underscores and hyphens between
 * them. What a venue calls otherwise is neither listed nor traded.
 */
const SYMBOL = String.raw`(?=[\p{L}\p{N}])[\p{L}\p{N}._-]{0,31}[\p{L}\p{N}]`;

export const symbolSchema = z
  .string()
  .regex(new RegExp(`^${SYMBOL}$`, 'u'), 'expected a symbol such as BTCUSDT');

/** A market: `<venue>.<symbol>`. */
export const MARKET_PATTERN = `[a-z0-9-]+\\.${SYMBOL}`;
