import { describe, expect, it } from 'vitest';
import { type Decimal, dec } from '../../../shared/domain/decimal.ts';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

describe('what a bot claims', () => {
  it('[RISK-7] [INV-12] a running bot claims its symbol: manual entries are denied, exits are not', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    expect(s.denial(s.orderByHand())).toMatchObject({ limit: 'symbol_claimed', bot: s.bot(botId).name });
    expect(s.command(s.orderByHand({ side: 'sell', reduceOnly: true })).ok).toBe(true);
    expect(s.command(s.orderByHand({ symbol: 'ETHUSDT' })).ok).toBe(true);
  });

  it('[RISK-7] [INV-12] of two bots that were halted on one symbol, neither starts beside the other', () => {
    const s = new Scenario();
    const first = s.createBot();
    const second = s.createBot();
    s.command({ type: 'StartBot', botId: first });
    s.endWarmup(first, 'the history is gone');
    expect(s.bot(first).state).toBe('error');
    s.command({ type: 'StartBot', botId: second });
    s.command({ type: 'EmergencyStop', scope: {} });
    s.readLater();
    expect([s.bot(first).state, s.bot(second).state]).toEqual(['halted', 'halted']);
    s.command({ type: 'ReleaseEmergency', scope: {} });
    expect(s.denial({ type: 'StartBot', botId: first })).toMatchObject({ limit: 'symbol_claimed' });
    expect(s.denial({ type: 'StartBot', botId: second })).toMatchObject({ limit: 'symbol_claimed' });
    s.command({ type: 'StopBot', botId: first, positions: 'close' });
    s.readLater();
    expect(s.command({ type: 'StartBot', botId: second }).ok).toBe(true);
  });

  it('[RISK-7] [INV-12] a bot does not start over a position or orders that are not its own, nor enter over one that appears later', () => {
    const s = new Scenario();
    s.openByHand();
    const botId = s.createBot();
    expect(s.denial({ type: 'StartBot', botId })).toMatchObject({
      limit: 'symbol_has_position',
      direction: 'long',
      size: '0.1',
    });
    const t = new Scenario();
    t.command(t.orderByHand({ type: 'limit', price: dec('19900') }));
    const other = t.createBot();
    expect(t.denial({ type: 'StartBot', botId: other })).toMatchObject({
      limit: 'symbol_has_orders',
      actual: 1,
    });
    const u = new Scenario();
    u.runningBot();
    u.venue.execute(
      { symbol: 'BTCUSDT', side: 'buy', venueOrderId: 'x', clientOrderId: null },
      dec('0.01'),
      dec('20000'),
    );
    u.deliver();
    u.command({ type: 'ResolveForeign', accountId: u.accountId });
    u.bar([enter('short')]);
    expect(u.sending()).toEqual([]);
  });

  it('[RISK-8] two bots do not share a symbol, nor more than the whole account', () => {
    const s = new Scenario();
    s.runningBot({ allocationPct: dec('60') });
    const twin = s.createBot({ allocationPct: dec('10') });
    expect(s.denial({ type: 'StartBot', botId: twin })).toMatchObject({ limit: 'symbol_claimed' });
    const greedy = s.createBot({ symbol: 'ETHUSDT', allocationPct: dec('41') });
    expect(s.denial({ type: 'StartBot', botId: greedy })).toMatchObject({
      limit: 'allocation',
      actual: '41',
      allowed: '40',
    });
  });

  it('[RISK-11] bots: their number, their names, their leverage and their share', () => {
    const s = new Scenario();
    s.settings.maxBotsPerDesk = 1;
    const botId = s.createBot({ name: 'one' });
    const config = { ...s.bot(botId), name: 'two' };
    expect(s.denial({ type: 'CreateBot', config })).toMatchObject({
      limit: 'bots_per_user',
      actual: 1,
      allowed: 1,
    });
    s.settings.maxBotsPerDesk = 10;
    expect(s.denial({ type: 'CreateBot', config: { ...config, name: 'one' } })).toMatchObject({
      limit: 'bot_name',
      name: 'one',
    });
    expect(s.denial({ type: 'CreateBot', config: { ...config, leverage: 51 } })).toMatchObject({
      limit: 'leverage',
      actual: 51,
      allowed: 50,
    });
    for (const allocationPct of ['0', '100.1'] as Decimal[])
      expect(s.denial({ type: 'CreateBot', config: { ...config, allocationPct } })).toMatchObject({
        limit: 'allocation_range',
        actual: allocationPct,
      });
  });
});
