import { describe, expect, it } from 'vitest';
import { steadyClock } from '../../adapters/clock/steadyClock.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import { ManualClock } from '../../testing/venue/manualClock.ts';
import { worthOf } from '../risk/worth.ts';

const HOUR = 3_600_000;

/** A bot's long whose stop never came: accepted with its entry, and not at the venue. */
function withoutItsStop(): Scenario {
  const s = new Scenario();
  s.runningBot();
  s.bar([enter('long')]);
  s.fillNow(s.order('entry'));
  s.venue.orders.delete(s.venue.madeStop().venueOrderId);
  s.deliver((push) => push.type === 'fill');
  return s;
}

/** Seconds until the stop is sent, each with a look and the reading that it asks for; at most `limit`. */
function secondsToStop(s: Scenario, limit: number, second: () => void): number {
  for (let n = 1; n <= limit; n += 1) {
    second();
    s.give({ type: 'Tick' });
    if (s.waiting('ReadAccount').length > 0) s.read();
    if (s.sending('stop').length > 0) return n;
  }
  return Number.POSITIVE_INFINITY;
}

describe('the wall clock is set', () => {
  it('[FOUND-9] [PROT-3] an hour back while the process runs: a stop that never came is placed within seconds', () => {
    const s = withoutItsStop();
    const wall = new ManualClock(s.wallTime);
    const steady = steadyClock(wall);
    wall.setWall(-HOUR);
    const second = (): void => {
      wall.advance(1_000);
      s.wallTime = steady.now();
      s.marketTime += 1_000;
    };
    expect(secondsToStop(s, 10, second)).toBeLessThanOrEqual(5);
  });

  it('[FOUND-9] [PROT-3] an hour back over a restart: what was written down is of the future, and waits for nothing', () => {
    const s = withoutItsStop();
    s.wallTime -= HOUR;
    s.give({ type: 'Recovered', downMs: 0, latch: null });
    s.read();
    expect(secondsToStop(s, 10, () => s.advance(1_000))).toBeLessThanOrEqual(5);
  });

  it('[FOUND-9] [PROT-4] [BOT-11] over a restart, refused stops and closes are tried again, and a stop comes to its end', () => {
    const s = new Scenario({ attachedStop: false });
    const botId = s.runningBot();
    s.bar([enter('long')]);
    s.fillNow(s.order('entry'));
    s.deliver();
    s.reject(s.order('stop'), 'maintenance');
    s.command({ type: 'StopBot', botId, positions: 'close' });
    s.reject(s.order('close'), 'maintenance');
    s.wallTime -= HOUR;
    s.give({ type: 'Recovered', downMs: 0, latch: null });
    s.readLater();
    s.tick();
    expect(s.sending('stop')).toHaveLength(1);
    expect(s.sending('close')).toHaveLength(1);
    for (let n = 0; n < 5; n += 1) {
      s.settle();
      s.tick();
    }
    expect(s.bot(botId).state).toBe('stopped');
  });

  it('[FOUND-9] [RISK-20] over a restart, an equity of the future is not trusted while the account cannot be read', () => {
    const s = new Scenario();
    s.openByHand();
    s.tick(61_000);
    s.wallTime -= HOUR;
    s.give({ type: 'Recovered', downMs: 0, latch: null });
    s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'no route' });
    s.price('22000');
    const worth = () => Number(worthOf(s.desk, s.state(), s.context(), null).equity);
    s.tick(119_000);
    const seen = worth();
    s.tick(2_000);
    expect(worth()).toBeLessThan(10_000);
    expect(seen).toBeLessThan(10_000);
  });

  it('[FOUND-9] [RISK-9] over a restart, orders of the future do not use up the rate of orders', () => {
    const s = new Scenario();
    s.command({
      type: 'SetLimits',
      accountId: s.accountId,
      values: { maxOrdersPerMinute: 1 },
      timeZone: undefined,
    });
    s.openByHand();
    s.wallTime -= HOUR;
    s.give({ type: 'Recovered', downMs: 0, latch: null });
    s.readLater();
    expect(s.command(s.orderByHand()).ok).toBe(true);
  });
});
