import { describe, expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { enter, exit } from '../../testing/core/samples.ts';
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
