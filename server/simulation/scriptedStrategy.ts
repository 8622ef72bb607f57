import { z } from 'zod';
import type { StrategyParams } from '../../shared/domain/bot.ts';
import { type Decimal, dec, decFromFloat, ZERO } from '../../shared/domain/decimal.ts';
import type { DesiredOrder, ProtectionPlan, Strategy, StrategyDecision } from '../core/strategy/strategy.ts';
import { Random } from './random.ts';

const paramsSchema = z.strictObject({ salt: z.number().int().default(1) });
type Params = z.infer<typeof paramsSchema>;

const ONE = dec('1');
const pct = (value: number): Decimal => decFromFloat(value, 4);

function planOf(random: Random): ProtectionPlan {
  const rungs = random.pick([0, 1, 1, 2, 3]);
  const shares = [['1'], ['0.5', '0.5'], ['0.5', '0.25', '0.25']][Math.max(rungs, 1) - 1] ?? ['1'];
  const firstAt = random.pick([0.1, 0.2, 0.5, 3]);
  return {
    stopLossPct: pct(random.pick([0.2, 0.4, 0.8, 2])),
    takeProfits:
      rungs === 0
        ? []
        : shares.map((share, index) => ({
            slot: `tp${index + 1}`,
            atPct: pct(firstAt * (index + 1)),
            share: dec(share),
          })),
    trailing: random.chance(0.8) ? { activatePct: pct(0.1), distancePct: pct(0.15) } : null,
    breakEvenAtPct: random.chance(0.3) ? pct(0.15) : null,
    maxHoldMs: random.chance(0.5) ? random.between(1, 5) * 60_000 : null,
  };
}

function exitOf(random: Random): Omit<DesiredOrder, 'direction'> | null {
  const wish = random.weighted([
    ['nothing', 6],
    ['half', 2],
    ['all', 1],
  ]);
  if (wish === 'nothing') return null;
  const share = wish === 'half' ? dec('0.5') : ONE;
  return {
    slot: wish === 'half' ? 'half' : 'signal_exit',
    intent: 'exit',
    type: 'market',
    share,
  };
}

const NOTE = { code: 'waits_for_extreme', figures: { rsi: ZERO, low: ZERO, high: ZERO } } as const;

/** Trades on most bars, in every way the core knows; what it wants follows from the bar's open time alone. */
export const scriptedStrategy: Strategy<Params> = {
  id: 'scripted',
  name: 'Scripted',
  summary: 'Trades often, for the simulation.',
  defaultInterval: '1m',
  paramsSchema: paramsSchema as unknown as z.ZodType<Params, StrategyParams>,
  presets: [],
  warmupBars: () => 5,
  evaluate({ params, bars, position }): StrategyDecision {
    const openTime = bars.openTime[bars.openTime.length - 1] ?? 0;
    const close = bars.close[bars.close.length - 1] ?? 0;
    const random = new Random(params.salt, openTime / 60_000);
    const protection = planOf(random);
    if (position !== null) {
      const exit = exitOf(random);
      const desired = exit === null ? [] : [{ ...exit, direction: position.direction }];
      return { desired, protection, note: NOTE };
    }
    if (random.chance(0.3)) return { desired: [], protection, note: NOTE };
    const direction = random.pick(['long', 'short'] as const);
    const limit = random.chance(0.4);
    const away = (direction === 'long' ? -1 : 1) * random.pick([0, 0.0005, 0.002]);
    const entry: DesiredOrder = {
      slot: 'entry',
      intent: 'enter',
      direction,
      type: limit ? 'limit' : 'market',
      ...(limit ? { price: decFromFloat(close * (1 + away), 8) } : {}),
      share: random.chance(0.5) ? ONE : dec('0.3'),
    };
    const second = random.chance(0.2);
    const further = (direction === 'long' ? -1 : 1) * random.pick([0.001, 0.003]);
    const below: DesiredOrder = {
      ...{ slot: 'entry2', intent: 'enter', direction, type: 'limit', share: dec('0.3') },
      price: decFromFloat(close * (1 + further), 8),
    };
    return {
      desired: second ? [entry, below] : [entry],
      protection,
      note: { code: 'enters_on_setup', figures: { direction, rsi: ZERO } },
    };
  },
};
