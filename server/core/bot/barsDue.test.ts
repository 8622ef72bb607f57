import { describe, expect, it } from 'vitest';
import { enter, exit, venueFacts } from '../../testing/core/samples.ts';
import { Scenario } from '../../testing/core/scenario.ts';
import type { Input } from '../inputs.ts';
import {
  BARS_AT_ONCE,
  type BarArrived,
  type BarClosed,
  barCurrentMs,
  barsDue,
  firstMissed,
  inputsNow,
  noteAsked,
  positionId,
} from './barsDue.ts';
import { GivenBars } from './givenBars.ts';

const MINUTE = 60_000;
const SERIES = { venue: 'sim', symbol: 'BTCUSDT', interval: '1m' } as const;
const KEY = 'sim.BTCUSDT.1m';

/** A desk of one bot, and the bars that its market has: the newest opened at `newest`, and closed `ageMs` ago. */
function setUp(options: { holds: boolean }) {
  const scenario = new Scenario();
  const botId = options.holds ? scenario.tradingBot() : scenario.runningBot();
  const first = scenario.barTime;
  const given = new GivenBars();
  let newest: number | null = first;
  const due = (arrived: number | null = null, ageMs = 0) => {
    const context = scenario.context();
    const closed = (newest ?? first) + MINUTE;
    const bars = barsDue(
      scenario.desk,
      given,
      {
        ...context,
        wallTime: context.wallTime,
        marketTime: () => closed + ageMs,
        series: () => (newest === null ? undefined : { ...EMPTY, openTime: [newest] }),
      },
      SERIES,
      arrived,
    );
    for (const bar of bars) noteAsked(scenario.desk, given, bar, scenario.desk.seq);
    return bars.map(({ openTime, missed, only }) => {
      return `${(openTime - first) / MINUTE}${missed ? ' missed' : ''}${only === undefined ? '' : ' again'}`;
    });
  };
  const close = (bars: number): number => {
    newest = (newest ?? first) + bars * MINUTE;
    return newest;
  };
  return {
    scenario,
    botId,
    given,
    first,
    due,
    close,
    lose: () => (newest = null),
    find: (at: number) => (newest = at),
  };
}

const GIVEN = { positions: [], again: false };
const EMPTY = { open: [], high: [], low: [], close: [], volume: [] };

