import { INTERVAL_MS } from '../../../../shared/domain/market.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import { SIMULATED_VENUE } from '../prices/instruments.ts';
import { SyntheticPath } from '../prices/syntheticPath.ts';
import type { Pace } from './marketTime.ts';
import { PathFeed } from './pathFeed.ts';

/** Market milliseconds per wall millisecond unless configured: a 1-minute bar closes each second. */
export const DEFAULT_SPEED = 60;

/** The made-up market as a feed. Market time starts at the wall's unless `startAt` (a full minute) says otherwise. */
export class SimulatedFeed extends PathFeed {
  constructor(options: { seed: string; speed: Pace; clock: Clock; logger: Logger; startAt?: number }) {
    const wallMinute = Math.floor(options.clock.now() / INTERVAL_MS['1m']) * INTERVAL_MS['1m'];
    super({
      venue: SIMULATED_VENUE,
      name: 'Simulated market',
      path: new SyntheticPath(options.seed),
      pace: options.speed,
      clock: options.clock,
      logger: options.logger,
      startAt: options.startAt ?? wallMinute,
      whileDown: 'runs',
    });
  }
}
