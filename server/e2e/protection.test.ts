import { expect, it } from 'vitest';
import {
  type Decimal,
  dec,
  div,
  eq,
  gte,
  isPositive,
  lt,
  roundToStep,
  ZERO,
} from '../../shared/domain/decimal.ts';
import type { Position } from '../../shared/domain/position.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { compareWithVenue } from '../testing/e2e/compareWithVenue.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { HOLDS } from '../testing/e2e/holds.ts';
import { say } from '../testing/e2e/say.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { agreesWithLog } from '../testing/e2e/storedDesk.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';

const cleanups = cleanupsAfterEach();

const SYMBOL = 'BTCUSDT';
/** Market seconds per second. */
const SPEED = '60';
/** Wide enough that only the moves that the test makes start the trailing or reach the stop. */
const TRAILING = { ...HOLDS, stopLossPct: 3, trailingActivatePct: 1, trailingDistancePct: 2 };

/** What rests for the position, asked at the venue: undefined while either is missing there. */
async function atVenue(venue: VenueProcess, accountId: string) {
  const { positions, orders } = await venue.venue.readAccount({ accountId });
  const position = positions.find(({ symbol }) => symbol === SYMBOL);
  const stops = orders.filter(({ symbol, type }) => symbol === SYMBOL && type === 'stop_market');
  return { position, stops };
}

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
    const botId = await device.createBot(account, SYMBOL, { params: TRAILING });
    await device.client.request('bots.start', { botId });

    // A resting stop for all of it, on the right side, by the mark.
    const opened = await device.until('a protected position', () => {
      const position = held(device);
      return position?.stop?.state === 'resting' ? position : undefined;
    });
    const first = await eventually('its stop at the venue', async () => {
      const { position, stops } = await atVenue(venue, accountId);
      return position !== undefined && stops.length === 1 ? { position, stop: stops[0] } : undefined;
    });
    expect(first.stop).toMatchObject({
      side: opened.direction === 'long' ? 'sell' : 'buy',
      triggerBy: 'mark',
      reduceOnly: true,
    });
    expect(opened.unprotectedMs ?? 0).toBe(0);

    // Half of it goes; what rests follows, and is never away meanwhile.
    const size = await halfOf(device, opened);
    await device.client.request('positions.reduce', { accountId, symbol: SYMBOL, size });
    const rest = await eventually('the stop is as large as what is left', async () => {
      const { position, stops } = await atVenue(venue, accountId);
      expect(stops.length, 'a moment without a stop').toBeGreaterThan(0);
      const [stop] = stops;
      const follows = position !== undefined && stops.length === 1 && stop?.size === position.size;
      return follows && lt(position.size, opened.size) ? { trigger: stop?.triggerPrice ?? null } : undefined;
    });

    // The price runs on: the stop at the venue follows it, one way only.
    const isLong = opened.direction === 'long';
    await venue.control.movePrice(SYMBOL, dec(isLong ? '1.03' : '0.97'));
    let from = rest.trigger ?? ZERO;
    await eventually('trailing has moved the stop at the venue', async () => {
      const { stops } = await atVenue(venue, accountId);
      const trigger = stops[0]?.triggerPrice;
      if (trigger == null) return false;
      const [a, b] = isLong ? [trigger, from] : [from, trigger];
      expect(gte(a, b), 'never looser').toBe(true);
      from = trigger;
      return !eq(trigger, rest.trigger ?? ZERO);
    });

    // The server dies while it is open, and the price crosses the stop: the venue goes on, and closes it.
    await server.kill();
    const dead = await atVenue(venue, accountId);
    expect(dead.stops).toMatchObject([{ reduceOnly: true, triggerBy: 'mark', size: dead.position?.size }]);
    await venue.control.movePrice(SYMBOL, dec(isLong ? '0.9' : '1.1'));
    await eventually(
      'the stop closes it',
      async () => (await atVenue(venue, accountId)).position === undefined,
    );
    await server.start();
    for (const one of [device, phone]) {
      await one.live();
      const trade = await one.until('the trade, told', ({ trades }) =>
        trades.find((each) => each.botId === botId && each.openedAt === opened.openedAt),
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

/** Half of a position, on the size step. */
async function halfOf(device: Device, position: Position): Promise<Decimal> {
  const { instruments } = await device.client.request('market.instruments', { venue: 'sim' });
  const step = instruments.find(({ symbol }) => symbol === position.symbol)?.sizeStep;
  if (step === undefined) throw new Error('no size step');
  return roundToStep(div(position.size, dec('2')), step, 'down');
}
