import { fork } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RestClientV3 } from 'bitget-api';
import { build } from 'esbuild';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { endsWithParent } from '../projectRoot.ts';
import { keysOf } from '../testing/bitget/signedClient.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = `${ROOT}node_modules/.cache/fillwire-stand-in-${process.pid}`;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('[STAND-16] npm run bitget:stand-in serves clients of the exchange, and takes a hand from other processes', async () => {
  mkdirSync(folder, { recursive: true });
  const bundle = `${folder}/bitgetStandIn.mjs`;
  await build({
    entryPoints: [`${ROOT}server/tools/bitgetStandIn.ts`],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const child = fork(bundle, ['--port', '0'], {
    execArgv: endsWithParent(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const { url } = await new Promise<{ url: string }>((resolve, reject) => {
    child.once('message', (message) => resolve(message as { url: string }));
    child.once('exit', (code) => reject(new Error(`the stand-in ended with ${code}`)));
  });
  const act = async (name: string, ...args: unknown[]): Promise<unknown> => {
    const body = JSON.stringify({ do: name, with: args });
    const response = await fetch(`${url}/stand-in/control`, { method: 'POST', body });
    return ((await response.json()) as { data: unknown }).data;
  };
  await act('price', 'BTCUSDT', '60000');
  await act('user', { apiKey: 'mine', deposit: '500' });
  const { apiKey, secret: apiSecret, passphrase: apiPass } = keysOf('mine');
  const client = new RestClientV3({ apiKey, apiSecret, apiPass, demoTrading: true, baseUrl: url });
  const tickers = await client.getTickers({ category: 'USDT-FUTURES', symbol: 'BTCUSDT' });
  expect(tickers.data[0]).toMatchObject({ lastPrice: '60000' });
  expect((await client.getBalances()).data).toMatchObject({ accountEquity: '500' });
  expect(await act('truth', 'mine')).toMatchObject({ balance: '500', positions: [] });
  expect(await act('explode')).toHaveProperty('error');
  expect(await act('lag', 'nobody', 5)).toHaveProperty('error');
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});
