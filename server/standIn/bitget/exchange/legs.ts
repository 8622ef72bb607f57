import type { MarginMode } from '../../../../shared/domain/account.ts';

/** Which of a symbol's positions: the one of one-way mode, or a side of hedge mode. */
export type Leg = 'net' | 'long' | 'short';

/**
 * A position's place at the simulated account, which holds one position per symbol: each of the exchange's positions has a
 * symbol of its own there, so that hedge mode and margin modes side by side share one balance.
 */
export interface Place {
  symbol: string;
  leg: Leg;
  marginMode: MarginMode;
}

/** The simulated venue's words for margin modes; the exchange says `crossed`. */
export const keyOf = ({ symbol, leg, marginMode }: Place): string => `${symbol}/${leg}/${marginMode}`;

export function placeOf(key: string): Place {
  const [symbol = '', leg, marginMode] = key.split('/');
  return { symbol, leg: leg as Leg, marginMode: marginMode as MarginMode };
}

export const symbolOf = (key: string): string => key.split('/', 1)[0] ?? key;
