import { expect, it } from 'vitest';
import type { Interval } from '../../shared/domain/market.ts';
import type { Desk } from '../core/desk.ts';
import type { Effect } from '../core/effects.ts';
import { Scenario } from '../testing/core/scenario.ts';
import type { BarHub } from './barHub/barHub.ts';
import { BotBars } from './botBars.ts';

/** A hub that says who watches what. */
function world() {
  const watching = new Map<string, string>();
  const hub: Pick<BarHub, 'watch' | 'unwatch'> = {
    watch: async (watcher, { symbol, interval }) => void watching.set(watcher, `${symbol}.${interval}`),
    unwatch: (watcher) => void watching.delete(watcher),
  };
  const bars = new BotBars(hub as BarHub);
  const ask = (deskId: string, botId: string, interval: Interval = '1m') => {
    const of = { venue: 'sim', symbol: 'BTCUSDT', interval, bars: 5, since: null };
    return bars.watch(deskId, { type: 'WatchBars', botId, ...of } satisfies Effect);
  };
  return { watching, bars, ask };
}

const nobody = (desk: Desk): Desk => ({ ...desk, bots: new Map() });

it('[RUN-38] bars are built for as long as a bot needs them, however often they are asked for', async () => {
  const { watching, bars, ask } = world();
  const scenario = new Scenario();
  const botId = scenario.runningBot();
  for (let second = 0; second < 60; second += 1) await ask('ada', botId);
  await ask('bob', botId);
  await ask('ada', botId, '3m');
  bars.release('ada', scenario.desk);
  expect([...watching]).toEqual([
    [`ada/${botId}`, 'BTCUSDT.3m'],
    [`bob/${botId}`, 'BTCUSDT.1m'],
  ]);
  scenario.command({ type: 'StopBot', botId, positions: 'close' });
  scenario.settle();
  expect(scenario.bot(botId).state).toBe('stopped');
  bars.release('ada', scenario.desk);
  expect([...watching.keys()]).toEqual([`bob/${botId}`]);
  bars.release('bob', nobody(scenario.desk));
  expect([...watching]).toEqual([]);
});
