import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../../server/testing/e2e/eventually.ts';
import { sampleError } from '../../server/testing/sampleError.ts';
import type { BotNote } from '../../shared/domain/botNote.ts';
import type { Denial } from '../../shared/domain/denial.ts';
import type { MarketsNow } from '../../shared/domain/instrument.ts';
import type { Candle, Interval } from '../../shared/domain/market.ts';
import { CLOSE } from '../../shared/protocol/closeCodes.ts';
import type { WireError } from '../../shared/protocol/errors.ts';
import { isOpName, type OpArgs, type OpName, ops } from '../../shared/protocol/ops.ts';
import type { Push } from '../../shared/protocol/serverMessage.ts';
import { SUBPROTOCOL, VIEW_VERSION } from '../../shared/protocol/version.ts';
import { candlesOf, INSTRUMENTS, valuationOf } from './fixtureData.ts';
import { FixtureDesk } from './fixtureDesk.ts';
import { answer, submitOrder } from './fixtureOps.ts';
import { serveFile } from './serveFile.ts';

const HOUR_S = 3_600;
/** Bars a chart is sent when it is opened, and all there are. */
const CANDLES_SENT = 300;
const CANDLES_STORED = 900;

/**
 * Speaks the protocol with a desk that the test scripts, and serves the built dashboard under the production policy.
 * For tests of the dashboard alone; the real server has tests of its own.
 */
export class FixtureServer {
  readonly desk = new FixtureDesk();
  /** False: sockets are refused, as when the server is down. */
  accepting = true;
  /** How many sockets were refused. */
  refused = 0;
  /** True: nothing is answered, as when the network is gone without a word. */
  silent = false;
  /** The next command of that op is refused with this error. */
  readonly refusals = new Map<OpName, WireError>();
  /** Each request of that op is refused with this error. */
  readonly standingRefusals = new Map<OpName, WireError>();
  /** What the bars of every market and interval are, oldest first; null: a wave that ends now. */
  candles: Candle[] | null = null;
  /** What previews of orders are denied for; undefined: too little balance. */
  denials: Denial[] | undefined;
  /** Every login is refused with this. */
  loginRefusal: WireError | null = null;
  /** Of the view, as sessions from now on tell it. */
  viewVersion = VIEW_VERSION;
  /** False: nobody can say what accounts are worth, as without prices. */
  knowsValues = true;
  /** Devices that were here once and are not connected. */
  devicesAway = 1;
  /** Ops that were asked for, in order. */
  readonly asked: { op: OpName; args: unknown }[] = [];
  readonly #http: Server;
  readonly #sockets = new Map<WebSocket, Set<string>>();
  readonly #folder: string;
  #loggedIn = false;
  #markets: MarketsNow = { instruments: INSTRUMENTS, standstills: [] };

