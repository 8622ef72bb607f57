import type { Trader } from './exchange/trader.ts';

/** How a list without entries is told. */
export const emptyList = (trader: Trader): null | [] => (trader.switches.emptyLists === 'null' ? null : []);

export const listOf = <T>(trader: Trader, rows: T[]): T[] | null =>
  rows.length === 0 ? emptyList(trader) : rows;
