import { expect, test } from 'vitest';
import { dec, ZERO } from '../../shared/domain/decimal.ts';
import { positionOf } from '../e2e/fixtureData.ts';
import { FixtureDesk } from '../e2e/fixtureDesk.ts';
import {
  botFigures,
  entryPrice,
  freeAllocationPct,
  freeName,
  stopDistancePct,
  winRatePct,
} from './figures.ts';

function botWith(allocationPct: string) {
  const desk = new FixtureDesk();
  const accountId = desk.openAccount('Simulated');
  const botId = desk.createBot({
    name: 'Momentum BTC',
    accountId,
    symbol: 'BTCUSDT',
    interval: '1m',
    strategy: 'momentum',
    params: {},
    allocationPct: dec(allocationPct),
    leverage: 1,
    marginMode: 'isolated',
    onRestart: 'hold',
  });
  return desk.bot(botId);
}

test('[UI-11] net PnL is realised less fees plus funding plus unrealised, to the last digit', () => {
  const bot = botWith('25');
  const stats = {
    trades: 3,
    wins: 2,
    realisedPnl: dec('10.00000001'),
    fees: dec('0.3'),
    funding: dec('-0.02'),
  };
  expect(botFigures({ ...bot, stats }, undefined, ZERO).net).toBe('9.68000001');
  const open = { ...positionOf(bot, '1', 0), realisedPnl: dec('2'), fees: dec('0.5'), funding: dec('0.1') };
  const figures = botFigures({ ...bot, stats }, open, dec('-1.1'));
  expect(figures).toMatchObject({
    realised: '12.00000001',
    fees: '0.8',
    funding: '0.08',
    net: '10.18000001',
  });
  expect(winRatePct(stats)).toBe(67);
  expect(winRatePct({ ...stats, trades: 0 })).toBeUndefined();
});

test('entry price is cost by size, at the tick; a flat position has none', () => {
  const position = { ...positionOf(botWith('25'), '3', 0), cost: dec('100') };
  expect(entryPrice(position, 2)).toBe('33.33');
  expect(entryPrice({ ...position, size: ZERO }, 2)).toBe('0');
});

test('the distance of a stop is in percent of the mark, on either side', () => {
  expect(stopDistancePct(dec('98.5'), dec('100'))).toBe('1.5');
  expect(stopDistancePct(dec('101.25'), dec('100'))).toBe('1.25');
  expect(stopDistancePct(dec('1'), ZERO)).toBeUndefined();
});

test('[UI-1] what is free never falls below zero, and a changed bot does not count itself', () => {
  const bot = botWith('80');
  expect(freeAllocationPct([bot], bot.accountId)).toBe('20');
  expect(freeAllocationPct([bot], bot.accountId, bot.botId)).toBe('100');
  expect(freeAllocationPct([bot, { ...bot, botId: 'b', allocationPct: dec('30') }], bot.accountId)).toBe('0');
  expect(freeName('Momentum BTC', [bot])).toBe('Momentum BTC 2');
});
