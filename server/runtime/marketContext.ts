import type { Context, EngineSettings, VenueFacts } from '../core/context.ts';
import { strategies } from '../core/strategy/registry.ts';
import type { Clock } from '../ports/clock.ts';
import type { Venue } from '../ports/venue.ts';
import type { BarHub } from './barHub/barHub.ts';

export interface ContextSources {
  epoch: string;
  /** A steady one: decisions measure patience by it. */
  clock: Clock;
  settings: EngineSettings;
  hub: BarHub;
  venues: ReadonlyMap<string, Venue>;
  /** Venues whose money is play money. */
  simulated: ReadonlySet<string>;
  /** Market time waits until what follows from each step has settled. */
  lockStep: boolean;
}

/** What decisions read of the world: one object for all of them, looked up when asked. */
export function marketContext(sources: ContextSources): Context {
  const { epoch, clock, settings, hub, venues, simulated, lockStep } = sources;
  const facts = new Map<string, VenueFacts>();
  for (const [name, { capabilities, writeWindowMs }] of venues) {
    facts.set(name, {
      ...{ capabilities, writeWindowMs, simulated: simulated.has(name), lockStep },
      get speed() {
        return hub.speed(name);
      },
    });
  }
  return {
    epoch,
    settings,
    get wallTime() {
      return clock.now();
    },
    marketTime: (venue) => {
      // An account may outlive its venue's configuration: no reason for any decision to fail.
      return hub.marketTime(venue) ?? clock.now();
    },
    venue: (venue) => facts.get(venue),
    instrument: (venue, symbol) => hub.instrument(venue, symbol),
    quote: (venue, symbol) => (hub.isFresh(venue, symbol) ? hub.latestQuote(venue, symbol) : undefined),
    lastQuote: (venue, symbol) => hub.latestQuote(venue, symbol),
    series: (venue, symbol, interval, bars, lastOpenTime) =>
      hub.series(venue, symbol, interval, bars, lastOpenTime),
    strategy: (id) => strategies.get(id),
    strategyIds: () => strategies.keys(),
  };
}
