import type { Account } from '../../../shared/domain/account.ts';
import { nodeWebSocket } from '../../../shared/sdk/nodeWebSocket.ts';
import { Random } from '../../simulation/random.ts';
import type { Cleanup } from '../cleanups.ts';
import { CuttableProxy } from '../sdk/cuttableProxy.ts';
import { eventually } from './eventually.ts';
import { Hand } from './hand.ts';
import { ReceivedDesk } from './receivedDesk.ts';
import { type ServerOptions, ServerProcess } from './serverProcess.ts';
import { type Device, Trader } from './trader.ts';
import { VenueJournal } from './venueJournal.ts';
import { VenueLine } from './venueLine.ts';
import { VenueProcess } from './venueProcess.ts';

export interface MoneyOptions {
  seed: number;
  /** Two people trade; each with this many bots and this many accounts traded by hand. */
  botsEach: number;
  handsEach: number;
  venueEnv?: Record<string, string>;
  server?: ServerOptions;
}

interface Parts {
  venue: VenueProcess;
  line: VenueLine;
  journal: VenueJournal;
  server: ServerProcess;
  /** Where devices connect to: in front of whichever server is to have them. */
  front: CuttableProxy;
}

/** What one person trades with, and what their device was told. */
export interface MoneyDesk {
  trader: Trader;
  device: Device;
  received: ReceivedDesk;
  accounts: Account[];
  bots: string[];
  hands: Hand[];
}

const DESKS = 2;
const MANY = '1000000';

/** Real processes with people and bots who trade without pause: server, venue, and the line between them that a test breaks. */
export class MoneyWorld {
  readonly venue: VenueProcess;
  readonly line: VenueLine;
  readonly journal: VenueJournal;
  readonly server: ServerProcess;
  readonly front: CuttableProxy;
  readonly random: Random;
  readonly desks: MoneyDesk[] = [];
  #trading: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  private constructor(
    readonly options: MoneyOptions,
    { venue, line, journal, server, front }: Parts,
  ) {
    this.venue = venue;
    this.line = line;
    this.journal = journal;
    this.server = server;
    this.front = front;
    this.random = new Random(options.seed, 0);
  }

  /** Started and ready, nothing traded yet. `cleanups` get what ends it, in the order of making. */
  static async start(options: MoneyOptions, cleanups: Cleanup[]): Promise<MoneyWorld> {
    const venue = await VenueProcess.start({
      SIM_SPEED: '60',
      SIM_SEED: `money ${options.seed}`,
      ...options.venueEnv,
    });
    cleanups.push(() => venue.stop());
    const line = await VenueLine.start(venue.url);
    cleanups.push(() => line.stop());
    const journal = await VenueJournal.start(venue.venue);
    const env = { ...venue.env, VENUE_URL: line.url, ...options.server?.env };
    const server = await ServerProcess.start({ database: 'embedded', ...options.server, env });
    cleanups.push(() => server.stop());
    const front = await CuttableProxy.start(server.port);
    cleanups.push(() => front.stop());
    const world = new MoneyWorld(options, { venue, line, journal, server, front });
    for (let desk = 0; desk < DESKS; desk += 1) {
      const trader = await Trader.register(front.url);
      cleanups.push(() => trader.close());
      await world.#openDesk(trader);
    }
    return world;
  }

  /** Sends bots and hands off. */
  async trade(): Promise<void> {
    for (const { device, bots } of this.desks)
      for (const botId of bots) await device.insist('bots.start', { botId });
    const hands = this.desks.flatMap((desk) => desk.hands);
    this.#trading = Promise.all(hands.map((hand) => hand.trade())).catch((error: unknown) => {
      this.#failure = error;
    });
  }

  /** Throws what went wrong with a hand: nobody waits for it while trading goes on. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Looks until the condition holds, and breaks off when a hand is stuck. */
  async until(what: () => string, condition: () => boolean, limitMs?: number): Promise<void> {
    await eventually(
      what,
      () => {
        this.check();
        return condition();
      },
      limitMs,
    );
  }

  /** Ends all trading; resolves once nothing is open. */
  async quiet(): Promise<void> {
    for (const { hands } of this.desks) for (const hand of hands) hand.stop();
    await this.#trading;
    this.check();
    for (const { device } of this.desks) await device.insist('bots.stopAll', {});
    for (const { device } of this.desks) await device.quiet();
  }

  async #openDesk(trader: Trader): Promise<void> {
    const { botsEach, handsEach, seed } = this.options;
    const received = new ReceivedDesk();
    const device = await trader.device('pc', { webSocket: received.tap(nodeWebSocket) });
    const { instruments } = await device.client.request('market.instruments', { venue: 'sim' });
    const accounts: Account[] = [];
    const bots: string[] = [];
    const hands: Hand[] = [];
    for (let index = 0; index < botsEach + handsEach; index += 1) {
      const instrument = instruments[index % instruments.length];
      if (instrument === undefined) throw new Error('the venue has no instruments');
      // An account for each, so that none runs into the limit of orders per minute.
      const account =
        index === 0 ? await device.firstAccount() : await device.openAccount(`account ${index}`, MANY);
      await this.journal.watch(account.accountId);
      accounts.push(account);
      if (index < botsEach) bots.push(await device.createBot(account, instrument.symbol));
      else
        hands.push(new Hand(device, account, instrument, new Random(seed, 100 * this.desks.length + index)));
    }
    this.desks.push({ trader, device, received, accounts, bots, hands });
  }
}
