import { z } from 'zod';
import { dec } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { VenueFacts } from '../../core/context.ts';
import type {
  DesiredOrder,
  ProtectionPlan,
  Strategy,
  StrategyDecision,
} from '../../core/strategy/strategy.ts';

export function sampleInstrument(symbol: string, overrides: Partial<Instrument> = {}): Instrument {
  return {
    venue: 'sim',
    symbol,
    baseCoin: symbol.replace('USDT', ''),
    quoteCoin: 'USDT',
    status: 'trading',
    tickSize: dec('0.1'),
    sizeStep: dec('0.001'),
    minSize: dec('0.001'),
    maxLimitSize: dec('100'),
    maxMarketSize: dec('50'),
    minNotional: dec('5'),
    maxLeverage: 50,
    makerFeeRate: dec('0.0002'),
    takerFeeRate: dec('0.0006'),
    maintenanceMarginRate: dec('0.005'),
    priceBandRatio: dec('0.05'),
    simulated: true,
    ...overrides,
  };
}

/** A venue that can everything; tests take abilities away. */
export function venueFacts(capabilities: Partial<VenueFacts['capabilities']> = {}): VenueFacts {
  return {
    capabilities: {
      attachedStop: true,
      positionStops: 'many',
      amendStop: true,
      sizedStop: true,
      expiringOrders: true,
      denseCursors: true,
      ...capabilities,
    },
    simulated: true,
    writeWindowMs: 10_000,
    speed: 1,
    lockStep: false,
  };
}

export const PLAN: ProtectionPlan = {
  stopLossPct: dec('2'),
  takeProfits: [],
  trailing: null,
  breakEvenAtPct: null,
  maxHoldMs: null,
};

export const NOTHING: StrategyDecision = {
  desired: [],
  protection: PLAN,
  note: { code: 'waits_for_extreme', figures: { rsi: dec('50'), low: dec('30'), high: dec('70') } },
};

export function enter(direction: 'long' | 'short', overrides: Partial<DesiredOrder> = {}): DesiredOrder {
  return {
    slot: 'entry',
    intent: 'enter',
    direction,
    type: 'market',
    share: dec('1'),
    ...overrides,
  };
}

export function exit(direction: 'long' | 'short', share = '1', slot = 'signal_exit'): DesiredOrder {
  return {
    slot,
    intent: 'exit',
    direction,
    type: 'market',
    share: dec(share),
  };
}

/** A strategy that wants what the test says. */
export function scriptedStrategy(wanted: () => StrategyDecision): Strategy {
  return {
    id: 'scripted',
    name: 'Scripted',
    summary: 'wants what the test says',
    defaultInterval: '1m',
    paramsSchema: z.object({}).strict(),
    presets: [],
    warmupBars: () => 5,
    evaluate: () => wanted(),
  };
}
