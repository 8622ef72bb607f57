import { expect, it } from 'vitest';
import { type Decimal, dec, div, eq, gte, isPositive, lt, roundToStep } from '../../shared/domain/decimal.ts';
import type { Position } from '../../shared/domain/position.ts';
import type { VenuePosition } from '../ports/venue.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const cleanups = cleanupsAfterEach();

const SYMBOL = 'BTCUSDT';
/** Market seconds per second. */
const SPEED = '120';

/** What rests for the position, asked at the venue: undefined while either is missing there. */
async function atVenue(venue: VenueProcess, accountId: string) {
  const { positions, orders } = await venue.venue.readAccount({ accountId });
  const position = positions.find(({ symbol }) => symbol === SYMBOL);
  const stops = orders.filter(({ symbol, type }) => symbol === SYMBOL && type === 'stop_market');
  return { position, stops };
}

/** Told here and asked there at different moments, they may be two that followed each other. */
const isSame = (theirs: VenuePosition, ours: Position): boolean =>
  theirs.direction === ours.direction && eq(theirs.size, ours.size) && eq(theirs.cost, ours.cost);

const held = (device: Device): Position | undefined =>
  Object.values(device.view.positions).find(({ symbol, size }) => symbol === SYMBOL && isPositive(size));

it.each(['ideal', 'v2-like'])(
  '[E2E-60] [R10] [D1] [D2] [N4] [INV-5] at %s an entry has its stop at the venue, a partial exit resizes it, trailing moves it, and it outlives the server',
  async (profile) => {
    const venue = await VenueProcess.start({ SIM_SPEED: SPEED, SIM_PROFILE: profile });
    cleanups.push(() => venue.stop());
    const server = await ServerProcess.start({ database: 'embedded', env: venue.env });
    cleanups.push(() => server.stop());
    const trader = await Trader.register(server.url);
    cleanups.push(() => trader.close());
    const device = await trader.device('pc');
    const phone = await trader.device('phone');
    const account = await device.firstAccount();
    const { accountId } = account;
    const botId = await device.createBot(account, SYMBOL, {
      strategy: 'momentum',
      params: {
        stopLossPct: 0.5,
        trailingActivatePct: 0.05,
        trailingDistancePct: 0.4,
        takeProfitPct: 10,
        maxHoldMinutes: 1_000,
      },
    });
    await device.client.request('bots.start', { botId });

    // A resting stop for all of it, on the right side, by the mark.
    const opened = await device.until('a protected position', () => {
      const position = held(device);
      return position?.stop?.state === 'resting' ? position : undefined;
    });
    // A signal may have turned it meanwhile: the two are held against each other at one moment, at the venue.
    const first = await eventually('its stop at the venue', async () => {
      const { position, stops } = await atVenue(venue, accountId);
      return position !== undefined && stops.length === 1 ? { position, stop: stops[0] } : undefined;
    });
    expect(first.stop).toMatchObject({
      side: first.position.direction === 'long' ? 'sell' : 'buy',
      triggerBy: 'mark',
      reduceOnly: true,
    });
    expect(opened.unprotectedMs ?? 0).toBe(0);

    // Half of it goes; what rests follows, and is never away meanwhile. A signal may have been faster: then the next one.
    await eventually('the stop is as large as what is left', async () => {
      const position = held(device);
      if (position?.stop?.state !== 'resting') return false;
      const size = await halfOf(device, position);
      const reduced = await device.client
        .request('positions.reduce', { accountId, symbol: SYMBOL, size })
        .then(
          () => true,
          () => false,
        );
      return reduced && (await stopFollows(venue, device, position));
    });

    // The price runs on: the stop at the venue follows it, one way only.
    let from: { openedAt: number; price: Decimal } | undefined;
    await eventually('trailing has moved the stop at the venue', async () => {
      const position = held(device);
      const { position: theirs, stops } = await atVenue(venue, accountId);
      const trigger = stops[0]?.triggerPrice;
      if (position === undefined || theirs === undefined || trigger == null) return false;
      // Told and asked at different moments: only where both are of the same position.
      if (!isSame(theirs, position)) return false;
      const isLong = position.direction === 'long';
      if (from?.openedAt !== position.openedAt) {
        from = { openedAt: position.openedAt, price: trigger };
        await venue.control.movePrice(SYMBOL, dec(isLong ? '1.01' : '0.99'));
      }
      const [a, b] = isLong ? [trigger, from.price] : [from.price, trigger];
      expect(gte(a, b), 'never looser').toBe(true);
      return !eq(trigger, from.price);
    });

    // The server dies while something is open, and the price crosses the stop: the venue goes on, and closes it.
    const openedAt = await dieUntilStopped(server, venue, device, accountId);
    await server.start();
    for (const one of [device, phone]) {
      await one.live();
      const trade = await one.until('the trade, told', ({ trades }) =>
        trades.find((each) => each.botId === botId && each.openedAt === openedAt),
      );
      expect(trade).toMatchObject({ symbol: SYMBOL, exit: 'stop', unprotectedMs: 0 });
    }
    await device.client.request('bots.stop', { botId });
    await device.quiet();
    const stored = await agreesWithLog(server.databaseUrl, trader.userId, device.client);
    expect(await compareWithVenue(stored, trader.userId, venue.venue)).toEqual([]);
    say(`${profile}: ${stored.seq} events, the stop outlived the server`);
  },
);

