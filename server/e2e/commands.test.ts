import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Tokens } from '../../shared/protocol/auth.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { readStoredDesk } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { WireClient, type WireReply } from '../testing/wireClient.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start({ database: 'embedded' });
});
afterAll(() => server?.stop());

it('[E2E-6] [N5] a command sent three times at once, and again after a restart, has one effect and one answer', async () => {
  const trader = await Trader.register(server.url);
  const device = await trader.device('pc');
  const { accountId } = await device.firstAccount();
  await device.livePrice('BTCUSDT');
  const args = { accountId, symbol: 'BTCUSDT', side: 'buy', type: 'market', size: '0.01' } as const;
  const fields = { commandId: randomUUID(), validUntil: Date.now() + 600_000 };
  const send = async (): Promise<Omit<WireReply, 'id'>> => {
    const client = await new WireClient(server.port).opened();
    await client.authenticate(await device.auth.current());
    const { id: _, ...reply } = await client.request('orders.submit', args, fields);
    client.ws.terminate();
    return reply;
  };

  const replies = await Promise.all([send(), send(), send()]);
  await server.restart('SIGKILL');
  replies.push(await send());
  expect(replies[0]).toMatchObject({ ok: true, result: { status: 'accepted' } });
  for (const reply of replies) expect(reply).toEqual(replies[0]);
  const { events } = await readStoredDesk(server.databaseUrl, trader.userId);
  expect(events.filter((event) => event.kind === 'OrderSubmitted')).toHaveLength(1);
  trader.close();
});

it('[E2E-7] ten tabs that refresh at once over HTTP all stay logged in', async () => {
  const trader = await Trader.register(server.url);
  const answer = await fetch(`${server.url}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: trader.email, password: trader.password }),
  });
  const login = (await answer.json()) as Tokens;
  const refresh = async (token: string | undefined): Promise<Tokens> => {
    const response = await fetch(`${server.url}/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: token }),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as Tokens;
  };

  let tabs = Array.from({ length: 10 }, () => login);
  for (let round = 0; round < 3; round += 1) {
    tabs = await Promise.all(tabs.map((tab) => refresh(tab.refresh_token)));
    expect(new Set(tabs.map((tab) => tab.refresh_token)).size).toBe(1);
  }
  for (const tab of tabs) {
    const client = await new WireClient(server.port).opened();
    expect(await client.authenticate(tab.access_token)).toMatchObject({ ok: true });
    client.ws.terminate();
  }
});
