import { expect, it } from 'vitest';
import { dec, gt, gte, sum } from '../../shared/domain/decimal.ts';
import { INTERVAL_MS, type Interval, type OpenCandle } from '../../shared/domain/market.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { madeRecording } from '../testing/e2e/madeRecording.ts';
import { ServerProcess } from '../testing/e2e/serverProcess.ts';
import { type Device, Trader } from '../testing/e2e/trader.ts';
import { VenueProcess } from '../testing/e2e/venueProcess.ts';
import { inLongForm } from '../testing/longForm.ts';

const cleanups = cleanupsAfterEach();

const SYMBOL = 'BTCUSDT';
const OWN_PROCESS = 'in a process of its own';
const MINUTE_MS = INTERVAL_MS['1m'];

type Bar = OpenCandle & { closed: boolean };

async function traderAt(server: ServerProcess): Promise<Device> {
  const trader = await Trader.register(server.url);
  cleanups.push(() => trader.close());
  return trader.device('pc');
}

/** Every bar a chart of this device is told, from now on. */
function chartOf(device: Device, interval: Interval): Bar[] {
  const bars: Bar[] = [];
  device.client.subscribe(`candles:sim.${SYMBOL}.${interval}`, (push) => {
    if (push.kind === 'candle') bars.push(push.data);
  });
  return bars;
}

/** The bars that were seen open and then closed, each with all that was told of it. */
function lived(bars: readonly Bar[]): Bar[][] {
  const times = [...new Set(bars.map(({ openTime }) => openTime))];
  const byTime = times.map((time) => bars.filter(({ openTime }) => openTime === time));
  return byTime.filter((told) => told.length > 2 && told.at(-1)?.closed === true);
}

const volumesOf = (told: readonly Bar[]) => told.flatMap(({ volume }) => (volume === null ? [] : [volume]));

it.each(inLongForm(['in this process', OWN_PROCESS], [OWN_PROCESS]))(
  '[E2E-76] [MET-14] with the market %s, two users see the volume of the open bar grow into that of the closed one, and may ask for it',
  async (where) => {
    // A minute lasts 3 s.
    const speed = { SIM_SPEED: '20' };
    const venue = where === OWN_PROCESS ? await VenueProcess.start(speed) : undefined;
    if (venue !== undefined) cleanups.push(() => venue.stop());
    const server = await ServerProcess.start({ env: venue?.env ?? speed });
    cleanups.push(() => server.stop());
    const [anna, ben] = [await traderAt(server), await traderAt(server)];
    const charts = [anna, ben].map((device) => ({
      minutes: chartOf(device, '1m'),
      threes: chartOf(device, '3m'),
    }));
    await eventually('both saw bars of both lengths grow and close', () =>
      charts.every(({ minutes, threes }) => lived(minutes).length > 1 && lived(threes).length > 0),
    );
    for (const { minutes, threes } of charts) {
      for (const told of [...lived(minutes), ...lived(threes)]) {
        const volumes = volumesOf(told);
        expect(volumes, 'always told').toHaveLength(told.length);
        expect(
          volumes.every((volume, index) => index === 0 || gte(volume, volumes[index - 1] ?? volume)),
        ).toBe(true);
        expect(
          volumes.slice(0, -1).some((volume) => gt(volume, dec('0'))),
          'before it closed',
        ).toBe(true);
      }
      // What a long bar has is what the minutes in it have.
      for (const told of lived(threes)) {
        const { openTime = 0, volume = null } = told.at(-1) ?? {};
        const inside = minutes.filter(
          (bar) => bar.closed && bar.openTime >= openTime && bar.openTime < openTime + 3 * MINUTE_MS,
        );
        if (inside.length === 3) expect(sum(volumesOf(inside))).toBe(volume);
      }
    }
    const key = (bar: Bar) => `${bar.openTime} ${bar.volume}`;
    const [hers = [], his = []] = charts.map(({ minutes }) =>
      minutes.filter(({ closed }) => closed).map(key),
    );
    expect(
      hers.some((bar) => his.includes(bar)),
      'the same bars',
    ).toBe(true);

    const market = { venue: 'sim', symbol: SYMBOL } as const;
    const { candles: minutes } = await ben.client.request('market.candles', { ...market, interval: '1m' });
    const open = await eventually('the open bar of fifteen minutes is known', async () => {
      const answer = await ben.client.request('market.candles', { ...market, interval: '15m' });
      if (answer.open === null) return undefined;
      expect(answer.open.openTime).toBe((answer.candles.at(-1)?.openTime ?? 0) + INTERVAL_MS['15m']);
      return answer.open;
    });
    const inside = minutes.filter(({ openTime }) => openTime >= open.openTime);
    expect(gte(open.volume ?? dec('-1'), sum(inside.map(({ volume }) => volume)))).toBe(true);
    const past = { ...market, interval: '15m', before: open.openTime } as const;
    expect((await ben.client.request('market.candles', past)).open).toBeNull();
  },
);

it('[E2E-76] [MET-14] of a recording nobody knows what the open bar traded before it closes', async () => {
  const file = madeRecording(SYMBOL, 420);
  cleanups.push(file.remove);
  const server = await ServerProcess.start({ replay: { file: file.path, speed: 30 } });
  cleanups.push(() => server.stop());
  const anna = await traderAt(server);
  const minutes = chartOf(anna, '1m');
  const [told] = await eventually('a minute grew and closed', () => {
    const seen = lived(minutes);
    return seen.length > 0 && seen;
  });
  expect(told?.map(({ volume }) => volume)).toEqual([...(told ?? []).slice(1).map(() => null), '10']);
});