  private constructor(folder: string) {
    this.#folder = folder;
    this.#http = createServer((request, response) => this.#serve(request, response));
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });
    this.#http.on('upgrade', (request, socket, head) => {
      if (!this.accepting) {
        this.refused += 1;
        socket.destroy();
      } else sockets.handleUpgrade(request, socket, head, (opened) => this.#open(opened));
    });
    this.desk.onFrame = (frame) => {
      this.#broadcast('desk', frame);
      this.pushValuations();
    };
  }

  /** `folder`: the built dashboard. */
  static async start(folder: string): Promise<FixtureServer> {
    const server = new FixtureServer(folder);
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Ends the session, as a log-out from another device does. */
  revoke(): void {
    this.#loggedIn = false;
    for (const socket of this.#sockets.keys()) socket.close(CLOSE.revoked);
  }

  cutSockets(): void {
    for (const socket of this.#sockets.keys()) socket.terminate();
    // Gone at once: nothing is told to them, and nobody takes them for those that come after.
    this.#sockets.clear();
  }

  /** Resolves when a socket has subscribed to `channel`: what is told of it before is lost. */
  async heard(channel: string): Promise<void> {
    await eventually(`a subscriber of ${channel}`, () =>
      [...this.#sockets.values()].some((channels) => channels.has(channel)),
    );
  }

  async close(): Promise<void> {
    this.cutSockets();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  log(botId: string, note: BotNote): void {
    const ts = Date.now();
    this.#broadcast(`log:${botId}`, {
      ch: `log:${botId}`,
      kind: 'line',
      ts,
      data: { ...note, ts, botId },
    });
  }

  /** To every socket, whatever it subscribed to. */
  push(message: Push): void {
    for (const socket of this.#sockets.keys()) socket.send(JSON.stringify(message));
  }

  /** The venue's markets from now on. */
  setMarkets(markets: MarketsNow): void {
    this.#markets = markets;
    this.#broadcast('markets:sim', { ch: 'markets:sim', kind: 'markets', ts: Date.now(), data: markets });
  }

  pushValuations(): void {
    this.#broadcast('pnl', { ch: 'pnl', kind: 'pnl', ts: Date.now(), data: this.#valuations() });
  }

  #valuations() {
    if (!this.knowsValues) return [];
    const positions = Object.values(this.desk.view.positions);
    return Object.values(this.desk.view.accounts).map((account) =>
      valuationOf(
        account,
        positions.filter((position) => position.accountId === account.accountId),
        Date.now(),
      ),
    );
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path.startsWith('/auth/')) {
      request.resume().on('end', () => this.#auth(path.slice(6), response));
      return;
    }
    if (path === '/readyz') {
      response.writeHead(this.accepting ? 200 : 503).end();
      return;
    }
    serveFile(this.#folder, path, response);
  }

  #auth(route: string, response: ServerResponse): void {
    if (route === 'login' && this.loginRefusal !== null) {
      response
        .writeHead(401, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: this.loginRefusal }));
      return;
    }
    if (route === 'logout') this.#loggedIn = false;
    else if (route !== 'refresh') this.#loggedIn = true;
    const ok = this.#loggedIn || route === 'logout';
    const tokens = {
      token_type: 'Bearer',
      access_token: 'fixture-token',
      expires_in: HOUR_S,
      refresh_expires_in: 24 * HOUR_S,
      user_id: 'user1',
      role: 'user',
      session_id: 'session1',
      device_id: 'fixture-device-this',
    };
    const body = ok ? tokens : { error: sampleError('unauthenticated', 'no session') };
    response.writeHead(ok ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #open(socket: WebSocket): void {
    this.#sockets.set(socket, new Set());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('message', (data) => {
      if (this.silent) return;
      const { id, op, args } = JSON.parse(data.toString()) as { id: string; op: string; args: unknown };
      const outcome = this.#handle(socket, op, args);
      const reply =
        'error' in outcome
          ? { id, ok: false, error: outcome.error }
          : { id, ok: true, result: outcome.result };
      socket.send(JSON.stringify(reply));
      for (const push of 'after' in outcome ? (outcome.after ?? []) : []) socket.send(JSON.stringify(push));
    });
  }

  #handle(
    socket: WebSocket,
    op: string,
    raw: unknown,
  ): { result: unknown; after?: Push[] } | { error: WireError } {
    if (!isOpName(op)) return { error: sampleError('bad_request', `unknown op ${op}`) };
    const parsed = ops[op].args.safeParse(raw ?? {});
    if (!parsed.success) return { error: sampleError('bad_request', parsed.error.message) };
    this.asked.push({ op, args: parsed.data });
    const refusal = this.refusals.get(op) ?? this.standingRefusals.get(op);
    if (refusal !== undefined) {
      this.refusals.delete(op);
      return { error: refusal };
    }
    if (op === 'session.authenticate') return { result: this.#session() };
    if (op === 'subscribe') return this.#subscribe(socket, ops.subscribe.args.parse(raw));
    if (op === 'unsubscribe') {
      for (const channel of ops.unsubscribe.args.parse(raw).channels)
        this.#sockets.get(socket)?.delete(channel);
      return { result: { channels: [] } };
    }
    if (op === 'market.candles')
      return { result: { candles: this.#olderCandles(ops[op].args.parse(raw)), open: null } };
    if (op === 'orders.submit') return submitOrder(this.desk, ops[op].args.parse(raw), this.denials);
    return answer(this.desk, op, parsed.data);
  }

  #candlesOf(symbol: string, interval: Interval): Candle[] {
    return this.candles ?? candlesOf(symbol, interval, Date.now(), CANDLES_STORED);
  }

  #olderCandles({ symbol, interval, before = Date.now(), limit }: OpArgs<'market.candles'>): Candle[] {
    const known = this.#candlesOf(symbol, interval).filter(({ openTime }) => openTime < before);
    return known.slice(-limit);
  }

  #session() {
    const now = Date.now();
    return {
      userId: 'user1',
      sessionId: 'session1',
      deviceId: 'fixture-device-this',
      role: 'user',
      scopes: [],
      expiresAt: now + HOUR_S * 1_000,
      serverTime: now,
      viewVersion: this.viewVersion,
      epoch: this.desk.epoch,
      limits: {},
    };
  }

  #subscribe(
    socket: WebSocket,
    args: { channels: string[]; since?: { epoch: string; seq: number } | undefined },
  ) {
    const joined = this.#sockets.get(socket);
    for (const channel of args.channels) joined?.add(channel);
    const desk = args.channels.includes('desk') ? { desk: this.desk.join(args.since) } : {};
    return {
      result: { channels: args.channels, ...desk },
      after: args.channels.flatMap((channel) => this.#opening(channel)),
    };
  }

  #opening(channel: string): Push[] {
    const ts = Date.now();
    const [kind, rest = ''] = channel.split(':');
    if (kind === 'markets') return [{ ch: `markets:${rest}`, kind: 'markets', ts, data: this.#markets }];
    if (kind === 'pnl') return [{ ch: 'pnl', kind: 'pnl', ts, data: this.#valuations() }];
    if (kind === 'log') return [{ ch: `log:${rest}`, kind: 'history', ts, data: [] }];
    if (kind === 'devices') return [{ ch: 'devices', kind: 'devices', ts, data: this.#devices() }];
    if (kind !== 'candles') return [];
    const [, symbol = '', interval = '1m'] = rest.split('.');
    const data = this.#candlesOf(symbol, interval as Interval).slice(-CANDLES_SENT);
    return [{ ch: `candles:${rest}`, kind: 'history', ts, data }];
  }

  #devices() {
    const now = Date.now();
    const device = {
      sockets: 1,
      ackedSeq: this.desk.seq,
      stale: false,
      lastSeenAt: now,
      createdAt: now,
      connected: true,
    };
    return [
      {
        ...device,
        deviceId: 'fixture-device-this',
        name: 'Chrome on Linux',
        kind: 'desktop' as const,
        lagMs: 4.2,
      },
      {
        ...device,
        deviceId: 'd2',
        name: 'Safari on iPhone',
        kind: 'phone' as const,
        lagMs: 31,
        lastDelivery: {
          seq: 1,
          venueTs: now - 70,
          ingestedAt: now - 64,
          committedAt: now - 62,
          sentAt: now - 60,
          ackedAt: now,
        },
      },
      {
        ...device,
        deviceId: 'd3',
        name: 'grid-watch.ts',
        kind: 'program' as const,
        lagMs: 2_400,
        stale: true,
        ackedSeq: 0,
      },
      ...Array.from({ length: this.devicesAway }, (_, index) => ({
        ...device,
        deviceId: `d${index + 4}`,
        name: 'Chrome on Windows',
        kind: 'desktop' as const,
        lagMs: null,
        connected: false,
        sockets: 0,
      })),
    ];
  }

  #broadcast(channel: string, push: object): void {
    const text = JSON.stringify(push);
    for (const [socket, channels] of this.#sockets) if (channels.has(channel)) socket.send(text);
  }
}
