import { expect, it } from 'vitest';
import { dec } from '../../../shared/domain/decimal.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { Command } from '../commands.ts';

it('[CMD-22] a command id that comes again once its answer is forgotten makes something new: nothing is overwritten', () => {
  const s = new Scenario();
  s.openByHand();
  s.commandId = 'every-night';
  const { accountId } = s;
  const account = { venue: 'sim', leverage: 1, marginMode: 'isolated', deposit: dec('100') } as const;
  const twice: ((name: string) => Command)[] = [
    (name) => ({ type: 'CreateAccount', name, ...account }),
    () => s.orderByHand({ type: 'limit', price: dec('19900'), timeInForce: 'gtc' }),
    () => ({ type: 'ReducePosition', accountId, symbol: 'BTCUSDT', size: dec('0.02') }),
  ];
  for (const command of twice)
    for (const name of ['one', 'two']) {
      expect(s.command(command(name)).ok).toBe(true);
      s.settle();
    }
  const bots = ['a', 'b'].map((name) => s.createBot({ name }));
  const stop = { type: 'EmergencyStop', scope: { accountId } } as const;
  for (let press = 0; press < 2; press += 1) {
    expect(s.command(stop).ok).toBe(true);
    s.settle();
    for (let second = 0; second < 60; second += 1) s.tick();
    s.settle();
  }
  expect([...s.desk.accounts.values()].map((state) => state.account.name)).toEqual([
    'Simulated',
    'one',
    'two',
  ]);
  expect(new Set(bots).size).toBe(2);
  const byHand = [...s.desk.orders.values()].filter(({ purpose }) => purpose === 'manual');
  expect(byHand.map(({ type, reduceOnly }) => [type, reduceOnly])).toEqual([
    ['market', false],
    ['limit', false],
    ['limit', false],
    ['market', true],
    ['market', true],
  ]);
  expect(s.desk.emergencies.size).toBe(2);
});
