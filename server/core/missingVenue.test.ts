import { expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { enter } from '../testing/core/samples.ts';
import { Scenario } from '../testing/core/scenario.ts';
import type { Context } from './context.ts';

/** A desk with an order and a position at a venue that is configured no more. */
class Orphaned extends Scenario {
  isGone = false;
  override context(): Context {
    const context = super.context();
    return this.isGone ? { ...context, venue: () => undefined, instrument: () => undefined } : context;
  }
}

it('[FOUND-11] [REC-5] an account whose venue is configured no more is unreachable and says so; nothing throws, nothing is sent', () => {
  const s = new Orphaned();
  const botId = s.tradingBot();
  const limit = s.orderByHand({
    symbol: 'ETHUSDT',
    type: 'limit',
    size: dec('1'),
    price: dec('1490'),
    timeInForce: 'gtc',
  });
  expect(s.command(limit).ok).toBe(true);
  s.loseAnswer(s.order('manual'));
  s.pending = [];
  s.isGone = true;
  s.give({ type: 'Recovered', downMs: 0, latch: null });
  expect(s.state().account).toMatchObject({
    status: 'unreachable',
    statusReason: { code: 'no_venue', figures: { venue: 'sim' } },
  });
  expect(s.alert('account_unreachable')).toBe(true);
  const { seq } = s.desk;
  for (let n = 0; n < 30; n += 1) s.tick();
  s.bar([enter('long')]);
  expect(s.pending.filter(({ type }) => type !== 'WatchBars')).toEqual([]);
  expect(s.desk.seq - seq).toBeLessThan(5);
  expect(s.command({ type: 'StopBot', botId, positions: 'close' }).ok).toBe(true);
  expect(s.sending()).toEqual([]);
});
