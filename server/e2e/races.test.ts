import { randomInt } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../testing/e2e/eventually.ts';
import { problemsInLog } from '../testing/e2e/races/judge.ts';
import { RACES } from '../testing/e2e/races/kinds.ts';
import { Lane } from '../testing/e2e/races/lane.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { inLongForm } from '../testing/longForm.ts';
import { WireClient } from '../testing/wireClient.ts';

/** `npm run race` sets it to 1,000. */
const WANTED = Number(process.env.RACES ?? inLongForm(150, 80));
const LANES = 4;

let venue: VenueProcess;
let server: ServerProcess;
const traders: Trader[] = [];
beforeEach(async () => {
  venue = await VenueProcess.start({ SIM_SPEED: '300' });
  server = await ServerProcess.start({ env: { ...venue.env, MAX_BOTS_PER_USER: '100' } });
});
afterEach(async () => {
  for (const trader of traders.splice(0)) trader.close();
  await server?.stop();
  await venue?.stop();
});

async function arrive(): Promise<Trader> {
  const trader = await Trader.register(server.url);
  traders.push(trader);
  return trader;
}

it(`[E2E-20] [N5] [R9] [R13] [D10] ${WANTED} races of two devices: one effect each, stop always wins, the loser hears who won, both see the same, a neighbour sees nothing`, {
  timeout: 600_000 + WANTED * 5_000,
}, async () => {
  const [trader, neighbour] = [await arrive(), await arrive()];
  const pc = await trader.device('pc');
  const phone = await trader.device('phone');
  const beside = await neighbour.device('beside');
  await beside.firstAccount();
  const wire = await new WireClient(server.port).opened();
  await wire.authenticate(await beside.auth.current(), 'wire');
  await wire.request('subscribe', { channels: ['desk', 'pnl', 'devices', 'ticker:sim.BTCUSDT'] });

  const lanes = await Promise.all(
    Array.from({ length: LANES }, async (_, index) => {
      const account = index === 0 ? await pc.firstAccount() : await pc.openAccount(`lane ${index}`);
      const devices = index % 2 === 0 ? ([pc, phone] as const) : ([phone, pc] as const);
      return new Lane(devices, account).open();
    }),
  );
  const kinds = Object.entries(RACES);
  const problems: string[] = [];
  const startedAt = performance.now();
  // Each kind comes up equally often, and every lane sees them in another order.
  const offsets = lanes.map(() => randomInt(kinds.length));
  let raced = 0;
  await Promise.all(
    lanes.map(async (lane, index) => {
      for (let turn = offsets[index] ?? 0; raced < WANTED && problems.length === 0; turn += 1) {
        raced += 1;
        const [name, race] = kinds[turn % kinds.length] ?? [];
        const problem = await race?.(lane);
        if (problem !== undefined) problems.push(`${name}: ${problem}`);
      }
    }),
  );
  expect(problems).toEqual([]);
  say(`${raced} races of ${kinds.length} kinds in ${Math.round((performance.now() - startedAt) / 1_000)} s`);

  await pc.client.request('bots.stopAll', {});
  await pc.quiet();
  const stored = await agreesWithLog(server.databaseUrl, trader.userId, pc.client, phone.client);
  expect(
    problemsInLog(
      stored,
      lanes.flatMap(({ attempts }) => attempts),
    ),
  ).toEqual([]);
  for (const { accountId } of lanes) {
    const held = await venue.venue.readAccount({ accountId });
    expect(held.positions).toEqual([]);
    expect(held.orders).toEqual([]);
  }
  const traces = [trader.userId, pc.deviceId, phone.deviceId, ...Object.keys(stored.view.bots)];
  traces.push(...lanes.map(({ accountId }) => accountId));
  await eventually('the neighbour hears of the market', () => wire.of('ticker:sim.BTCUSDT').length > 0);
  const heard = wire.received.join('\n');
  expect(traces.filter((trace) => heard.includes(trace))).toEqual([]);
  expect(Object.keys(beside.view.bots)).toEqual([]);
  wire.ws.terminate();
});
