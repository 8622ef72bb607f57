import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { ClosedBar } from '../../../ports/marketFeed.ts';
import { type RateLimit, type VenuePush, VenueUnavailable } from '../../../ports/venue.ts';
import { RecordingLogger } from '../../../testing/recordingLogger.ts';
import { silentLogger } from '../../../testing/silentLogger.ts';
import { byClientId } from '../../../testing/venue/refs.ts';
import { accepted, d, order, type VenueWorldOptions, venueWorld } from '../../../testing/venue/venueWorld.ts';
import { systemClock } from '../../clock/systemClock.ts';
import { SimulatedFeed } from '../feed/simulatedFeed.ts';
import { ScriptedFaults } from '../venue/scriptedFaults.ts';
import { connectRemoteVenue } from './connectRemoteVenue.ts';
import { VenueHost } from './venueHost.ts';
import { type ToldQuote, VENUE_PROTOCOL } from './wire.ts';

const TOKEN = 'correct horse battery staple 1234';
const CONTROL_TOKEN = 'battery staple correct horse 4321';
const account = { accountId: 'a' };
const SYMBOL = 'BTCUSDT';

async function hosted(options: VenueWorldOptions & { market?: SimulatedFeed; rateLimit?: RateLimit } = {}) {
  const world = await venueWorld({ ...options, listen: false });
  const host = new VenueHost({
    venue: world.venue,
    feed: options.market ?? world.feed,
    control: world.control,
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    controlToken: CONTROL_TOKEN,
    rateLimit: options.rateLimit ?? null,
    clock: systemClock,
    logger: silentLogger,
  });
  const url = await host.start();
  onTestFinished(async () => {
    await host.stop();
    await world.stop();
  });
  return { ...world, url };
}

async function client(url: string, token = TOKEN) {
  const remote = connectRemoteVenue({ url, token, clock: systemClock, logger: silentLogger });
  onTestFinished(remote.stop);
  await remote.start();
  const pushes: VenuePush[] = [];
  await remote.venue.start((push) => pushes.push(push));
  return { ...remote, pushes };
}

/** A line to the venue that a test can cut and mend, and on which it can swallow what the venue says. */
class Line {
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #open = true;
  mute = false;