/** Whether the stop at the venue became as large as what is left of `before`; false: the position went meanwhile. */
function stopFollows(venue: VenueProcess, device: Device, before: Position): Promise<boolean> {
  return eventually('the venue knows the rest', async () => {
    const { position, stops } = await atVenue(venue, before.accountId);
    if (position === undefined || held(device)?.openedAt !== before.openedAt) return { follows: false };
    expect(stops.length, 'a moment without a stop').toBeGreaterThan(0);
    const isLess = lt(position.size, before.size) && stops.length === 1;
    // One that tells no size is for the whole position.
    return isLess && eq(stops[0]?.size ?? position.size, position.size) ? { follows: true } : undefined;
  }).then(({ follows }) => follows);
}

/** Deaths until one leaves a position alone: a signal may have been faster than the kill. */
const DEATHS = 12;

/** Kills the server over an open position and takes the price beyond its stop; answers when the position was opened. */
async function dieUntilStopped(
  server: ServerProcess,
  venue: VenueProcess,
  device: Device,
  accountId: string,
): Promise<number> {
  for (let death = 0; death < DEATHS; death += 1) {
    const dying = await device.until('a position to die with', () => {
      const position = held(device);
      return position?.stop?.state === 'resting' ? position : undefined;
    });
    await server.kill();
    const before = await atVenue(venue, accountId);
    if (before.position !== undefined && isSame(before.position, dying)) {
      expect(before.stops).toMatchObject([{ reduceOnly: true, triggerBy: 'mark' }]);
      expect(before.stops).toHaveLength(1);
      expect(gte(before.stops[0]?.size ?? before.position.size, before.position.size)).toBe(true);
      const against = before.position.direction === 'long' ? '0.95' : '1.05';
      await venue.control.movePrice(SYMBOL, dec(against));
      await eventually(
        'the stop closes it',
        async () => (await atVenue(venue, accountId)).position === undefined,
      );
      return dying.openedAt;
    }
    await server.start();
    await device.live();
  }
  throw new Error(`nothing was open at any of ${DEATHS} deaths of the server`);
}

/** Half of a position, on the size step. */
async function halfOf(device: Device, position: Position): Promise<Decimal> {
  const { instruments } = await device.client.request('market.instruments', { venue: 'sim' });
  const step = instruments.find(({ symbol }) => symbol === position.symbol)?.sizeStep;
  if (step === undefined) throw new Error('no size step');
  return roundToStep(div(position.size, dec('2')), step, 'down');
}
