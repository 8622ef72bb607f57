import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Auth } from '../../shared/sdk/auth.ts';
import { Random } from '../simulation/random.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { ATTACKS, attack } from '../testing/fuzz/attack.ts';
import { startNginx } from '../testing/nginxProcess.ts';
import { requireOrSkip } from '../testing/requireOrSkip.ts';
import { WireClient } from '../testing/wireClient.ts';

/** `npm run fuzz` sets them. */
const INPUTS = Number(process.env.FUZZ_INPUTS ?? 10_000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const AT_ONCE = 4;
const USERS = 6;
const PING_EVERY_MS = 50;
/** Connections of each kind, of twenty. */
const SHARES = { stranger: 5, user: 6, flood: 1, frames: 4, http: 3, bytes: 1 } as const;

interface Attacker {
  auth: Auth;
  /** Of its own and of somebody else's. */
  ids: readonly string[];
}

const cleanups = cleanupsAfterEach();
const lacksNginx = requireOrSkip('nginx');

/** A user with an account and a bot, who then does no good. */
async function arrive(url: string, foreignBotId: string): Promise<Attacker> {
  const trader = await Trader.register(url);
  cleanups.push(() => trader.close());
  const device = await trader.device('pc');
  const account = await device.firstAccount();
  const botId = await device.createBot(account, 'ETHUSDT');
  return { auth: device.auth, ids: [account.accountId, botId, foreignBotId] };
}

async function fuzz(throughNginx: boolean): Promise<void> {
  // Directly, the entry that a proxy would have made is the attacker's own, however odd.
  const server = await ServerProcess.start({ env: { TRUSTED_PROXY_HOPS: '1' } });
  cleanups.push(() => server.stop());
  let { port } = server;
  if (throughNginx) {
    const folder = mkdtempSync(join(tmpdir(), 'fw-fuzz-'));
    const proxy = await startNginx(folder, server.port);
    cleanups.push(async () => {
      await proxy.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    ({ port } = proxy);
  }
  const url = `http://127.0.0.1:${port}`;
  const trader = await Trader.register(url);
  cleanups.push(() => trader.close());
  const device = await trader.device('pc');
  const botId = await device.createBot(await device.firstAccount(), 'BTCUSDT');
  await device.client.request('bots.start', { botId });
  await device.until('the bot runs', ({ bots }) => bots[botId]?.state === 'running');
  const witness = await new WireClient(port).opened();
  await witness.authenticate(await device.auth.current());
  await witness.request('subscribe', { channels: ['desk'] });
  const attackers: Attacker[] = [];
  for (let n = 0; n < USERS; n += 1) attackers.push(await arrive(url, botId));

  let inputs = 0;
  let flooded = 0;
  let connections = 0;
  let slowestPing = 0;
  let pingedAt = 0;
  const replies: Record<string, number> = {};
  const faults: string[] = [];
  const kinds = ATTACKS.map((kind) => [kind, SHARES[kind]] as const);
  const worker = async (): Promise<void> => {
    while (inputs < INPUTS) {
      const index = connections++;
      const random = new Random(SEED, index);
      const kind = random.weighted(kinds);
      // 127.16.0.1 and up: each connection is a stranger of its own.
      const localAddress = `127.${16 + (index >> 16)}.${(index >> 8) & 255}.${index & 255 || 1}`;
      const { auth, ids } = random.pick(attackers);
      const token = await auth.current();
      const done = await attack(kind, { port, token, ids, localAddress }, random);
      if (kind === 'flood') flooded += done.inputs;
      else inputs += done.inputs;
      for (const [code, count] of done.replies) replies[code] = (replies[code] ?? 0) + count;
      for (const fault of done.faults) faults.push(`seed ${SEED}, connection ${index} (${kind}): ${fault}`);
      const sentAt = performance.now();
      // Well below what a connection may ask for.
      if (sentAt - pingedAt < PING_EVERY_MS) continue;
      pingedAt = sentAt;
      expect(await witness.request('ping', {})).toMatchObject({ ok: true });
      slowestPing = Math.max(slowestPing, performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));

  say(
    `${inputs} inputs and ${flooded} of floods, ${connections} connections, the witness’s slowest ping ${Math.round(slowestPing)} ms`,
  );
  say(`replies: ${JSON.stringify(replies)}`);
  expect(faults).toEqual([]);
  for (const code of ['ok', 'bad_request', 'unauthenticated', 'not_found'])
    expect(replies[code], code).toBeGreaterThan(0);
  expect(server.program.hasEnded).toBe(false);
  expect(server.program.lines.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  expect(witness.closeCode).toBeNull();
  expect(device.bot(botId).state).toBe('running');
  await device.submit({
    accountId: device.bot(botId).accountId,
    symbol: 'XRPUSDT',
    side: 'buy',
    type: 'market',
    size: '20',
  });
  await eventually('the witness is told of the fill', () =>
    witness
      .of('desk')
      .find(({ kind, data }) => kind === 'FillRecorded' && JSON.stringify(data).includes('XRP')),
  );
}

it('[MET-1] [MET-2] odd and hostile input of every kind, direct: nobody else notices, nothing of ours fails', () =>
  fuzz(false));

it.skipIf(lacksNginx)(
  '[MET-1] [MET-2] odd and hostile input of every kind, through nginx: nobody else notices, nothing of ours fails',
  () => fuzz(true),
);
