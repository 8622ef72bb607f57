import { expect, it } from 'vitest';
import { FakeMarketFeed } from '../../testing/market/fakeMarketFeed.ts';
import { logger, setUp } from '../../testing/market/hubSetup.ts';

it('[MET-16] what no op would take for a symbol is not listed, and said', async () => {
  const symbols = ['BTCUSDT', 'BTC.P_2', '币安人生USDT', 'two words', '.'];
  const { hub } = await setUp(new FakeMarketFeed({ minute: 600, symbols }));
  const listed = (await hub.instruments('sim'))?.instruments.map(({ symbol }) => symbol);
  expect(listed).toEqual(['BTCUSDT', 'BTC.P_2', '币安人生USDT']);
  expect(hub.hasMarket('sim', 'two words')).toBe(false);
  expect(logger.warn).toHaveBeenCalledWith(expect.objectContaining({ symbol: '.' }), expect.any(String));
});
