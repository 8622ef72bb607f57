import { expect, it } from 'vitest';
import type { Account, Limits } from '../../shared/domain/account.ts';
import { type Decimal, dec, gt, neg, sub, sum } from '../../shared/domain/decimal.ts';
import type { DeskFrame } from '../../shared/protocol/frames.ts';
import type { OpArgsInput, OpName } from '../../shared/protocol/ops.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { deniedFor } from '../testing/e2e/deniedFor.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { readStoredDesk, type StoredDesk, viewAt } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const cleanups = cleanupsAfterEach();

const BOOK = 'book:simulated';
const DEPOSIT = dec('10000');
const HOUR = 3_600_000;

/** A person with two devices, two accounts and a running bot on each. */
async function arrive(server: ServerProcess) {
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  const pc = await trader.device('pc');
  const phone = await trader.device('phone');
  const first = await pc.firstAccount();
  const second = await pc.openAccount('Second');
  const botIds: string[] = [];
  for (const [account, symbol] of [
    [first, 'BTCUSDT'],
    [second, 'ETHUSDT'],
  ] as const) {
    const botId = await pc.createBot(account, symbol, {
      strategy: 'conservative',
      allocationPct: '2',
      leverage: 1,
    });
    await pc.client.request('bots.start', { botId });
    botIds.push(botId);
  }
  for (const botId of botIds)
    await phone.until('the bot runs', ({ bots }) => bots[botId]?.state === 'running');
  return { trader, pc, phone, first, second, botIds };
}

