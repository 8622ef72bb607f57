import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { mul, roundToStep, ZERO } from '../../shared/domain/decimal.ts';
import { systemClock } from '../adapters/clock/systemClock.ts';
import { connectRemoteVenue } from '../adapters/simulated/remote/connectRemoteVenue.ts';
import { readVenueConfig } from '../adapters/simulated/remote/venueConfig.ts';
import { endsWithParent } from '../projectRoot.ts';
import { testDatabase } from '../testing/postgres.ts';
import { silentLogger } from '../testing/silentLogger.ts';
import { d, order } from '../testing/venue/venueWorld.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = `${ROOT}node_modules/.cache/fillwire-venue-${process.pid}`;
const bundle = `${folder}/venue.mjs`;
const account = { accountId: 'a' };

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [`${ROOT}server/tools/venue.ts`],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Spawned {
  child: ChildProcess;
  url: string;
  exited: Promise<number | null>;
}

async function venueProcess(env: Record<string, string>): Promise<Spawned> {
  const child = spawn(process.execPath, [...endsWithParent(), bundle], {
    env: { PATH: process.env.PATH, VENUE_PORT: '0', SIM_SPEED: '600', ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`the venue ended with ${code}`)));
  });
  return { child, url, exited };
}

async function connected(url: string) {
  const remote = connectRemoteVenue({ url, token: '', clock: systemClock, logger: silentLogger });
  await remote.start();
  return remote;
}

describe('npm run venue', () => {
  test('[SIM-66] trades on without clients, survives SIGKILL with its ledger, and ends cleanly on SIGTERM', async () => {
    const database = await testDatabase('empty');
    onTestFinished(() => database.drop());
    const env = { VENUE_DATABASE_URL: database.url };
    const first = await venueProcess(env);
    let remote = await connected(first.url);
    await remote.venue.openAccount(account, d('10000'));
    const { feed, venue } = remote;
    const near = (factor: string) =>
      roundToStep(mul(feed.latest('BTCUSDT')?.last ?? ZERO, d(factor)), d('0.1'), 'nearest');
    // The market moves while an order is on its way: an order that comes too late for its stop is tried with a new one.
    await expect
      .poll(async () => {
        const attachedStop = { triggerPrice: near('0.999'), triggerBy: 'last' as const };
        return (await venue.placeOrder(order('a', { side: 'buy', size: d('0.1'), attachedStop }))).outcome;
      })
      .toBe('accepted');
    const exit = order('a', { side: 'sell', size: d('0.1'), price: near('1.002'), reduceOnly: true });
    expect((await venue.placeOrder(exit)).outcome).not.toBe('unknown');
    const held = await remote.venue.readAccount(account);
    await remote.stop();
    first.child.kill('SIGKILL');
    await first.exited;

    const second = await venueProcess(env);
    remote = await connected(second.url);
    const back = await remote.venue.readAccount(account);
    expect(back.marketTime).toBeGreaterThan(held.marketTime);
    const opened = (await remote.venue.fillsSince(account, 0))[0];
    expect(opened).toMatchObject({ size: '0.1', side: 'buy', source: 'order' });
    await remote.stop();

    // Nobody sends anything, and still what rests at the venue closes the position.
    const watcher = await connected(second.url);
    await expect.poll(async () => (await watcher.venue.readAccount(account)).positions.length).toBe(0);
    const fills = await watcher.venue.fillsSince(account, 0);
    expect(fills).toMatchObject([{ side: 'buy' }, { side: 'sell', size: '0.1' }]);
    expect((await watcher.venue.readAccount(account)).orders).toEqual([]);
    await watcher.stop();
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
  });

  test('[SIM-67] every problem of its environment is told at once; beyond loopback it needs a token', () => {
    const problems = (env: Record<string, string>): string[] => {
      const config = readVenueConfig(env);
      return 'problems' in config ? config.problems : [];
    };
    expect(problems({ HOST: '0.0.0.0', VENUE_PORT: '99999', SIM_SPEED: '0', SIM_PROFILE: 'x' })).toHaveLength(
      4,
    );
    expect(problems({ HOST: '0.0.0.0' })).toEqual(['VENUE_TOKEN: is required when HOST is not loopback']);
    expect(problems({ HOST: '0.0.0.0', VENUE_TOKEN: 'short' })).toEqual([
      'VENUE_TOKEN: must have 32 characters or more',
    ]);
    expect(problems({ VENUE_DATABASE_URL: 'mysql://x' })).toHaveLength(1);
    expect(problems({ SIM_RATE_LIMIT: '19' })).toHaveLength(1);
    expect(problems({ SIM_RATE_LIMIT: '100' })).toEqual([]);
    const token = 'a'.repeat(32);
    expect(problems({ VENUE_TOKEN: token, VENUE_CONTROL_TOKEN: token })).toHaveLength(1);
    expect(problems({ VENUE_CONTROL_TOKEN: 'short' })).toHaveLength(1);
    expect(problems({ VENUE_TOKEN: token, VENUE_CONTROL_TOKEN: 'b'.repeat(32) })).toEqual([]);
    expect(readVenueConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8_711,
      token: null,
      speed: 60,
      profile: 'ideal',
    });
  });
});
