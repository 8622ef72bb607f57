import { beforeAll, describe, expect, test } from 'vitest';
import { describeStrategies } from '../../server/core/strategy/registry.ts';
import { ops } from '../../shared/protocol/ops.ts';
import { INSTRUMENTS } from '../e2e/fixtureData.ts';
import { FixtureDesk } from '../e2e/fixtureDesk.ts';
import { loadLanguage } from '../i18n/language.ts';
import { planDemoBot } from './demoBot.ts';

beforeAll(() => loadLanguage('en'));

const strategies = describeStrategies();

/** Creates what is planned until nothing more can be. */
function createAll(): { desk: FixtureDesk; accountId: string } {
  const desk = new FixtureDesk();
  const accountId = desk.openAccount('Simulated');
  for (;;) {
    const plan = planDemoBot(strategies, INSTRUMENTS, Object.values(desk.view.bots), accountId);
    if (!plan.ok) return { desk, accountId };
    desk.createBot(ops['bots.create'].args.parse(plan.config));
  }
}

describe('the demo bot of one click', () => {
  test('[UI-1] starts with BTC and the demo preset, on a quarter of the equity', () => {
    const plan = planDemoBot(strategies, INSTRUMENTS, [], 'acc1');
    expect(plan).toMatchObject({
      ok: true,
      config: { symbol: 'BTCUSDT', interval: '1m', strategy: 'momentum', allocationPct: '25' },
    });
  });

  test('[UI-1] never doubles a market, varies the strategy, and ends when nothing is free', () => {
    const { desk, accountId } = createAll();
    const bots = Object.values(desk.view.bots);
    expect(bots).toHaveLength(4);
    expect(new Set(bots.map((bot) => bot.symbol)).size).toBe(4);
    expect(new Set(bots.map((bot) => bot.strategy)).size).toBe(4);
    expect(planDemoBot(strategies, INSTRUMENTS, bots, accountId)).toEqual({ ok: false, why: 'no_room' });
  });

  test('[UI-1] another account has room of its own; without a demo preset there is none', () => {
    const { desk } = createAll();
    expect(planDemoBot(strategies, INSTRUMENTS, Object.values(desk.view.bots), 'acc2').ok).toBe(true);
    expect(planDemoBot([], INSTRUMENTS, [], 'acc1')).toEqual({ ok: false, why: 'no_strategy' });
  });
});
