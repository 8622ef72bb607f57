import { type BarClosed, barCurrentMs, heldOn, seriesKey } from '../../core/bot/barsDue.ts';
import type { Context } from '../../core/context.ts';
import type { Desk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import type { DeskRecord } from '../../runtime/deskRecord.ts';
import { InvariantBroken } from '../broken.ts';
import { BAR_MS } from '../market.ts';
import { scriptedStrategy } from '../scriptedStrategy.ts';
import type { World } from '../world.ts';

/** The newest bar that the bots of each desk were asked about, since one process last read the desk from the log. */
export class AskedBars {
  readonly #newest = new Map<string, number>();
  /** When the positions were opened that each desk had then. */
  readonly #found = new Map<string, Set<number>>();

  /** False: this one, or one after it, was asked about already. */
  ask(deskId: string, bar: BarClosed): boolean {
    const key = `${deskId}|${seriesKey(bar)}`;
    if (bar.openTime <= (this.#newest.get(key) ?? 0)) return false;
    this.#newest.set(key, bar.openTime);
    return true;
  }

  knew(deskId: string, openedAt: number): boolean {
    return this.#found.get(deskId)?.has(openedAt) === true;
  }

  /** The desk was read from the log. */
  forget({ deskId, positions }: Desk): void {
    this.#found.set(deskId, new Set([...positions.values()].map(({ openedAt }) => openedAt)));
    for (const key of this.#newest.keys()) if (key.startsWith(`${deskId}|`)) this.#newest.delete(key);
  }
}

/** Each bar once, and none left out that closed while a bot held a position: over gaps, reloads and restarts. */
export function checkBar(
  world: World,
  { deskId, desk }: DeskRecord,
  context: Context,
  asked: AskedBars,
  bar: BarClosed,
): void {
  const { venue, symbol, interval, openTime } = bar;
  if (!asked.ask(deskId, bar))
    throw new InvariantBroken('BARS', `bots are asked about the bar of ${symbol} at ${openTime} twice`);
  const key = `${deskId}|${seriesKey(bar)}`;
  const before = world.history.askedBars.get(key);
  world.history.askedBars.set(key, openTime);
  const held = heldOn(desk, bar);
  if (held.length === 0) return;
  const openedIn = Math.floor(Math.min(...held.map(({ openedAt }) => openedAt)) / BAR_MS) * BAR_MS;
  if (before !== undefined && openTime > Math.max(before + BAR_MS, openedIn))
    throw new InvariantBroken(
      'BARS',
      `bots holding ${symbol} are asked about the bar at ${openTime}, and not about those since ${before}`,
    );
  const bars = scriptedStrategy.warmupBars({ salt: 1 });
  // One that is only learnt of now may be older than what this process holds.
  const isFound = held.every(({ openedAt }) => asked.knew(deskId, openedAt));
  if (isFound && context.series(venue, symbol, interval, bars, openTime) === undefined)
    throw new InvariantBroken(
      'BARS',
      `bots holding ${symbol} are asked about the bar at ${openTime} without those before it`,
    );
}

/** An entry follows from the newest bar of all, soon after it closed. */
export function checkEntryBar(world: World, context: Context, input: Input): void {
  if (input.type !== 'BarClosed') return;
  const { venue, symbol, openTime } = input;
  const age = context.marketTime(venue) - (openTime + BAR_MS);
  if (openTime !== world.market.lastClosedBar || age > barCurrentMs(context, venue))
    throw new InvariantBroken('INV-10', `an entry in ${symbol} on a bar that closed ${age} market ms ago`);
}
