import { beforeAll, expect, test } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { ops } from '../../shared/protocol/ops.ts';
import type { ConnectionStatus } from '../../shared/sdk/client.ts';
import { fillOf, positionOf } from '../e2e/fixtureData.ts';
import { FixtureDesk } from '../e2e/fixtureDesk.ts';
import { loadLanguage } from '../i18n/language.ts';
import { AWAY_MS, tellWhatWasMissed } from './awaySummary.ts';
import { ToastStore } from './toasts.svelte.ts';

beforeAll(() => loadLanguage('en'));

function world() {
  const desk = new FixtureDesk();
  const config = { name: 'A', accountId: desk.openAccount('Simulated'), symbol: 'BTCUSDT', interval: '1m' };
  const args = { ...config, strategy: 'momentum', params: {}, allocationPct: '25' };
  const bot = desk.bot(desk.createBot(ops['bots.create'].args.parse(args)));
  const toasts = new ToastStore();
  const listeners: (() => void)[] = [];
  const page = { hidden: false, addEventListener: (_: string, run: () => void) => listeners.push(run) };
  const status = { state: 'live' } as ConnectionStatus;
  let time = 0;
  const client = {
    ...{ view: desk.view, status, position: { epoch: desk.epoch, seq: 1 } },
    onStatus: (run: () => void) => listeners.push(run),
  };
  tellWhatWasMissed(client as never, toasts, page as never, () => time);
  const tell = () => {
    for (const run of listeners) run();
  };
  return {
    toasts,
    fill: (count: number) => {
      for (let n = 0; n < count; n += 1)
        desk.emit('FillRecorded', {
          fill: fillOf(positionOf(bot, '0.1', 1), 'sell', 'stop', 1, dec('-0.5')),
        });
    },
    away: (ms: number, how: 'hidden' | 'offline', meanwhile: () => void) => {
      if (how === 'hidden') page.hidden = true;
      else status.state = 'offline';
      tell();
      meanwhile();
      time += ms;
      page.hidden = false;
      status.state = 'live';
      tell();
    },
  };
}

test.each(['hidden', 'offline'] as const)(
  '[MET-23] who comes back (%s) is told once how much was filled meanwhile, and what it brought',
  (how) => {
    const { toasts, fill, away } = world();
    fill(3);
    away(AWAY_MS, how, () => fill(90));
    expect(toasts.list).toHaveLength(1);
    expect(toasts.list[0]).toMatchObject({ tone: 'note', title: 'While you were away (10 sec)' });
    // 90 × (0.5 lost + a fee of 0.06 % of 6425.05)
    expect(toasts.list[0]?.detail).toBe('Simulated: 90 fills, −391.95 USDT');
  },
);

test('[MET-23] a moment, and an absence in which nothing was filled, are not told; more than is remembered says so', () => {
  const { toasts, fill, away } = world();
  fill(1);
  away(AWAY_MS - 1, 'offline', () => fill(5));
  away(AWAY_MS, 'hidden', () => {});
  expect(toasts.list).toEqual([]);
  away(AWAY_MS, 'hidden', () => fill(250));
  expect(toasts.list[0]?.detail).toContain('200+ fills');
});