  constructor(targetPort: number) {
    this.#server = createServer((near) => {
      if (!this.#open) {
        near.destroy();
        return;
      }
      const far = connect(targetPort, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.on('data', (data) => !this.mute && near.write(data));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `ws://127.0.0.1:${address.port}`;
  }

  cut(): void {
    this.#open = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#open = true;
    this.mute = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function lineTo(url: string): Promise<{ line: Line; url: string }> {
  const line = new Line(Number(new URL(url).port));
  onTestFinished(() => line.close());
  return { line, url: await line.listen() };
}

describe('a venue behind a socket', () => {
  test('[SIM-60] a cut is announced, the stream is restored with what was watched, and the venue traded on', async () => {
    const venue = await hosted();
    const { line, url } = await lineTo(venue.url);
    const { venue: remote, pushes } = await client(url);
    await remote.watch(account);
    line.cut();
    await expect.poll(() => pushes.at(-1)?.type).toBe('interrupted');
    accepted(await venue.venue.placeOrder(order('a', { side: 'buy', size: d('1') })));
    line.mend();
    await expect.poll(() => pushes.at(-1)?.type).toBe('restored');
    expect(pushes.some((push) => push.type === 'fill')).toBe(false);
    expect(await remote.fillsSince(account, 0)).toHaveLength(1);
    accepted(await remote.placeOrder(order('a', { side: 'sell', size: d('1'), reduceOnly: true })));
    await expect.poll(() => pushes.filter((push) => push.type === 'fill').length).toBe(1);
  });

  test('[SIM-61] a write whose answer was lost is unknown and not sent again; one that could not be sent is refused', async () => {
    const venue = await hosted();
    const { line, url } = await lineTo(venue.url);
    const { venue: remote, pushes } = await client(url);
    line.mute = true;
    const asked = order('a', { side: 'buy', size: d('1') });
    const answer = remote.placeOrder(asked);
    await expect.poll(async () => (await venue.venue.fillsSince(account, 0)).length).toBe(1);
    line.cut();
    expect(await answer).toMatchObject({ outcome: 'unknown' });
    expect(await remote.placeOrder(order('a', { side: 'buy', size: d('1') }))).toMatchObject({
      code: 'maintenance',
    });
    await expect(remote.readAccount(account)).rejects.toThrow('not connected');
    line.mend();
    await expect.poll(() => pushes.at(-1)?.type).toBe('restored');
    expect(await remote.findOrder(account, SYMBOL, byClientId(asked.clientOrderId))).toMatchObject({
      status: 'filled',
    });
    expect(await remote.fillsSince(account, 0)).toHaveLength(1);
  });

  test('[SIM-76] only who has the token for it acts as the exchange; every client is told, and one that was away hears it when it is back', async () => {
    const venue = await hosted();
    const { line, url } = await lineTo(venue.url);
    const controller = await client(venue.url, CONTROL_TOKEN);
    const [near, away] = [await client(venue.url), await client(url)];
    const told = [near, away].map(({ feed }) => {
      const heard: Instrument[][] = [];
      const onInstruments = (instruments: Instrument[]): number => heard.push(instruments);
      void feed.start({ onQuote: () => {}, onBar: () => {}, onGap: () => {}, onInstruments });
      return heard;
    });
    await near.venue.watch(account);
    for (const asked of [
      near.control.deleverage(account, SYMBOL, null),
      near.control.changeInstrument(SYMBOL, { status: 'halted' }),
      near.control.endInstrument(SYMBOL),
      near.control.movePrice(SYMBOL, d('2')),
    ]) {
      await expect(asked).rejects.toThrow('is for who runs the venue');
    }
    accepted(await near.venue.placeOrder(order('a', { side: 'buy', size: d('1') })));
    await controller.control.deleverage(account, SYMBOL, d('0.25'));
    await expect
      .poll(() => near.pushes.some((push) => push.type === 'fill' && push.fill.source === 'adl'))
      .toBe(true);
    expect(away.pushes).toEqual([]);

    line.cut();
    await expect.poll(() => away.pushes.at(-1)?.type).toBe('interrupted');
    await controller.control.changeInstrument(SYMBOL, { tickSize: d('5') });
    const tickOf = (instruments: Instrument[] | undefined) =>
      instruments?.find(({ symbol }) => symbol === SYMBOL)?.tickSize;
    await expect.poll(() => tickOf(told[0]?.at(-1))).toBe('5');
    expect(tickOf(await near.feed.instruments())).toBe('5');
    expect(told[1]).toEqual([]);
    line.mend();
    await expect.poll(() => tickOf(told[1]?.at(-1))).toBe('5');
    await controller.control.endInstrument(SYMBOL);
    for (const { feed } of [near, away]) {
      await expect.poll(() => feed.latest(SYMBOL)).toBeUndefined();
      expect(tickOf(await feed.instruments())).toBeUndefined();
    }
  });

  test('[SIM-62] only with its token, its protocol and well-formed messages', async () => {
    const { url } = await hosted();
    const closeCode = (...messages: unknown[]): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url);
        socket.on('open', () => {
          for (const message of messages)
            socket.send(typeof message === 'string' ? message : JSON.stringify(message));
        });
        socket.on('close', (code) => resolve(code));
      });
    const hello = { type: 'hello', protocol: VENUE_PROTOCOL, token: TOKEN };
    expect(await closeCode({ ...hello, token: 'wrong' })).toBe(4401);
    expect(
      await closeCode({ type: 'call', id: 1, name: 'readAccount', args: [account], deadline: null }),
    ).toBe(4401);
    expect(await closeCode({ ...hello, protocol: VENUE_PROTOCOL + 1 })).toBe(4400);
    expect(await closeCode('not json')).toBe(4400);
    expect(
      await closeCode(hello, { type: 'call', id: 1, name: 'dropDatabase', args: [], deadline: null }),
    ).toBe(4400);
  });

  test('[SIM-84] connections that say nothing keep nobody out who has the token', async () => {
    const { url } = await hosted();
    const silent = Array.from({ length: 100 }, () => {
      const socket = new WebSocket(url);
      onTestFinished(() => socket.terminate());
      return new Promise((resolve) => socket.on('open', resolve));
    });
    await Promise.all(silent);
    const answer = await new Promise((resolve) => {
      const socket = new WebSocket(url);
      onTestFinished(() => socket.close());
      socket.on('open', () =>
        socket.send(JSON.stringify({ type: 'hello', protocol: VENUE_PROTOCOL, token: TOKEN })),
      );
      socket.on('message', (data) => resolve(JSON.parse(String(data)).type));
      socket.on('close', resolve);
    });
    expect(answer).toBe('welcome');
  });

  test('[SIM-62] [MET-14] a venue of another protocol is not traded at, and why is said', async () => {
    const old = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => void old.close());
    await new Promise((resolve) => old.once('listening', resolve));
    const closed = new Promise((resolve) => {
      old.on('connection', (socket) => {
        socket.on('message', () =>
          socket.send(JSON.stringify({ type: 'welcome', protocol: VENUE_PROTOCOL - 1 })),
        );
        socket.on('close', (code, reason) => resolve([code, String(reason)]));
      });
    });
    const { port } = old.address() as AddressInfo;
    const logger = new RecordingLogger();
    const remote = connectRemoteVenue({
      url: `ws://127.0.0.1:${port}`,
      token: TOKEN,
      clock: systemClock,
      logger,
    });
    onTestFinished(remote.stop);
    const started = vi.fn();
    remote.start().then(started, started);
    const why = `the venue speaks protocol ${VENUE_PROTOCOL - 1}, this server ${VENUE_PROTOCOL}`;
    expect(await closed).toEqual([4400, why]);
    await expect.poll(() => logger.lines.some(({ level }) => level === 'error')).toBe(true);
    expect(started).not.toHaveBeenCalled();
    expect(() => remote.feed.venue).toThrow('never connected');
  });

