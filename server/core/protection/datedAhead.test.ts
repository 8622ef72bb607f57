import { describe, expect, it } from 'vitest';
import type { Order } from '../../../shared/domain/order.ts';
import { HOUR, RiskDesk } from '../../testing/core/riskDesk.ts';
import { enter } from '../../testing/core/samples.ts';
import type { ProtectionPlan } from '../strategy/strategy.ts';

/** The fill of an order is dated a day ahead by its venue, whose own clock is right. */
function fillAhead(s: RiskDesk, order: Order): void {
  s.venue.marketTime += 24 * HOUR;
  s.fillNow(order);
  s.deliver();
  s.venue.marketTime -= 24 * HOUR;
  expect(s.venue.fills.at(-1)?.ts).toBe(s.marketTime + 24 * HOUR);
}

/** A bot’s entry, filled so. */
function enteredAhead(plan: Partial<ProtectionPlan>, attachedStop = true): RiskDesk {
  const s = new RiskDesk({ attachedStop });
  s.runningBot();
  s.bar([enter('long')], plan);
  fillAhead(s, s.order('entry'));
  return s;
}

describe('a fill that its venue dates a day ahead', () => {
  it('[FOUND-17] [PROT-17] delays no close by hand', () => {
    const s = new RiskDesk();
    s.command(s.orderByHand());
    fillAhead(s, s.order('manual'));
    s.command({ type: 'ClosePosition', accountId: s.accountId, symbol: 'BTCUSDT' });
    expect(s.sending('close')).toMatchObject([{ slot: 'manual' }]);
  });

  it('[FOUND-17] [PROT-16] keeps no position longer than its plan holds it', () => {
    const s = enteredAhead({ maxHoldMs: HOUR });
    s.tick(HOUR);
    expect(s.sending('close')).toEqual([]);
    s.tick(61_000);
    expect(s.sending('close')).toMatchObject([{ slot: 'time' }]);
  });

  it('[FOUND-17] [PROT-23] delays no alarm for a position without a stop by more than a minute', () => {
    const s = enteredAhead({}, false);
    s.loseOrder(s.order('stop'));
    s.tick(1_000);
    expect(s.alert('unprotected')).toBe(false);
    s.tick(61_000 + s.settings.unprotectedLimitMs);
    expect(s.alert('unprotected')).toBe(true);
  });
});