describe('which bars bots are asked about', () => {
  it('[FOUND-1] the newest is current soon after it closed, once; a correction of it is not given again', () => {
    const { due, close } = setUp({ holds: false });
    const newest = close(1);
    expect(due(newest)).toEqual(['1']);
    expect(due(newest)).toEqual([]);
    expect(due(newest - MINUTE)).toEqual([]);
  });

  it('[FOUND-1] one that waited for its turn is missed, whatever it was when it came', () => {
    expect(setUpAndClose(15_000)).toEqual(['1']);
    expect(setUpAndClose(15_001)).toEqual(['1 missed']);
    function setUpAndClose(ageMs: number) {
      const { due, close } = setUp({ holds: false });
      return due(close(1), ageMs);
    }
  });

  it('[FOUND-1] in lock-step the nominal speed of the market excuses no bar that is old', () => {
    const { scenario } = setUp({ holds: false });
    const withFacts = (lockStep: boolean) => {
      const context = scenario.context();
      return { ...context, venue: () => ({ ...venueFacts(), speed: 1_000_000, lockStep }) };
    };
    expect(barCurrentMs(withFacts(false), 'sim')).toBe(1_500_000_000);
    expect(barCurrentMs(withFacts(true), 'sim')).toBe(15_000);
  });

  it('[FOUND-1] [BOT-16] of a burst each is given once, in order, and only the newest is current', () => {
    const { due, close } = setUp({ holds: true });
    due(close(1));
    const newest = close(4);
    expect(due(newest - 3 * MINUTE)).toEqual(['2 missed', '3 missed', '4 missed', '5']);
    expect(due(newest)).toEqual([]);
  });

  it('[FOUND-1] while a minute is missing none is given; afterwards all of them are, also unannounced', () => {
    const { due, close, lose, find } = setUp({ holds: true });
    const before = close(1);
    due(before);
    lose();
    expect(due(before + MINUTE)).toEqual([]);
    find(before + 3 * MINUTE);
    expect(due()).toEqual(['2 missed', '3 missed', '4']);
  });

  it('[FOUND-1] while the bars before an open position are still read none is given, for a minute at most', () => {
    const { scenario, given, first } = setUp({ holds: true });
    let held = 1;
    const look = (): number => {
      const series = (_v: string, _s: string, _i: string, bars: number) =>
        bars > held ? undefined : { ...EMPTY, openTime: [first + 3 * MINUTE] };
      return barsDue(scenario.desk, given, { ...scenario.context(), series }, SERIES, null).length;
    };
    expect(look()).toBe(0);
    scenario.advance(59_999);
    expect(look()).toBe(0);
    held = 5;
    const all = look();
    expect(all).toBeGreaterThan(0);
    held = 1;
    scenario.advance(1);
    expect(look()).toBe(0);
    scenario.advance(60_000);
    expect(look()).toBe(all);
  });

  it('[FOUND-1] the first one as well, where nothing that was decided on it was stored', () => {
    const { scenario, given, due, close } = setUp({ holds: true });
    const { seq } = scenario.desk;
    const newest = close(1);
    given.give(KEY, { ...GIVEN, openTime: newest, seq: seq + 2 }, seq);
    given.rewind(seq);
    expect(due(newest)).toContain('1');
  });

  it('[FOUND-1] what was decided on a bar and not stored is due again', () => {
    const { scenario, given, due, close } = setUp({ holds: true });
    due(close(1));
    const { seq } = scenario.desk;
    given.give(KEY, { ...GIVEN, openTime: close(1), seq: seq + 2 }, seq);
    given.rewind(seq);
    expect(due(close(1))).toEqual(['2 missed', '3']);
  });

  it('[FOUND-1] a process that finds a position gives the bars since it was opened, and enters on none it did not see close', () => {
    const held = setUp({ holds: true });
    held.close(3);
    const opened = Math.floor(held.scenario.position().openedAt / MINUTE) * MINUTE;
    const bars = Array.from({ length: (held.first + 3 * MINUTE - opened) / MINUTE + 1 }, (_, n) => {
      return `${(opened - held.first) / MINUTE + n} missed`;
    });
    expect(held.due()).toEqual(bars);
    const flat = setUp({ holds: false });
    flat.close(3);
    expect(flat.due()).toEqual([]);
  });

  it('[FOUND-1] up to where bots with a position were asked is in the log every 16 bars, for the next process', () => {
    const { scenario, first, due, close } = setUp({ holds: true });
    for (let bar = 0; bar < 40; bar += 1) scenario.bar();
    const noted = scenario.told('BarsGiven').map(({ openTime }) => (openTime - first) / MINUTE);
    expect(noted).toEqual([1, 17, 33]);
    expect(firstMissed(scenario.desk, SERIES)).toBe(first + 34 * MINUTE);
    close(36);
    expect(due()).toEqual(['34 missed', '35 missed', '36 missed']);
  });

  it('[FOUND-1] a venue whose clock is a day ahead keeps nobody from being asked', () => {
    const { scenario, due, close } = setUp({ holds: true });
    const position = scenario.position();
    const key = `${position.accountId}:BTCUSDT`;
    scenario.desk.positions.set(key, { ...position, openedAt: position.openedAt + 1_440 * MINUTE });
    expect(due(close(1))).toEqual(['1']);
    expect(due(close(1))).toEqual(['2']);
  });

  /** A bot whose entry filled in the bar that opened then, which nobody was told; asked as flat up to the bar after it. */
  function setUpUntold() {
    const world = setUp({ holds: false });
    const { scenario, due, find } = world;
    scenario.bar([enter('long')]);
    scenario.fillNow(scenario.order('entry'));
    scenario.venue.pushes = [];
    const opened = Math.floor(scenario.marketTime / MINUTE) * MINUTE;
    for (const at of [opened - MINUTE, opened, opened + MINUTE]) due(find(at));
    const told = (minutes: number): string => `${(opened - world.first) / MINUTE + minutes} missed`;
    return { ...world, opened, told };
  }

  it('[FOUND-1] bars at which a fill had not been told yet are given to its bot once more, for exits only', () => {
    const { scenario, botId, due, close, told, given } = setUpUntold();
    expect(due()).toEqual([]);
    scenario.read();
    const context = scenario.context();
    const seen = { ...context, series: () => ({ ...EMPTY, openTime: [given.newest(KEY) ?? 0] }) };
    const again = barsDue(scenario.desk, given, seen, SERIES, null);
    expect(again.map(({ only }) => only)).toEqual([[botId], [botId]]);
    close(1);
    expect(due()).toEqual([`${told(0)} again`, `${told(1)} again`, told(2).replace(' missed', '')]);
    expect(due()).toEqual([]);
  });

  it('[FOUND-1] what was decided on such a bar and not stored is due again', () => {
    const { scenario, due, told, given } = setUpUntold();
    scenario.read();
    const { seq } = scenario.desk;
    const [bar] = [given.newest(KEY) ?? 0];
    const positions = [positionId(scenario.position())];
    given.give(KEY, { openTime: bar, positions, again: true, seq: seq + 2 }, seq);
    expect(due()).toEqual([]);
    given.rewind(seq);
    expect(due()).toEqual([`${told(0)} again`, `${told(1)} again`]);
  });

  it('[FOUND-1] the next process is told to ask about them too, though others were asked about later ones', () => {
    const { scenario } = setUp({ holds: true });
    const accountId = scenario.openAccount('second');
    scenario.runningBot({ accountId });
    scenario.bar([enter('long')]);
    scenario.fillNow(scenario.order('entry'));
    scenario.venueOf(accountId).pushes = [];
    const opened = Math.floor(scenario.marketTime / MINUTE) * MINUTE;
    for (let bar = 0; bar < 40; bar += 1) scenario.bar();
    expect(scenario.desk.barsGiven.get(KEY)).toBeGreaterThan(opened);
    expect(firstMissed(scenario.desk, SERIES)).toBe(opened - MINUTE);
    scenario.read(accountId);
    expect(scenario.desk.positions.size).toBe(2);
    expect(firstMissed(scenario.desk, SERIES)).toBe(opened);
  });

  it('[FOUND-1] a bar that fails takes nothing with it that was decided on the bar before', () => {
    const { scenario, given, due, close } = setUp({ holds: true });
    due(close(1));
    const { seq } = scenario.desk;
    given.give(KEY, { ...GIVEN, openTime: close(1), seq: seq + 2 }, seq);
    given.giveUp(KEY, close(1));
    given.rewind(seq);
    expect(due()).toEqual(['2 missed']);
    expect(due(close(1))).toEqual(['4']);
  });

  it('[FOUND-1] of many that are due a few come at a time, and all are missed that closed before anybody looked', () => {
    const { scenario, given } = setUp({ holds: true });
    const newest = Math.floor(scenario.position().openedAt / MINUTE) * MINUTE + 999 * MINUTE;
    const seen = {
      ...scenario.context(),
      marketTime: () => newest + MINUTE,
      series: () => ({ ...EMPTY, openTime: [newest] }),
    };
    let came: Input | BarArrived | undefined = { type: 'Tick' };
    const bars: BarClosed[] = [];
    for (let turn = 0; came !== undefined && turn < 100; turn += 1) {
      const inputs = inputsNow(scenario.desk, given, seen, came);
      const closed = inputs.filter((input) => input.type === 'BarClosed');
      expect(closed.length).toBeLessThanOrEqual(BARS_AT_ONCE);
      for (const bar of closed) noteAsked(scenario.desk, given, bar, scenario.desk.seq);
      bars.push(...closed);
      came = inputs.find((input) => input.type === 'BarArrived');
    }
    expect(bars.map(({ openTime }) => openTime)).toEqual(
      Array.from({ length: 1_000 }, (_, n) => newest - (999 - n) * MINUTE),
    );
    expect(bars.filter(({ missed }) => !missed)).toEqual([]);
  });

  it('[FOUND-1] the passing of time brings the bars that bots of the desk are owed, before it itself', () => {
    const { scenario, given, first } = setUp({ holds: true });
    const context = scenario.context();
    const seen = { ...context, wallTime: 0, series: () => ({ ...EMPTY, openTime: [first + MINUTE] }) };
    given.give(KEY, { ...GIVEN, openTime: first, positions: [positionId(scenario.position())], seq: 0 }, 0);
    const arrived: BarArrived = { type: 'BarArrived', ...SERIES, openTime: first };
    expect(inputsNow(scenario.desk, given, seen, arrived)).toHaveLength(1);
    expect(inputsNow(scenario.desk, given, seen, { type: 'Tick' }).map(({ type }) => type)).toEqual([
      'BarClosed',
      'Tick',
    ]);
  });
});

describe('what a missed bar does', () => {
  it('[FOUND-1] [BOT-16] several that say exit make one exit', () => {
    const s = new Scenario();
    s.tradingBot();
    for (let bar = 0; bar < 3; bar += 1) s.bar([exit('long')], {}, true);
    expect(s.told('OrderSubmitted').filter(({ order }) => order.purpose === 'exit')).toHaveLength(1);
  });

  it('[FOUND-1] one that was over before the position was opened says nothing about it', () => {
    const s = new Scenario();
    s.tradingBot();
    const opened = Math.floor(s.position().openedAt / MINUTE) * MINUTE;
    s.closeBar(opened - MINUTE, [exit('long')], {}, true);
    expect(s.sending('exit')).toEqual([]);
    s.closeBar(opened, [exit('long')], {}, true);
    expect(s.sending('exit').map(({ size }) => size)).toEqual([s.position().size]);
  });
});