/** A zone in which the market's present day has at least eleven hours left: no midnight comes into this. */
function zoneFarFromMidnight(marketTime: number): string {
  const hour = Math.floor(marketTime / HOUR) % 24;
  // Brings the local hour to 1; Etc/GMT-5 is five hours ahead of UTC.
  const ahead = ((1 - hour + 36) % 24) - 12;
  return ahead === 0 ? 'Etc/UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

async function trade(
  device: Device,
  { accountId }: Account,
  symbol: string,
  side: 'buy' | 'sell',
  size: string,
): Promise<void> {
  const order = { accountId, symbol, side, type: 'market', size } as const;
  await device.submit(order);
}

/** What all accounts of a desk were worth without what is open, as its log had it by then. */
function realisedBy(stored: StoredDesk, seq: number): Decimal {
  const balances = Object.values(viewAt(stored, seq).accounts).map(({ balances: { USDT } }) => USDT);
  return sum(balances.map((balance) => balance ?? DEPOSIT));
}

async function refused<O extends OpName>(
  device: Device,
  op: O,
  args: OpArgsInput<O>,
): Promise<FillwireError> {
  const answer = await device.client.request(op, args).catch((error: unknown) => error);
  if (!(answer instanceof FillwireError)) throw new Error(`${op} was not refused`);
  return answer;
}

const breachOf = (frames: readonly DeskFrame[]): Limits | undefined => {
  for (const frame of frames) if (frame.kind === 'LimitBreached') return frame.data.limits;
  return undefined;
};

it('[E2E-45] [FOUND-33] [RISK-22] [N7] [INV-8] a daily loss over all accounts, unrealised included, halts every bot on every device with the figure, over a SIGKILL and a release; another user trades on', async () => {
  // A slow market: what it does by itself meanwhile is little beside what the test has it do.
  const venue = await VenueProcess.start({ SIM_SPEED: '5' });
  cleanups.push(() => venue.stop());
  const server = await ServerProcess.start({ database: 'embedded', env: venue.env });
  cleanups.push(() => server.stop());
  const me = await arrive(server);
  const them = await arrive(server);
  const { pc, phone, first, botIds } = me;

  const ownDay = await pc.until('the account’s day began', ({ limits }) => limits[first.accountId]?.dayStart);
  const timeZone = zoneFarFromMidnight(ownDay.ts);
  await pc.client.request('limits.set', { book: 'simulated', values: {}, timeZone });
  const day = await pc.until('the book’s day began', ({ limits }) => limits[BOOK]?.dayStart);
  expect(pc.view.limits[BOOK]).toMatchObject({ book: 'simulated', timeZone });

  await trade(pc, first, 'SOLUSDT', 'buy', '40');
  await pc.until('a position by hand', ({ positions }) => positions[`${first.accountId}:SOLUSDT`]);
  const allowed = dec('100');
  await pc.client.request('limits.set', { book: 'simulated', values: { dailyLoss: allowed } });
  expect(breachOf(pc.frames)).toBeUndefined();
  // Some 300 on a position of 6,000, none of it realised.
  await venue.control.movePrice('SOLUSDT', dec('0.95'));

  for (const device of [pc, phone]) {
    await eventually('every device is told of the breach', () => breachOf(device.frames));
    for (const botId of botIds) {
      await device.until('every bot is halted', ({ bots }) => bots[botId]?.state === 'halted');
      expect(device.bot(botId).reason).toMatchObject({
        code: 'limit_broken',
        figures: { breach: { code: 'daily_loss', figures: { scope: 'simulated' } } },
      });
      expect(device.statesOf(botId)).toContain('halted');
    }
  }
  const [breach] = breachOf(pc.frames)?.breaches ?? [];
  if (breach === undefined) throw new Error('a breach without figures');
  expect(breach).toMatchObject({ limit: 'daily_loss', allowed: neg(allowed), policy: 'flatten' });
  expect(breachOf(phone.frames)?.breaches).toEqual([breach]);
  expect(gt(neg(dec(breach.actual)), allowed)).toBe(true);

  await pc.until(
    'positions by hand are closed as well',
    ({ positions }) => Object.keys(positions).length === 0,
  );
  const standing = pc.view.limits[BOOK];
  await server.restart('SIGKILL');
  await pc.live();
  await phone.live();
  for (const device of [pc, phone]) {
    await device.until('the accounts are ready', ({ accounts }) =>
      Object.values(accounts).every(({ status }) => status === 'ready'),
    );
    expect(device.view.limits[BOOK]).toMatchObject({ breaches: [breach], dayStart: standing?.dayStart });
    for (const botId of botIds) expect(device.bot(botId).state).toBe('halted');
  }
  const { actual, allowed: most } = breach;
  const told = { code: 'daily_loss', figures: { scope: 'simulated', actual, allowed: most } };
  const details = deniedFor('limit_breached', { breach: told });
  const [botId = ''] = botIds;
  await pc.livePrice('XRPUSDT');
  for (const device of [pc, phone]) {
    for (const scope of [{}, { book: 'simulated' as const }])
      expect(await refused(device, 'emergency.release', scope)).toMatchObject({ code: 'denied', details });
    expect(await refused(device, 'bots.start', { botId })).toMatchObject({ code: 'denied', details });
    const order = {
      accountId: first.accountId,
      symbol: 'XRPUSDT',
      side: 'buy',
      type: 'market',
      size: '100',
    } as const;
    expect(await refused(device, 'orders.submit', order)).toMatchObject({ code: 'denied', details });
  }
  expect((await pc.client.request('limits.get', { book: 'simulated' })).limits).toMatchObject([
    { breaches: [breach] },
  ]);
  const stored = await readStoredDesk(server.databaseUrl, me.trader.userId);
  const breachedAt = stored.events.findIndex(({ kind }) => kind === 'LimitBreached');
  // What was realised by then, fees and all, is far from the limit.
  const realised = sub(realisedBy(stored, breachedAt), day.equity);
  expect(gt(realised, neg(dec('50'))), `realised ${realised}`).toBe(true);
  say(`allowed -${allowed}, broken at ${breach.actual} with ${realised} of it realised, from ${day.equity}`);
  const after = stored.events.slice(breachedAt).filter(({ kind }) => kind === 'OrderSubmitted');
  expect(after.filter(({ data }) => 'order' in data && !data.order.reduceOnly)).toEqual([]);

  await them.pc.live();
  expect(breachOf(them.pc.frames)).toBeUndefined();
  expect(Object.values(them.pc.view.limits).flatMap(({ breaches }) => breaches)).toEqual([]);
  for (const theirs of them.botIds) expect(them.pc.bot(theirs).state).toBe('running');
  await trade(them.pc, them.first, 'SOLUSDT', 'buy', '1');
  await them.pc.until('they trade on', ({ positions }) => positions[`${them.first.accountId}:SOLUSDT`]);
});
