import { vi } from 'vitest';
import type { Candle, Interval } from '../../../shared/domain/market.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { BarHub } from '../../runtime/barHub/barHub.ts';
import type { HubBar } from '../../runtime/barHub/hubBar.ts';
import { FakeMarketFeed } from './fakeMarketFeed.ts';

export const MINUTE_MS = 60_000;

/** Timers run when a test says so. */
export class HandClock implements Clock {
  time = 0;
  readonly timers = new Set<() => void>();
  now = (): number => this.time;
  elapsed = (): number => this.time;
  after(_delayMs: number, run: () => void): () => void {
    this.timers.add(run);
    return () => this.timers.delete(run);
  }
  soon = (run: () => void): void => void setImmediate(run);
  fire(): void {
    for (const run of [...this.timers]) {
      this.timers.delete(run);
      run();
    }
  }
}

export const logger: Logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

export interface Setup {
  hub: BarHub;
  feed: FakeMarketFeed;
  clock: HandClock;
  bars: HubBar[];
  /** `1m@500`: interval and minute of what was delivered. */
  delivered: () => string[];
}

export async function setUp(feed = new FakeMarketFeed({ minute: 600 })): Promise<Setup> {
  const clock = new HandClock();
  const hub = new BarHub({ feeds: [feed], logger, clock });
  const bars: HubBar[] = [];
  hub.onBarClosed((bar) => bars.push(bar));
  await hub.start();
  const minuteOf = (candle: Candle): number => (candle.openTime - feed.startTime) / MINUTE_MS;
  return {
    hub,
    feed,
    clock,
    bars,
    delivered: () => bars.map((bar) => `${bar.interval}@${minuteOf(bar.candle)}`),
  };
}

let watchers = 0;
/** Somebody who watches nothing yet. */
export const newWatcher = (): string => `watcher ${++watchers}`;
export const watch = (
  setup: Setup,
  interval: Interval,
  bars: number,
  watcher = newWatcher(),
): Promise<void> => setup.hub.watch(watcher, { venue: 'sim', symbol: 'BTCUSDT', interval: interval }, bars);
export const series = (setup: Setup, interval: Interval, bars: number, at?: number) =>
  setup.hub.series('sim', 'BTCUSDT', interval, bars, at);
