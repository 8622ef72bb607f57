import { expect, it } from 'vitest';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

it('[FOUND-29] bots of a market that has ended are halted with the reason, keep what they hold, and nobody enters or starts', () => {
  const s = new Scenario();
  const botId = s.tradingBot();
  s.changeInstrument('BTCUSDT', { status: 'ended' });
  s.tick();
  expect(s.bot(botId)).toMatchObject({
    state: 'halted',
    reason: { code: 'market_ended', figures: { symbol: 'BTCUSDT' } },
  });
  expect(s.sending('close')).toEqual([]);
  expect(s.alert('market_ended')).toBe(true);
  expect(s.alert('symbol_delisted')).toBe(false);
  s.bar([enter('long')]);
  expect(s.sending('entry')).toEqual([]);
  const flat = new Scenario();
  const idle = flat.runningBot();
  flat.changeInstrument('BTCUSDT', { status: 'ended' });
  flat.tick();
  flat.settle();
  expect(flat.denial({ type: 'StartBot', botId: idle })).toMatchObject({
    limit: 'instrument_status',
    status: 'ended',
  });
});
