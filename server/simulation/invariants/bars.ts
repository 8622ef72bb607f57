import type { Position } from '../../../shared/domain/position.ts';
import {
  type BarClosed,
  barCurrentMs,
  firstBarOf,
  heldOn,
  positionId,
  seriesKey,
} from '../../core/bot/barsDue.ts';
import type { Context } from '../../core/context.ts';
import type { Desk } from '../../core/desk.ts';
import type { Input } from '../../core/inputs.ts';
import { InvariantBroken } from '../broken.ts';
import { BAR_MS } from '../market.ts';
import { scriptedStrategy } from '../scriptedStrategy.ts';
import type { World } from '../world.ts';

/** The bars that the bots of each desk were asked about, since one process last read the desk from the log. */
export class AskedBars {
  readonly #newest = new Map<string, number>();
  /** By position: the newest that its bot was asked about. */
  readonly #ofPositions = new Map<string, number>();
  /** The positions that each desk had then. */
  readonly #found = new Map<string, Set<string>>();

  /** False: this one, or one after it, was asked about already. */
  ask(deskId: string, bar: BarClosed, held: readonly Position[]): boolean {
    const key = `${deskId}|${seriesKey(bar)}`;
    const isAgain = bar.only !== undefined;
    if (!isAgain && bar.openTime <= (this.#newest.get(key) ?? 0)) return false;
    if (!isAgain) this.#newest.set(key, bar.openTime);
    return held.every((position) => {
      const id = `${deskId}|${positionId(position)}`;
      if (bar.openTime <= (this.#ofPositions.get(id) ?? 0)) return false;
      this.#ofPositions.set(id, bar.openTime);
      return true;
    });
  }

  /** It is flat: what fills too late may begin another one at the same time. */
  end(deskId: string, position: Position): void {
    this.#ofPositions.delete(`${deskId}|${positionId(position)}`);
  }

  knew(deskId: string, position: Position): boolean {
    return this.#found.get(deskId)?.has(positionId(position)) === true;
  }

  /** The desk was read from the log. */
  forget({ deskId, positions }: Desk): void {
    this.#found.set(deskId, new Set([...positions.values()].map(positionId)));
    for (const asked of [this.#newest, this.#ofPositions])
      for (const key of asked.keys()) if (key.startsWith(`${deskId}|`)) asked.delete(key);
  }
}

/**
 * Each bar once, and none left out that closed while a bot held a position, whenever that was told: over gaps, reloads and
 * restarts.
 */
export function checkBar(
  world: World,
  { deskId, desk }: { deskId: string; desk: Desk },
  context: Context,
  asked: AskedBars,
  bar: BarClosed,
): void {
  const { venue, symbol, interval, openTime } = bar;
  const held = heldOn(desk, bar);
  if (!asked.ask(deskId, bar, held))
    throw new InvariantBroken('BARS', `bots are asked about the bar of ${symbol} at ${openTime} twice`);
  if (bar.only !== undefined) world.coverage.count('met:bar of an untold position');
  const { askedBars } = world.history;
  for (const position of held) {
    const id = `${deskId}|${positionId(position)}`;
    const before = askedBars.get(id);
    const first = firstBarOf(position, BAR_MS);
    if (openTime > Math.max(first, (before ?? 0) + BAR_MS))
      throw new InvariantBroken(
        'BARS',
        `the bot holding ${symbol} since ${position.openedAt} is asked about the bar at ${openTime}, and not about those since ${before ?? first}`,
      );
    askedBars.set(id, openTime);
  }
  if (held.length === 0) return;
  const bars = scriptedStrategy.warmupBars({ salt: 1 });
  // One that is only learnt of now may be older than what this process holds.
  const isFound = held.every((position) => asked.knew(deskId, position));
  if (isFound && context.series(venue, symbol, interval, bars, openTime) === undefined)
    throw new InvariantBroken(
      'BARS',
      `bots holding ${symbol} are asked about the bar at ${openTime} without those before it`,
    );
}

/** Something was decided on a bar, up to the `seq` of its desk: should it be lost, the bar is due again. */
export function noteDecidedBar(
  { history }: World,
  { deskId, seq }: Desk,
  held: readonly Position[],
  { openTime }: BarClosed,
): void {
  const noted = history.undurableBars.get(deskId) ?? [];
  for (const position of held) noted.push({ id: `${deskId}|${positionId(position)}`, openTime, seq });
  history.undurableBars.set(deskId, noted);
}

/** The desk was read from the log: nobody was asked about bars whose decisions it does not have. */
export function takeBackBars({ history }: World, { deskId, seq }: Desk): void {
  const { askedBars, undurableBars } = history;
  for (const noted of undurableBars.get(deskId) ?? []) {
    const asked = askedBars.get(noted.id);
    if (noted.seq > seq && asked !== undefined)
      askedBars.set(noted.id, Math.min(asked, noted.openTime - BAR_MS));
  }
  undurableBars.delete(deskId);
}

/** An entry follows from the newest bar of all, soon after it closed. */
export function checkEntryBar(world: World, context: Context, input: Input): void {
  if (input.type !== 'BarClosed') return;
  const { venue, symbol, openTime } = input;
  const age = context.marketTime(venue) - (openTime + BAR_MS);
  if (openTime !== world.market.lastClosedBar || age > barCurrentMs(context, venue))
    throw new InvariantBroken('INV-10', `an entry in ${symbol} on a bar that closed ${age} market ms ago`);
}
