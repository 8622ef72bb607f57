import { randomUUID } from 'node:crypto';
import type { Account } from '../../../shared/domain/account.ts';
import type { Bot } from '../../../shared/domain/bot.ts';
import { add, type Decimal, dec, div, mul, roundToStep } from '../../../shared/domain/decimal.ts';
import type { DeskFrame } from '../../../shared/protocol/frames.ts';
import type { OpArgsInput, OpName, OpResult } from '../../../shared/protocol/ops.ts';
import { type Auth, createAuth } from '../../../shared/sdk/auth.ts';
import { createClient, type FillwireClient } from '../../../shared/sdk/client.ts';
import { FillwireError } from '../../../shared/sdk/fillwireError.ts';
import { nodeWebSocket } from '../../../shared/sdk/nodeWebSocket.ts';
import type { WebSocketFactory } from '../../../shared/sdk/webSocket.ts';
import { PATIENCE_MS } from '../patience.ts';
import { lawful } from '../wireLaw.ts';
import { eventually } from './eventually.ts';

export interface DeviceOptions {
  /** Where this device connects to, when not to the server itself. */
  url?: string;
  webSocket?: WebSocketFactory;
}

/** One person with devices, all through the SDK. */
export class Trader {
  readonly password = 'correct horse battery staple';
  readonly email = `${randomUUID()}@example.com`;
  readonly devices: Device[] = [];
  userId = '';
  readonly #url: string;

  private constructor(url: string) {
    this.#url = url;
  }

  static async register(url: string): Promise<Trader> {
    const trader = new Trader(url);
    const auth = trader.#newAuth();
    trader.userId = (await auth.register({ email: trader.email, password: trader.password })).userId;
    return trader;
  }

  /** A login of its own. */
  async login(): Promise<Auth> {
    const auth = this.#newAuth();
    await auth.login({ email: this.email, password: this.password });
    return auth;
  }