  test('[MET-7] no page in a browser gets in, with or without a token', async () => {
    const { url } = await hosted();
    const status = await new Promise((resolve) => {
      const socket = new WebSocket(url, { origin: 'http://localhost:8711' });
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      socket.on('error', () => undefined);
      socket.on('open', () => resolve('open'));
    });
    expect(status).toBe(401);
  });

  test('[SIM-63] malformed arguments and late writes are answered, without effect', async () => {
    const venue = await hosted();
    const socket = new WebSocket(venue.url);
    onTestFinished(() => socket.close());
    const replies: { type: string; id: number; ok: boolean; result?: { code: string }; message?: string }[] =
      [];
    socket.on('message', (data) => replies.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.on('open', resolve));
    const call = (id: number, args: unknown[], deadline: number | null) =>
      socket.send(JSON.stringify({ type: 'call', id, name: 'placeOrder', args, deadline }));
    socket.send(JSON.stringify({ type: 'hello', protocol: VENUE_PROTOCOL, token: TOKEN }));
    await expect.poll(() => replies.length).toBeGreaterThan(0);
    const good = order('a', { side: 'buy', size: d('1') });
    call(1, [{ ...good, size: '1e5' }], null);
    call(2, [{ ...good, extra: true }], null);
    call(3, [good], venue.feed.marketTime() - 1);
    await expect.poll(() => replies.filter((reply) => reply.type === 'reply').length).toBe(3);
    const byId = new Map(replies.map((reply) => [reply.id, reply]));
    expect([byId.get(1)?.ok, byId.get(2)?.ok]).toEqual([false, false]);
    expect(byId.get(3)?.result?.code).toBe('expired');
    expect(await venue.venue.fillsSince(account, 0)).toEqual([]);
  });

  test('[SIM-64] a client hears only of accounts it watches', async () => {
    const { url, venue } = await hosted({ accounts: ['a', 'b'] });
    const one = await client(url);
    const two = await client(url);
    await one.venue.watch({ accountId: 'a' });
    await two.venue.watch({ accountId: 'b' });
    accepted(await venue.placeOrder(order('a', { side: 'buy', size: d('1') })));
    accepted(await venue.placeOrder(order('b', { side: 'buy', size: d('2') })));
    const fillsOf = (pushes: VenuePush[]) =>
      pushes.flatMap((push) => (push.type === 'fill' ? [push.accountId] : []));
    await expect.poll(() => [fillsOf(one.pushes), fillsOf(two.pushes)]).toEqual([['a'], ['b']]);
    expect(one.pushes.some((push) => 'accountId' in push && push.accountId === 'b')).toBe(false);
  });

