import { expect, it } from 'vitest';
import { enter } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';

it('[BAR-7] [D9] rival bots on one symbol and interval each see every bar, and each acts on it once', () => {
  const s = new Scenario();
  const rival = s.openAccount('Rival');
  const bots = [s.runningBot(), s.runningBot({ accountId: rival })];
  for (let bar = 0; bar < 5; bar += 1) {
    s.bar();
    for (const botId of bots)
      expect(s.told('BotNote').filter(({ bot }) => bot.botId === botId)).toHaveLength(1);
  }
  s.bar([enter('long')]);
  expect(s.sending('entry').map((order) => order.botId)).toEqual(bots);
  const openTime = s.barTime;
  expect(bots.map((botId) => s.bot(botId).lastBarTime)).toEqual([openTime, openTime]);
  s.closeBar(openTime, [enter('long')]);
  expect(s.sending('entry')).toHaveLength(2);
});
