import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { MarketFeed } from '../../../ports/marketFeed.ts';
import type { RateLimit, Venue, VenuePush } from '../../../ports/venue.ts';
import type { VenueControl } from '../venue/venueControl.ts';
import { HostedClient } from './hostedClient.ts';
import {
  HEARTBEAT_MS,
  MAX_MESSAGE_BYTES,
  type ServerMessage,
  type ToldQuote,
  VENUE_PROTOCOL,
  type Welcome,
} from './wire.ts';

/** Clients at once; more are turned away. */
const MAX_CLIENTS = 64;
/** Connections that have not shown a token yet; for one more the one that has waited longest goes. */
const MAX_STRANGERS = 64;

export interface VenueHostOptions {
  venue: Venue;
  feed: MarketFeed;
  control: VenueControl;
  host: string;
  /** 0: any free one. */
  port: number;
  /** Null: nobody is asked, which is for loopback only. */
  token: string | null;
  /** Who says it may do what the exchange itself does (ADL, other rules, the end of a symbol). Null: nobody. */
  controlToken?: string | null;
  /** Of each client. Default: none. */
  rateLimit?: RateLimit | null;
  clock: Clock;
  logger: Logger;
}

/** Serves a venue and its market to other processes, and goes on trading when none of them is there. */
export class VenueHost {
  readonly #options: VenueHostOptions;
  readonly #http: Server = createServer((_request, response) => response.writeHead(426).end());
  readonly #clients = new Set<HostedClient>();
  readonly #strangers = new Set<HostedClient>();
  #quotes: ToldQuote[] = [];
  /** The newest of each symbol. */
  readonly #told = new Map<string, ToldQuote>();
  #flushing = false;
  #cancelHeartbeat: () => void = () => {};

  constructor(options: VenueHostOptions) {
    this.#options = options;
  }

  /** Starts the market and listens. Answers the URL clients connect to. */
  async start(): Promise<string> {
    const { venue, feed, host, port } = this.#options;
    await venue.start((push) => this.#push(push));
    await feed.start({
      onQuote: (quote, minuteVolume) => this.#quote({ quote, minuteVolume }),
      onBar: (bar) => this.#broadcast({ type: 'bar', bar }),
      onGap: (symbol, reason) => this.#broadcast({ type: 'gap', symbol, reason }),
      onInstruments: (instruments) => this.#broadcast({ type: 'instruments', instruments }),
    });
    const sockets = new WebSocketServer({
      server: this.#http,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      // Programs send no Origin; without a token any page in a browser on this machine could trade here.
      verifyClient: ({ req }: { req: IncomingMessage }) => req.headers.origin === undefined,
    });
    sockets.on('connection', (socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, host, resolve);
    });
    this.#heartbeat();
    const address = this.#http.address() as AddressInfo;
    return `ws://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
  }

  async stop(): Promise<void> {
    this.#cancelHeartbeat();
    for (const client of [...this.#clients, ...this.#strangers]) client.terminate();
    await new Promise((resolve) => this.#http.close(resolve));
    await this.#options.feed.stop();
    await this.#options.venue.stop();
  }

  #accept(socket: WebSocket): void {
    const [oldest] = this.#strangers;
    if (this.#strangers.size >= MAX_STRANGERS) oldest?.terminate();
    const { venue, feed, control, clock, logger, rateLimit = null } = this.#options;
    const client: HostedClient = new HostedClient(socket, {
      venue,
      feed,
      control,
      clock,
      logger,
      rateLimit,
      roleOf: (token) => this.#roleOf(token),
      admit: () => this.#admit(client),
      welcome: () => this.#welcome(),
      onClose: () => {
        this.#clients.delete(client);
        this.#strangers.delete(client);
      },
    });
    this.#strangers.add(client);
  }

  #admit(client: HostedClient): boolean {
    if (this.#clients.size >= MAX_CLIENTS) return false;
    this.#strangers.delete(client);
    this.#clients.add(client);
    return true;
  }

  #roleOf(given: string): 'client' | 'controller' | undefined {
    const { token, controlToken = null } = this.#options;
    if (controlToken !== null && isSame(given, controlToken)) return 'controller';
    return token === null || isSame(given, token) ? 'client' : undefined;
  }

  async #welcome(): Promise<Welcome> {
    const { venue, feed, rateLimit = null } = this.#options;
    const instruments = await feed.instruments();
    return {
      type: 'welcome',
      protocol: VENUE_PROTOCOL,
      venue: venue.venue,
      feedName: feed.name,
      speed: feed.speed,
      capabilities: { ...venue.capabilities, ...(rateLimit === null ? {} : { rateLimit }) },
      writeWindowMs: venue.writeWindowMs,
      instruments,
      marketTime: feed.marketTime(),
      quotes: instruments.flatMap(({ symbol }) => this.#toldOf(symbol) ?? []),
    };
  }

  /** What the others were told last; before that, the price alone. */
  #toldOf(symbol: string): ToldQuote | undefined {
    const quote = this.#options.feed.latest(symbol);
    return this.#told.get(symbol) ?? (quote === undefined ? undefined : { quote, minuteVolume: null });
  }

  #push(push: VenuePush): void {
    const message = JSON.stringify({ type: 'push', push } satisfies ServerMessage);
    const accountId = 'accountId' in push ? push.accountId : undefined;
    for (const client of this.#clients) client.pushed(accountId, message);
  }

  /** Quotes of one step come one by one and leave as one message. */
  #quote(told: ToldQuote): void {
    this.#quotes.push(told);
    this.#told.set(told.quote.symbol, told);
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      const message = {
        type: 'quotes',
        marketTime: told.quote.ts,
        quotes: this.#quotes,
      } satisfies ServerMessage;
      this.#quotes = [];
      const text = JSON.stringify(message);
      for (const client of this.#clients) client.latestOnly(text);
    });
  }

  #broadcast(message: ServerMessage): void {
    const text = JSON.stringify(message);
    for (const client of this.#clients) client.send(text);
  }

  #heartbeat(): void {
    this.#cancelHeartbeat = this.#options.clock.after(HEARTBEAT_MS, () => {
      this.#broadcast({ type: 'time', marketTime: this.#options.feed.marketTime() });
      this.#heartbeat();
    });
  }
}

/** Takes equally long for every wrong token. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
