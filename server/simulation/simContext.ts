import { type Context, DEFAULT_ENGINE_SETTINGS, type VenueFacts } from '../core/context.ts';
import { strategies } from '../core/strategy/registry.ts';
import type { Clock } from '../ports/clock.ts';
import type { EffectsModel } from './effectsModel.ts';
import { ANSWER_TIMEOUT_MS } from './line.ts';
import { EPOCH } from './logModel.ts';
import { BAR_MS } from './market.ts';
import { scriptedStrategy } from './scriptedStrategy.ts';
import type { World } from './world.ts';

/** What decisions of one process read of the world. */
export function contextOf(world: World, effects: EffectsModel, clock: Clock): Context {
  let waitedFor = 0;
  const { market, setup } = world;
  const facts: VenueFacts = {
    capabilities: setup.profile.capabilities,
    simulated: true,
    writeWindowMs: ANSWER_TIMEOUT_MS * setup.speed,
    speed: setup.speed,
    lockStep: false,
  };
  const isOurs = (venue: string): boolean => venue === setup.venue;
  return {
    epoch: EPOCH,
    settings: DEFAULT_ENGINE_SETTINGS,
    get wallTime() {
      if (world.sabotage.waitsForWallClock !== true) return clock.now();
      waitedFor = Math.max(waitedFor, world.wallTime);
      return waitedFor;
    },
    marketTime: () => market.stepTime + world.marketOffsetMs,
    venue: (venue) => (isOurs(venue) ? facts : undefined),
    instrument: (venue, symbol) => (isOurs(venue) ? market.instrument(symbol) : undefined),
    quote: (venue, symbol) => (isOurs(venue) && !world.feedIsDown ? market.quote(symbol) : undefined),
    lastQuote: (venue, symbol) => (isOurs(venue) ? world.lastQuote(symbol) : undefined),
    series: (_venue, symbol, _interval, bars, lastOpenTime = market.lastClosedBar) => {
      const heldFrom = effects.barsFrom.get(symbol) ?? Number.POSITIVE_INFINITY;
      const isHeld = !world.isMinuteLost && lastOpenTime - (bars - 1) * BAR_MS >= heldFrom;
      return isHeld ? market.series(symbol, bars, lastOpenTime) : undefined;
    },
    strategy: (id) => (id === scriptedStrategy.id ? scriptedStrategy : strategies.get(id)),
    strategyIds: () => strategies.keys(),
  };
}
