import type { Bot } from '../../../shared/domain/bot.ts';
import type { DeskEvent } from '../../core/events.ts';
import type { CommandRecord } from '../../ports/deskLog.ts';
import { InvariantBroken } from '../broken.ts';

const TRADES: ReadonlySet<Bot['state']> = new Set(['starting', 'running']);
const CAUSE = 'command:';

interface Version {
  version: number;
  deviceId: string | null;
}

/** Each command id has one effect, stored with its answer; what was stopped trades again only when a user says so. */
export class CommandLaw {
  readonly #effects = new Set<string>();
  readonly #states = new Map<string, Bot['state']>();
  /** Of each bot, who made its newest version. */
  readonly #versions = new Map<string, Version>();

  /** `commands`: stored with these events, in one append. */
  check(deskId: string, events: readonly DeskEvent[], commands: readonly CommandRecord[]): void {
    const answered = new Set(commands.map(({ commandId }) => commandId));
    const here = new Set<string>();
    for (const event of events) {
      if (event.cause.startsWith(CAUSE)) here.add(event.cause.slice(CAUSE.length));
      if ('bot' in event.data) this.#botNow(event, event.data.bot);
    }
    for (const commandId of here) {
      if (!answered.has(commandId))
        throw new InvariantBroken('CMD', `what ${commandId} did is stored without its answer`);
      const key = `${deskId}|${commandId}`;
      if (this.#effects.has(key))
        throw new InvariantBroken('CMD', `${commandId} has an effect a second time`);
      this.#effects.add(key);
    }
  }

  /** The device that made this version of the bot; undefined: not the newest any more. */
  makerOf(botId: string, version: number): Version | undefined {
    const newest = this.#versions.get(botId);
    return newest?.version === version ? newest : undefined;
  }

  #botNow(event: DeskEvent, bot: Bot): void {
    const before = this.#states.get(bot.botId);
    this.#states.set(bot.botId, bot.state);
    const known = this.#versions.get(bot.botId);
    if (known === undefined || bot.version > known.version)
      this.#versions.set(bot.botId, { version: bot.version, deviceId: event.by.deviceId });
    const isWoken = TRADES.has(bot.state) && before !== undefined && !TRADES.has(before);
    if (isWoken && event.by.kind === 'engine')
      throw new InvariantBroken(
        'WINS',
        `bot ${bot.botId} was ${before} and is ${bot.state} by nobody’s word`,
      );
  }
}
