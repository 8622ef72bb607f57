import type { Account } from '../../../../shared/domain/account.ts';
import type { Bot } from '../../../../shared/domain/bot.ts';
import type { BotState } from '../../../../shared/domain/botState.ts';
import { eventually } from '../eventually.ts';
import type { Device } from '../trader.ts';
import { type Attempt, attempt, insist, type Try } from './attempt.ts';

const SHARES = { main: '20', rival: '20', large: '70', larger: '71' } as const;
type Name = keyof typeof SHARES;
const SYMBOLS: Record<Name, string> = {
  main: 'BTCUSDT',
  rival: 'BTCUSDT',
  large: 'ETHUSDT',
  larger: 'SOLUSDT',
};

/** One account with its bots, raced over by two devices; lanes do not touch each other. */
export class Lane {
  readonly attempts: Attempt[] = [];
  readonly #account: Account;
  readonly #bots = new Map<Name, string>();

  constructor(
    readonly devices: readonly [Device, Device],
    account: Account,
  ) {
    this.#account = account;
  }

  async open(): Promise<this> {
    for (const name of Object.keys(SHARES) as Name[]) await this.create(name);
    return this;
  }

  async create(name: Name): Promise<void> {
    const options = { allocationPct: SHARES[name], leverage: 3 };
    const botId = await this.devices[0].createBot(this.#account, SYMBOLS[name], options);
    this.#bots.set(name, botId);
    for (const device of this.devices) await device.until('the bot is known', ({ bots }) => bots[botId]);
  }

  botId(name: Name): string {
    const botId = this.#bots.get(name);
    if (botId === undefined) throw new Error(`no bot ${name}`);
    return botId;
  }

  get accountId(): string {
    return this.#account.accountId;
  }

  bot(name: Name): Bot {
    return this.devices[0].bot(this.botId(name));
  }

  /** Brings a bot into a state, and waits until both devices see the same version of it there. */
  async bring(name: Name, to: 'stopped' | 'running' | 'paused'): Promise<Bot> {
    const botId = this.botId(name);
    const [device] = this.devices;
    const state = (): BotState => this.bot(name).state;
    if (to === 'stopped' && state() !== 'stopped') await insist(device, 'bots.stop', { botId });
    if (to !== 'stopped' && (state() === 'stopping' || state() === 'holding'))
      await this.bring(name, 'stopped');
    if (to !== 'stopped' && state() === 'stopped') await insist(device, 'bots.start', { botId });
    if (to === 'paused' && state() !== 'paused') await insist(device, 'bots.pause', { botId });
    if (to === 'running' && state() === 'paused') await insist(device, 'bots.resume', { botId });
    return eventually(
      () => `${name} is ${to} on both devices: ${this.devices.map((d) => d.bot(botId).state).join()}`,
      () => {
        const [one, two] = this.devices.map((device) => device.bot(botId));
        return one?.state === to && two?.state === to && one.version === two.version ? one : undefined;
      },
    );
  }

  /** Runs with a position that both devices see: it may have closed again by the time anything reaches the server. */
  async bringTrading(name: Name): Promise<Bot> {
    const bot = await this.bring(name, 'running');
    for (const device of this.devices) {
      await device.until(`${name} has a position`, ({ positions }) =>
        Object.values(positions).some(({ botId }) => botId === bot.botId),
      );
    }
    return bot;
  }

  /** All of these at once; the answers in the order given. Both devices know what came of it when this returns. */
  async race(...tries: Try[]): Promise<Attempt[]> {
    const made = await Promise.all(tries.map(attempt));
    this.attempts.push(...made);
    const seq = Math.max(...made.map((each) => each.seq ?? 0));
    for (const { client } of this.devices)
      await eventually('both devices know of the race', () => (client.position?.seq ?? 0) >= seq);
    return made;
  }
}
