import { claims, type Desk } from '../core/desk.ts';
import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { BarHub } from './barHub/barHub.ts';
import { HistoryTooShort } from './barHub/seriesEntry.ts';

/** Which bots have bars built: each one series, for as long as it needs it. */
export class BotBars {
  readonly #hub: BarHub;
  /** By desk. */
  readonly #watching = new Map<string, Set<string>>();

  constructor(hub: BarHub) {
    this.#hub = hub;
  }

  /** Has the bars of a bot built from now on; what it is to be told once they are there, or cannot be. */
  async watch(deskId: string, effect: Extract<Effect, { type: 'WatchBars' }>): Promise<Input> {
    const { botId, venue, symbol, interval, bars, since } = effect;
    this.#watching.set(deskId, (this.#watching.get(deskId) ?? new Set()).add(botId));
    const failure = await this.#hub
      .watch(watcherOf(deskId, botId), { venue, symbol, interval }, bars, since)
      .then(
        () => null,
        (error: unknown) => error,
      );
    return {
      type: 'WarmupEnded',
      botId,
      symbol,
      interval,
      failure: failure === null ? null : failure instanceof Error ? failure.message : String(failure),
      tooShort: failure instanceof HistoryTooShort,
    };
  }

  /** Those of bots that were stopped or deleted are needed no more. */
  release(deskId: string, desk: Desk): void {
    const watching = this.#watching.get(deskId);
    for (const botId of watching ?? []) {
      const bot = desk.bots.get(botId);
      if (bot !== undefined && claims(desk, bot)) continue;
      watching?.delete(botId);
      this.#hub.unwatch(watcherOf(deskId, botId));
    }
    if (watching?.size === 0) this.#watching.delete(deskId);
  }
}

const watcherOf = (deskId: string, botId: string): string => `${deskId}/${botId}`;