  test('[SIM-65] what goes wrong behind the socket arrives as what it is', async () => {
    const faults = new ScriptedFaults();
    const { url } = await hosted({ faults });
    const { venue } = await client(url);
    faults.next('placeOrder', { kind: 'drop_request', afterMs: 0 });
    expect(await venue.placeOrder(order('a', { side: 'buy', size: d('1') }))).toMatchObject({
      outcome: 'unknown',
    });
    faults.next('readAccount', { kind: 'drop_request', afterMs: 0 });
    await expect(venue.readAccount(account)).rejects.toThrow('no answer');
  });
});

test('[FEED-13] [MET-14] what a minute traded so far is told behind a socket as it is here, also to who comes in the middle of it', async () => {
  const market = new SimulatedFeed({ seed: 'm', speed: 60, clock: systemClock, logger: silentLogger });
  const host = await hosted({ market });
  const { line, url } = await lineTo(host.url);
  const { feed } = await client(url);
  const told: ToldQuote[] = [];
  await feed.start({
    onQuote: (quote, minuteVolume) => told.push({ quote, minuteVolume }),
    onBar: () => {},
    onGap: () => {},
  });
  await expect.poll(() => told.length).toBeGreaterThan(60);
  line.cut();
  const before = told.length;
  line.mend();
  await expect.poll(() => told.length).toBeGreaterThan(before + 20);
  for (const { quote, minuteVolume } of told)
    expect(minuteVolume).toBe(market.path.volumeSoFar(quote.symbol, quote.ts));
});

test('[FEED-11] bars missed while disconnected are fetched and shown before newer ones', async () => {
  const market = new SimulatedFeed({ seed: 'm', speed: 600, clock: systemClock, logger: silentLogger });
  const host = await hosted({ market });
  const { line, url } = await lineTo(host.url);
  const { feed } = await client(url);
  const bars: ClosedBar[] = [];
  const gaps: string[] = [];
  await feed.start({
    onQuote: () => {},
    onBar: (bar) => bars.push(bar),
    onGap: (_symbol, why) => gaps.push(why),
  });
  await expect.poll(() => bars.length).toBeGreaterThan(5);
  line.cut();
  const atCut = market.marketTime();
  await expect.poll(() => market.marketTime()).toBeGreaterThan(atCut + 8 * 60_000);
  line.mend();
  await expect.poll(() => (bars.at(-1)?.candle.openTime ?? 0) - atCut).toBeGreaterThan(20 * 60_000);
  expect(gaps.length).toBeGreaterThan(0);
  for (const symbol of ['BTCUSDT', 'DOGEUSDT']) {
    const shown = bars.filter((bar) => bar.symbol === symbol).map((bar) => bar.candle);
    expect(shown.map((bar) => bar.openTime)).toEqual(
      shown.map((_bar, i) => (shown[0]?.openTime ?? 0) + i * 60_000),
    );
    expect(
      shown.every((bar) => JSON.stringify(bar) === JSON.stringify(market.path.candle(symbol, bar.openTime))),
    ).toBe(true);
  }
});

test('[SIM-68] [N8] a client that calls too fast is refused without effect and told when to come again; others are not', async () => {
  const { url } = await hosted({ rateLimit: { calls: 3, perMs: 3_600_000 } });
  const { venue } = await client(url);
  const other = await client(url);
  expect(venue.capabilities.rateLimit).toEqual({ calls: 3, perMs: 3_600_000 });
  await venue.openAccount(account, d('10000'));
  await venue.readAccount(account);
  await venue.readAccount(account);
  const refused = await venue.placeOrder(order('a', { side: 'buy', size: d('0.01') }));
  expect(refused).toMatchObject({ outcome: 'rejected', code: 'rate_limited' });
  expect(refused.outcome === 'rejected' ? refused.retryAfterMs : 0).toBeGreaterThan(1_000_000);
  const error: unknown = await venue.readAccount(account).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(VenueUnavailable);
  expect(error).toMatchObject({ retryAfterMs: expect.any(Number) });
  expect((await other.venue.readAccount(account)).orders).toEqual([]);
});
