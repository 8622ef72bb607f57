import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter, exit, sampleInstrument } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

const reduce = (s: Scenario, size: string) =>
  s.command({ type: 'ReducePosition', accountId: s.accountId, symbol: 'BTCUSDT', size: dec(size) });

describe('taking by hand all that a bot holds', () => {
  it('[FOUND-26] a reduction by the whole size is a close: said, gone on with until nothing is left, and its bot pauses', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    expect(reduce(s, '5')).toMatchObject({ ok: true, result: { closes: true, claimedBy: botId } });
    expect(s.bot(botId).state).toBe('paused');
    s.reject(s.order('close'));
    s.tick(1_000);
    s.fillNow(s.order('close'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    s.cancelAll();
    s.bar([enter('long')]);
    expect(s.sending('entry')).toEqual([]);
  });

  it('[FOUND-26] [EMER-13] a reduction by more than the venue takes at once goes in slices, whole minimums each', () => {
    const s = new Scenario();
    s.tradingBot();
    const { size } = s.position();
    expect(size).toBe('0.249');
    s.instruments.set('BTCUSDT', {
      ...sampleInstrument('BTCUSDT'),
      maxMarketSize: dec('0.05'),
      minSize: dec('0.01'),
    });
    expect(reduce(s, '0.155')).toMatchObject({ ok: true, result: { closes: false } });
    const slices = s.sending('manual');
    expect(slices.map((order) => order.size)).toEqual(['0.05', '0.05', '0.045', '0.01']);
    expect(slices.every((order) => order.reduceOnly && order.side === 'sell')).toBe(true);
    for (const order of slices) s.fillNow(order);
    s.deliver();
    expect(s.position().size).toBe('0.094');
  });

  it('[FOUND-26] [RISK-2] a reduction off the step, or in more slices than may be, is denied as a whole', () => {
    const s = new Scenario();
    s.tradingBot();
    s.instruments.set('BTCUSDT', { ...sampleInstrument('BTCUSDT'), maxMarketSize: dec('0.01') });
    const command = { type: 'ReducePosition', accountId: s.accountId, symbol: 'BTCUSDT' } as const;
    expect(s.denial({ ...command, size: dec('0.0205') })).toMatchObject({ limit: 'size_step' });
    expect(s.denial({ ...command, size: dec('0.201') })).toMatchObject({
      limit: 'size_maximum',
      actual: '0.201',
      allowed: '0.2',
    });
    expect(s.sending('manual')).toEqual([]);
    expect(reduce(s, '0.2').ok).toBe(true);
    expect(s.sending('manual')).toHaveLength(20);
  });

  it.each(['0', '-0.05'])(
    '[FOUND-26] [RISK-2] a reduction by %s is denied, not taken without effect',
    (size) => {
      const s = new Scenario();
      s.tradingBot();
      const command = { type: 'ReducePosition', accountId: s.accountId, symbol: 'BTCUSDT' } as const;
      expect(s.denial({ ...command, size: dec(size) })).toMatchObject({
        limit: 'size_positive',
        actual: size,
      });
      expect(s.sending('manual')).toEqual([]);
    },
  );

  it('[FOUND-26] a reduction by a part leaves the bot as it was', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    expect(reduce(s, '0.05')).toMatchObject({ ok: true, result: { closes: false } });
    s.fillNow(s.order('manual'));
    s.deliver();
    expect(s.bot(botId).state).toBe('running');
  });

  it('[FOUND-26] ended by an order that only reduces, the bot pauses with the fill', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    const { size } = s.position();
    expect(s.command(s.orderByHand({ side: 'sell', size, reduceOnly: true })).ok).toBe(true);
    expect(s.bot(botId).state).toBe('running');
    s.fillNow(s.order('manual'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.bot(botId)).toMatchObject({ state: 'paused', changedBy: { action: 'close by hand' } });
    s.cancelAll();
    s.bar([enter('long')]);
    expect(s.sending('entry')).toEqual([]);
  });

  it('[FOUND-26] ended by its own exit, the bot runs on', () => {
    const s = new Scenario();
    const botId = s.tradingBot();
    s.bar([exit('long')]);
    s.fillNow(s.order('exit'));
    s.deliver();
    expect(s.isFlat).toBe(true);
    expect(s.bot(botId).state).toBe('running');
  });
});
