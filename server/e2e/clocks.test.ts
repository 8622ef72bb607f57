import { expect, it } from 'vitest';
import { dec } from '../../shared/domain/decimal.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { Trader } from '../testing/e2e/trader.ts';

const cleanups = cleanupsAfterEach();

it('[MET-13] a point of the equity curve and the live value carry both clocks of their moment', async () => {
  const server = await ServerProcess.start({ env: { SIM_SPEED: '3600' } });
  cleanups.push(() => server.stop());
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc');
  const { accountId } = await pc.firstAccount();
  await pc.livePrice('BTCUSDT');
  await pc.submit({ accountId, symbol: 'BTCUSDT', side: 'buy', type: 'market', size: dec('0.01') });
  const point = await eventually('a point', async () => {
    const { items } = await pc.client.request('history.equity', { accountId });
    return items.at(-1);
  });
  const { valuation, asOf } = await pc.client.request('account.get', { accountId });
  const wallTs = valuation?.wallTs ?? Number.NaN;
  if (valuation === null || point.marketTs === null) throw new Error('a value is missing');
  expect(wallTs).toBeLessThanOrEqual(asOf);
  expect(wallTs).toBeGreaterThanOrEqual(point.ts);
  // The market is ahead, and ever further.
  expect(point.marketTs - point.ts).toBeGreaterThan(0);
  expect(point.marketTs - point.ts).toBeLessThan(valuation.ts - wallTs);
});
