import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import type { PanicRecord } from '../../../shared/domain/panic.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const orderId = `panic${'0123456789abcdef'.repeat(2).slice(0, 27)}`;

/** A bot in a position that `npm run panic` closes at the venue while nobody listens. */
function panicked(s: Scenario): { botId: string; panic: PanicRecord } {
  const botId = s.tradingBot();
  const { size } = s.position();
  const stop = s.order('stop');
  s.venue.execute(
    { symbol: 'BTCUSDT', side: 'sell', venueOrderId: 'p1', clientOrderId: orderId },
    size,
    dec('19990'),
  );
  s.venue.end(String(stop.venueOrderId), 'cancelled', 'ioc');
  const closes = [{ clientOrderId: orderId, symbol: 'BTCUSDT', side: 'sell', size, ts: 1 } as const];
  const { accountId } = s;
  return {
    botId,
    panic: { panicId: 'p', accountId, startedAt: 1, closes, finished: { flat: true, residual: [] } },
  };
}

const aftermath = (s: Scenario, botId: string) => {
  expect(s.isFlat).toBe(true);
  expect(s.state().account).toMatchObject({
    foreign: null,
    latch: { reason: 'panic' },
  });
  expect(s.bot(botId)).toMatchObject({ state: 'halted', reason: { code: 'panic' } });
  expect(s.told('PositionChanged').findLast(({ trade }) => trade !== null)?.trade).toMatchObject({
    exit: 'panic',
    botId,
  });
  expect(s.alert('panic')).toBe(true);
  expect(s.alert('ledger_mismatch')).toBe(false);
};

describe('what npm run panic closed', () => {
  it('[PANIC-1] [D12] [INV-9] [INV-12] is known from its journal before the venue is read: not foreign, its bot halted, entries latched', () => {
    const s = new Scenario();
    const { botId, panic } = panicked(s);
    s.venue.pushes = [];
    s.give({ type: 'PanicFound', accountId: s.accountId, panic });
    s.give({ type: 'Recovered', downMs: 60_000, latch: null });
    s.readLater();
    s.findAll();
    aftermath(s, botId);
    expect(s.openOrders()).toEqual([]);
    s.bar([enter('long')]);
    expect(s.sending()).toEqual([]);
  });

  it('[PANIC-1] given twice, as after a crash before it was marked as read, changes nothing more', () => {
    const s = new Scenario();
    const { botId, panic } = panicked(s);
    s.venue.pushes = [];
    const input = { type: 'PanicFound', accountId: s.accountId, panic } as const;
    s.give(input);
    expect(s.give(input).events).toEqual([]);
    s.readLater();
    s.findAll();
    expect(s.give(input).events).toEqual([]);
    aftermath(s, botId);
  });

  it('[PANIC-2] is known by the form of its id when the journal comes later or not at all', () => {
    const s = new Scenario();
    const { botId, panic } = panicked(s);
    s.deliver();
    s.readLater();
    aftermath(s, botId);
    s.give({ type: 'PanicFound', accountId: s.accountId, panic });
    s.findAll();
    expect(s.openOrders()).toEqual([]);
    expect(s.told('FillRecorded').filter(({ fill }) => fill.orderId === orderId)).toHaveLength(1);
  });

  it('[PANIC-3] what it could not close is said, and what its id does not look like stays foreign', () => {
    const s = new Scenario();
    const { panic } = panicked(s);
    s.give({
      type: 'PanicFound',
      accountId: s.accountId,
      panic: { ...panic, finished: { flat: false, residual: ['0.1 BTCUSDT: not trading'] } },
    });
    const said = s.told('AlertRaised').map(({ alert }) => alert.figures);
    expect(said).toContainEqual({ account: 'Simulated', end: 'left' });

    const other = new Scenario();
    other.tradingBot();
    const ids = { symbol: 'ETHUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: 'panic-1' } as const;
    other.venue.execute(ids, dec('1'), dec('1500'));
    other.deliver();
    expect(other.state().account).toMatchObject({ latch: null, foreign: { found: { code: 'fill' } } });
  });
});
