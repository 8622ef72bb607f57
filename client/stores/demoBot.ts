import type { Bot } from '../../shared/domain/bot.ts';
import { type Decimal, dec, isPositive, min } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import type { OpArgsInput } from '../../shared/protocol/ops.ts';
import { freeAllocationPct, freeName } from '../format/figures.ts';
import { strategyName } from '../i18n/text.ts';
import type { StrategyInfo } from './catalog.svelte.ts';

/** Share of the account's equity that a demo bot takes where that much is free, in percent. */
export const DEMO_ALLOCATION_PCT: Decimal = dec('25');

export type DemoPlan =
  | { ok: true; config: OpArgsInput<'bots.create'> }
  | { ok: false; why: 'no_strategy' | 'no_room' };

const isDemo = (preset: { id: string; name: string }): boolean => /demo/i.test(`${preset.id} ${preset.name}`);

/** Quickest to trade first: a new user wants to see something happen. */
const PREFERRED = ['momentum', 'aggressive', 'balanced', 'conservative'];

/**
 * The bot that one click creates: a strategy's demo preset on a market that no bot of the account uses yet,
 * BTC first, with what is free of the account. Strategies take turns, so that several demo bots differ.
 */
export function planDemoBot(
  strategies: readonly StrategyInfo[],
  instruments: readonly Instrument[],
  bots: readonly Bot[],
  accountId: string,
): DemoPlan {
  const rank = (id: string): number =>
    (PREFERRED.indexOf(id) + PREFERRED.length + 1) % (PREFERRED.length + 1);
  const own = bots.filter((bot) => bot.accountId === accountId);
  const uses = (id: string): number => own.filter((bot) => bot.strategy === id).length;
  const candidates = strategies
    .flatMap((strategy) => strategy.presets.filter(isDemo).map((preset) => ({ strategy, preset })))
    .sort((a, b) => uses(a.strategy.id) - uses(b.strategy.id) || rank(a.strategy.id) - rank(b.strategy.id));
  const chosen = candidates[0];
  if (chosen === undefined) return { ok: false, why: 'no_strategy' };
  const claimed = new Set(own.map((bot) => bot.symbol));
  const market = instruments
    .filter((instrument) => instrument.status === 'trading' && !claimed.has(instrument.symbol))
    .sort((a, b) => Number(b.baseCoin === 'BTC') - Number(a.baseCoin === 'BTC'))[0];
  const free = freeAllocationPct(bots, accountId);
  if (market === undefined || !isPositive(free)) return { ok: false, why: 'no_room' };
  return {
    ok: true,
    config: {
      name: freeName(`${strategyName(chosen.strategy.id, chosen.strategy.name)} ${market.baseCoin}`, bots),
      accountId,
      symbol: market.symbol,
      interval: chosen.preset.interval,
      strategy: chosen.strategy.id,
      params: chosen.preset.params,
      allocationPct: min(free, DEMO_ALLOCATION_PCT),
    },
  };
}