  /** A device that is connected and has its desk. */
  async device(name: string, options: DeviceOptions = {}): Promise<Device> {
    const auth = await this.login();
    const device = new Device(name, auth, options.url ?? this.#url, options.webSocket ?? nodeWebSocket);
    this.devices.push(device);
    await device.live();
    return device;
  }

  close(): void {
    for (const { client } of this.devices) client.close();
  }

  #newAuth(): Auth {
    let kept: string | null = null;
    const storage = {
      get: () => kept,
      set: (text: string | null) => {
        kept = text;
      },
    };
    return createAuth({ url: this.#url, mode: 'token', storage });
  }
}

/** A device of a trader: the SDK's client, and every frame it was told of, in order. */
export class Device {
  readonly client: FillwireClient;
  readonly frames: DeskFrame[] = [];
  readonly auth: Auth;
  readonly deviceId: string;

  constructor(name: string, auth: Auth, url: string, webSocket: WebSocketFactory) {
    this.auth = auth;
    this.deviceId = `${name}-${randomUUID()}`;
    const device = { id: this.deviceId, name, kind: 'program' } as const;
    // Quick to come back: a cut must not cost the test seconds.
    const random = (): number => Math.random() * 0.05;
    this.client = createClient({ url, device, tokens: auth, webSocket: lawful(webSocket), random });
    // What a reply takes on a busy machine, or while a server comes back, is no finding of a test.
    const request = this.client.request.bind(this.client);
    const patience = { timeoutMs: PATIENCE_MS, validForMs: PATIENCE_MS };
    this.client.request = (op, args, options) => request(op, args, { ...patience, ...options });
    this.client.onView(({ frames }) => {
      if (frames !== 'snapshot') this.frames.push(...frames);
    });
    this.client.connect();
  }

  get view(): FillwireClient['view'] {
    return this.client.view;
  }

  async live(): Promise<void> {
    await eventually(
      () => `live; it is ${JSON.stringify(this.client.status)}`,
      () => this.client.status.state === 'live',
    );
  }

  until<T>(
    what: string,
    condition: (view: FillwireClient['view']) => T,
  ): Promise<NonNullable<Exclude<T, false>>> {
    return eventually(what, () => condition(this.client.view));
  }

  /** The account that came with the registration, once the venue has confirmed it. */
  firstAccount(): Promise<Account> {
    return this.until('an account that is ready', ({ accounts }) =>
      Object.values(accounts).find((account) => account.status === 'ready'),
    );
  }

  /** A further account, ready. */
  async openAccount(name: string, deposit = '10000'): Promise<Account> {
    const { accountId } = await this.client.request('accounts.create', { name, venue: 'sim', deposit });
    return this.until(`account ${name} is ready`, ({ accounts }) => {
      const account = accounts[accountId];
      return account?.status === 'ready' ? account : undefined;
    });
  }

  /** A stopped bot with its strategy's quick preset; `params` on top. */
  async createBot(
    account: Account,
    symbol: string,
    options: { strategy?: string; params?: Bot['params']; allocationPct?: string; leverage?: number } = {},
  ): Promise<string> {
    const { strategy = 'aggressive', params = {}, allocationPct = '15', leverage = 3 } = options;
    const { strategies } = await this.client.request('strategies.list', {});
    const preset = strategies.find(({ id }) => id === strategy)?.presets.find(({ id }) => id === 'demo');
    if (preset === undefined) throw new Error(`${strategy} has no demo preset`);
    const { botId } = await this.client.request('bots.create', {
      name: `${symbol} ${randomUUID().slice(0, 8)}`,
      accountId: account.accountId,
      symbol,
      interval: preset.interval,
      strategy,
      params: { ...preset.params, ...params },
      allocationPct,
      leverage,
    });
    return botId;
  }

  /** A price this many percent away from the mark, on the instrument's tick. */
  async priceAt(symbol: string, percent: string): Promise<Decimal> {
    const { instruments } = await this.client.request('market.instruments', { venue: 'sim' });
    const instrument = instruments.find((one) => one.symbol === symbol);
    let mark: Decimal | undefined;
    const stop = this.client.subscribe(`ticker:sim.${symbol}`, (push) => {
      if (push.kind === 'ticker') mark = push.data.mark;
    });
    const found = await eventually(`a quote of ${symbol}`, () => mark);
    stop();
    const price = div(mul(found, add(dec('100'), dec(percent))), dec('100'));
    return roundToStep(price, dec(instrument?.tickSize ?? '0.1'), 'down');
  }

  /** Until a symbol can be traded: after a start its last price is shown at once, and traded on is the first one after it. */
  async livePrice(symbol: string): Promise<void> {
    let prices = 0;
    const stop = this.client.subscribe(`ticker:sim.${symbol}`, () => {
      prices += 1;
    });
    await eventually(`a live price of ${symbol}`, () => prices > 1);
    stop();
  }

  /** Sends an order that is to be accepted: not before its symbol can be traded. */
  async submit(order: OpArgsInput<'orders.submit'>): Promise<OpResult<'orders.submit'>> {
    await this.livePrice(order.symbol);
    return this.client.request('orders.submit', order);
  }

  /** Asks again, as people do, while a server that is coming back refuses for now. */
  async insist<O extends OpName>(op: O, args: OpArgsInput<O>): Promise<OpResult<O>> {
    let refusal = '';
    const ask = async (): Promise<{ result: OpResult<O> } | null> => {
      try {
        return { result: await this.client.request(op, args) };
      } catch (error) {
        if (!(error instanceof FillwireError && error.retryable)) throw error;
        refusal = error.message;
        return null;
      }
    };
    const answer: { result: OpResult<O> } = await eventually(() => `${op} is taken: ${refusal}`, ask);
    return answer.result;
  }

  bot(botId: string): Bot {
    const bot = this.client.view.bots[botId];
    if (bot === undefined) throw new Error(`there is no bot ${botId}`);
    return bot;
  }

  /** Each state the bot was in, as this device was told, in order. */
  statesOf(botId: string): string[] {
    const states: string[] = [];
    for (const frame of this.frames) {
      if (frame.kind !== 'BotStateChanged' || frame.data.bot.botId !== botId) continue;
      if (states.at(-1) !== frame.data.bot.state) states.push(frame.data.bot.state);
    }
    return states;
  }

  /** Resolves when the desk stands still: nothing is open or under way and no bot runs. */
  async quiet(): Promise<void> {
    await this.until('nothing is open and no bot runs', ({ bots, orders, positions }) => {
      const still = Object.values(bots).every(
        ({ state, closing }) => state === 'stopped' || (!closing && state === 'error'),
      );
      return still && Object.keys(orders).length === 0 && Object.keys(positions).length === 0;
    });
  }
}
