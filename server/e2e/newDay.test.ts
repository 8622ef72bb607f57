import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { dec, sub } from '../../shared/domain/decimal.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { Trader } from '../testing/e2e/trader.ts';

const cleanups = cleanupsAfterEach();
const DAY_MS = 86_400_000;

it('[E2E-75] [FOUND-28] [RISK-17] a new day begins while nothing is open: view, limits.get and what the dashboard shows agree', async () => {
  // A market day in 24 s.
  const server = await ServerProcess.start({ env: { SIM_SPEED: '3600' } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc');
  const { accountId } = await pc.firstAccount();
  const symbol = 'BTCUSDT';
  const order = { accountId, symbol, side: 'buy', type: 'market', size: '0.01' } as const;

  await pc.livePrice(symbol);
  const wrong = await pc.client
    .request('orders.submit', { ...order, price: '1', preview: true })
    .catch((e) => e);
  expect(wrong).toBeInstanceOf(FillwireError);
  const submitted = await pc.client.request('orders.submit', { ...order, price: '1' }).catch((e) => e);
  expect([wrong.code, wrong.message]).toEqual([submitted.code, submitted.message]);

  await pc.client.request('limits.set', { accountId, values: { dailyLoss: dec('310') } });
  await pc.submit(order);
  await pc.until('the position', ({ positions }) => positions[`${accountId}:${symbol}`]);
  await pc.client.request('positions.close', { accountId, symbol });
  await pc.until('flat', ({ positions }) => Object.keys(positions).length === 0 || undefined);
  // More or less, as prices went meanwhile.
  await pc.until('what it cost', ({ accounts }) => accounts[accountId]?.balances.USDT !== '10000');
  const before = pc.view.limits[accountId]?.dayStart;
  if (before == null) throw new Error('no day has begun');

  const later = await pc.until('the day after', ({ limits }) => {
    const dayStart = limits[accountId]?.dayStart;
    const isLater = dayStart != null && Math.floor(dayStart.ts / DAY_MS) > Math.floor(before.ts / DAY_MS);
    return isLater ? dayStart : undefined;
  });
  expect(later.equity).toBe(pc.view.accounts[accountId]?.balances.USDT);
  await eventually('limits.get and the account say the same', async () => {
    const { limits } = await pc.client.request('limits.get', { accountId });
    const { valuation } = await pc.client.request('account.get', { accountId });
    const [shown] = limits;
    if (shown?.dayStart == null || valuation === null) return false;
    // A frame may be on its way, and the next day may have begun between the two answers.
    const isSeen = isDeepStrictEqual(limits, [pc.view.limits[accountId]]);
    return isSeen && sub(valuation.equity, shown.dayStart.equity) === '0';
  });
});
