import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINE } from '../../shared/domain/actor.ts';
import { BARS_AT_ONCE } from '../core/bot/barsDue.ts';
import { enter, exit } from '../testing/core/samples.ts';
import { BAR_WALL_MS, BarsWorld, DESK } from '../testing/runtime/barsWorld.ts';

const MINUTE_MS = 60_000;
/** At speed 60: 1.5 s of wall time. */
const BOUND_MS = 90_000;

describe('bars that were missed, on the real hub, service, engine and venue', () => {
  let world: BarsWorld;

  beforeEach(async () => {
    world = new BarsWorld();
    await world.start();
  });
  afterEach(() => world.stop());

  /** The orders of a purpose, with the market ms between their bar's close and their decision. */
  const sent = (purpose: string) =>
    world.stored().flatMap((event) => {
      if (event.kind !== 'OrderSubmitted' || event.data.order.purpose !== purpose) return [];
      return [{ bar: Number(event.cause.replace('bar:', '')) }];
    });
  const hold = async (): Promise<void> => {
    world.wants = (_openTime, held) => (held === null ? [enter('long')] : []);
    await world.until('a position', () => world.position !== undefined);
    world.wants = () => [];
  };
  const askedSince = (openTime: number): number[] =>
    world.asked.filter((asked) => asked.openTime > openTime).map((asked) => asked.openTime);
  const everyBar = (from: number, to: number): number[] =>
    Array.from({ length: (to - from) / MINUTE_MS }, (_, n) => from + (n + 1) * MINUTE_MS);

  it('[FOUND-1] [BOT-16] after cuts of the feed nobody enters on a bar that closed longer ago than the bound', async () => {
    const entries = new Map<number, number>();
    world.wants = (openTime, held) => {
      if (held !== null) return [exit('long')];
      entries.set(openTime, world.marketTime() - openTime - MINUTE_MS);
      return [enter('long')];
    };
    for (let cut = 0; cut < 3; cut += 1) {
      await world.pass(3 * BAR_WALL_MS);
      world.feed.cut();
      await world.pass(15 * BAR_WALL_MS);
      world.feed.mend();
      await world.pass(3 * BAR_WALL_MS);
    }
    const bars = sent('entry').map(({ bar }) => bar);
    expect(bars.length).toBeGreaterThan(3);
    expect(bars.filter((bar) => (entries.get(bar) ?? Number.POSITIVE_INFINITY) > BOUND_MS)).toEqual([]);
  });

  it('[FOUND-1] [BOT-16] what missed bars say of exits is done once the feed is back, and each is asked about once', async () => {
    await hold();
    const last = world.newestBar;
    const exitBar = last + 5 * MINUTE_MS;
    world.wants = (openTime, held) => (held !== null && openTime === exitBar ? [exit('long')] : []);
    world.feed.cut();
    await world.pass(10 * BAR_WALL_MS);
    expect(world.position).toBeDefined();
    world.feed.mend();
    await world.until('the exit', () => world.position === undefined);
    expect(sent('exit').map(({ bar }) => bar)).toEqual([exitBar]);
    const asked = askedSince(last);
    expect(asked).toEqual(everyBar(last, asked.at(-1) ?? 0));
  });

  it('[FOUND-1] bars that close while the desk is read back are asked about afterwards, each once', async () => {
    await hold();
    await world.pass(BAR_WALL_MS);
    const last = world.newestBar;
    world.failsCommit = true;
    world.wants = (openTime, held) => (held !== null && openTime === last + MINUTE_MS ? [exit('long')] : []);
    await world.until('the exit', () => world.position === undefined);
    expect(world.failsCommit).toBe(false);
    expect(sent('exit').map(({ bar }) => bar)).toEqual([last + MINUTE_MS]);
  });

  it('[FOUND-1] [BOT-16] [REC-4] bars that close while no process runs are asked about by the next one, for exits only', async () => {
    await hold();
    await world.pass(3 * BAR_WALL_MS);
    const last = world.newestBar;
    const exitBar = last + 3 * MINUTE_MS;
    world.wants = (openTime, held) => {
      if (held !== null) return openTime === exitBar ? [exit('long')] : [];
      return openTime <= exitBar + 3 * MINUTE_MS ? [enter('short')] : [];
    };
    const entries = sent('entry').length;
    await world.restart(8 * BAR_WALL_MS);
    await world.until('the exit', () => world.position === undefined);
    expect(sent('exit').map(({ bar }) => bar)).toEqual([exitBar]);
    expect(sent('entry')).toHaveLength(entries);
    const asked = askedSince(last);
    expect(asked).toEqual(everyBar(last, asked.at(-1) ?? 0));
  });

  it('[FOUND-1] [BOT-16] what was missed waits for the history that its bot needs, whoever else has a few bars of it already', async () => {
    await hold();
    await world.pass(3 * BAR_WALL_MS);
    const last = world.newestBar;
    const exitBar = last + 3 * MINUTE_MS;
    world.wants = (openTime, held) => (held !== null && openTime === exitBar ? [exit('long')] : []);
    await world.restart(8 * BAR_WALL_MS, async (hub) => {
      await hub.watch('a chart', { venue: 'sim', symbol: 'BTCUSDT', interval: '1m' }, 1);
      world.feed.isForgetful = true;
    });
    await world.pass(2 * BAR_WALL_MS);
    expect(world.position).toBeDefined();
    world.feed.isForgetful = false;
    await world.until('the exit', () => world.position === undefined);
    expect(sent('exit').map(({ bar }) => bar)).toEqual([exitBar]);
  });

  it('[FOUND-1] [BOT-16] a bar that closes before the fill of its entry is told is asked about afterwards, for exits only', async () => {
    let entered: number | undefined;
    world.losesPushes = true;
    world.wants = (openTime, held) => {
      entered ??= openTime;
      if (held === null) return openTime === entered ? [enter('long')] : [enter('short')];
      return openTime === entered + MINUTE_MS ? [exit('long')] : [];
    };
    const isNext = ({ openTime }: { openTime: number }): boolean => openTime === (entered ?? 0) + MINUTE_MS;
    await world.until('the next bar', () => world.asked.some(isNext));
    expect(world.asked.find(isNext)?.held).toBe(false);
    world.losesPushes = false;
    await world.until('the exit', () => sent('exit').length > 0);
    expect(sent('exit').map(({ bar }) => bar)).toEqual([(entered ?? 0) + MINUTE_MS]);
    const asked = world.asked.filter(({ held }) => held).map(({ openTime }) => openTime);
    expect(asked).toEqual([...new Set(asked)].sort((one, other) => one - other));
  });

  it('[FOUND-1] [RUN-41] an emergency stop behind many missed bars is decided before they have all been asked about', async () => {
    await hold();
    const last = world.newestBar;
    const isLatched = (): boolean =>
      [...world.desk.accounts.values()].some(({ account }) => account.latch !== null);
    world.wants = () => {
      if (askedSince(last).length === 1)
        world.engine.submit(DESK, {
          ...{ type: 'Command', commandId: 'stop', expectedVersion: null, actor: ENGINE },
          command: { type: 'EmergencyStop', scope: {} },
        });
      return [];
    };
    world.feed.cut();
    await world.pass(3 * BARS_AT_ONCE * BAR_WALL_MS);
    expect(askedSince(last)).toEqual([]);
    world.feed.mend();
    await world.until('the latch', isLatched);
    expect(askedSince(last)).toHaveLength(BARS_AT_ONCE);
  });

  it('[FOUND-34] [BAR-9] a corrected bar asks nobody again', async () => {
    await world.pass(3 * BAR_WALL_MS);
    const { length } = world.asked;
    const openTime = world.newestBar;
    const [candle] = await world.feed.history('BTCUSDT', openTime + MINUTE_MS, 1);
    if (candle === undefined) throw new Error('no candle');
    world.wants = () => [enter('long')];
    world.feed.tell({
      symbol: 'BTCUSDT',
      interval: '1m',
      candle: { ...candle, high: candle.close },
      revision: 1,
    });
    await world.pass(100);
    expect(world.asked.slice(length).filter((asked) => asked.openTime <= openTime)).toEqual([]);
  });
});
