import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { sampleBot, sampleFill } from '../testing/deskSamples.ts';
import { sampleCandle, sampleQuote } from '../testing/fakeMarketData.ts';
import type { GatewayWorld } from '../testing/gatewayWorld.ts';
import { fakeInstrument } from '../testing/market/fakeMarketFeed.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import type { WireClient } from '../testing/wireClient.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

const TICKER = 'ticker:sim.BTCUSDT';
const CANDLES = 'candles:sim.BTCUSDT.1m';
const lastPrice = (client: WireClient): unknown => client.of(TICKER).at(-1)?.data;
/** Everything sent so far has arrived. */
const settle = (client: WireClient) => client.request('ping', {});

describe('ticker', () => {
  it('[WS-20] gives the latest quote on joining, then the newest of each turn', async () => {
    const world = await start();
    world.market.quote(sampleQuote('BTCUSDT', 100));
    const client = await world.session(await world.user());
    await client.request('subscribe', { channels: [TICKER] });
    await client.until(() => client.of(TICKER).length === 1);
    for (const price of [101, 102, 103]) world.market.quote(sampleQuote('BTCUSDT', price));
    world.market.quote(sampleQuote('ETHUSDT', 7));
    await client.until(() => client.of(TICKER).length === 2);
    await settle(client);
    expect(client.of(TICKER)).toHaveLength(2);
    expect(client.of(TICKER)[1]).toMatchObject({
      kind: 'ticker',
      data: { ts: 103, last: '103', symbol: 'BTCUSDT' },
    });
    expect(client.of('ticker:sim.ETHUSDT')).toEqual([]);
  });

  it('[WS-20] conflates to the interval that a subscription asks for, and sends the last one in the end', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const tokens = await world.user();
    const [slow, fast] = [await world.session(tokens), await world.session(tokens)];
    await slow.request('subscribe', { channels: [TICKER], intervalMs: 900 });
    await fast.request('subscribe', { channels: [TICKER] });
    for (let price = 1; price <= 20; price += 1) {
      world.market.quote(sampleQuote('BTCUSDT', price));
      await fast.until(() => fast.of(TICKER).length === price);
      clock.advance(100);
    }
    clock.advance(1_000);
    await slow.until(() => JSON.stringify(lastPrice(slow))?.includes('"last":"20"') ?? false);
    // Two seconds at one a second, and the first at once.
    expect(slow.of(TICKER).length).toBeLessThanOrEqual(4);
  });

  it('[WS-30] changes the interval of a channel by subscribing again, and ends with unsubscribe', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const client = await world.session(await world.user());
    await client.request('subscribe', { channels: [TICKER], intervalMs: 60_000 });
    expect(await client.request('subscribe', { channels: [TICKER] })).toMatchObject({
      result: { channels: [TICKER] },
    });
    for (const price of [1, 2, 3]) {
      world.market.quote(sampleQuote('BTCUSDT', price));
      await client.until(() => client.of(TICKER).length === price);
    }
    await client.request('subscribe', { channels: [TICKER] });
    await client.until(() => client.of(TICKER).length === 4);
    expect(await client.request('unsubscribe', { channels: [TICKER] })).toMatchObject({
      result: { channels: [] },
    });
    world.market.quote(sampleQuote('BTCUSDT', 9));
    clock.advance(60_000);
    await settle(client);
    expect(client.of(TICKER)).toHaveLength(4);
  });
});

describe('markets', () => {
  const MARKETS = 'markets:sim';
  const market = (status: Instrument['status']) => ({ ...fakeInstrument('sim', 'BTCUSDT'), status });

  it('[WS-37] [FOUND-29] gives the instruments on joining, and tells two users at once of one that has ended, or stands still', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    world.market.list([market('trading')]);
    const clients = [
      await world.session(await world.user('ada')),
      await world.session(await world.user('bob')),
    ];
    const told = async (count: number): Promise<unknown[]> => {
      for (const client of clients) await client.until(() => client.of(MARKETS).length === count);
      return clients.map((client) => client.of(MARKETS).at(-1)?.data);
    };
    const both = (data: unknown) => [data, data];
    for (const client of clients) {
      const joined = await client.request('subscribe', { channels: [MARKETS] });
      expect(joined).toMatchObject({ ok: true, result: { channels: [MARKETS] } });
    }
    expect(await told(1)).toEqual(both({ instruments: [market('trading')], standstills: [] }));
    world.market.markets = { ...world.market.markets, standstills: [{ symbol: 'BTCUSDT', since: 7 }] };
    clock.advance(1_000);
    expect(await told(2)).toEqual(
      both({ instruments: [market('trading')], standstills: [{ symbol: 'BTCUSDT', since: 7 }] }),
    );
    clock.advance(5_000);
    world.market.markets = { ...world.market.markets, standstills: [] };
    world.market.list([market('ended')]);
    expect(await told(3)).toEqual(both({ instruments: [market('ended')], standstills: [] }));
    clock.advance(5_000);
    for (const client of clients) await settle(client);
    expect(clients.map((client) => client.of(MARKETS).length)).toEqual([3, 3]);
  });

  it('[WS-37] is refused for a venue that is not there', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    expect(await client.request('subscribe', { channels: ['markets:nowhere'] })).toMatchObject({
      ok: false,
      error: { code: 'not_found' },
    });
  });
});

describe('candles', () => {
  it('[WS-21] gives history, then updates; nothing falls between, however late the history comes', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    world.market.history = [sampleCandle(0, 1), sampleCandle(60_000, 2)];
    world.market.delay = async () => {
      world.market.candle('BTCUSDT', '1m', sampleCandle(120_000, 3), true);
      world.market.candle('BTCUSDT', '1m', sampleCandle(180_000, 4), false);
    };
    await client.request('subscribe', { channels: [CANDLES] });
    await client.until(() => client.of(CANDLES).length === 3);
    const [history, closed, open] = client.of(CANDLES);
    expect(history).toMatchObject({ kind: 'history', data: [{ openTime: 0 }, { openTime: 60_000 }] });
    expect(closed).toMatchObject({ kind: 'candle', data: { openTime: 120_000, closed: true } });
    expect(open).toMatchObject({ kind: 'candle', data: { openTime: 180_000, closed: false } });
    expect(world.market.watched).toContain('sim.BTCUSDT.1m');
  });

  it('[WS-39] a history that takes long holds up its own channel only: the desk is joined meanwhile, and leaving keeps its turn', async () => {
    const world = await start({ limits: { channelsPerConnection: 3 } });
    const client = await world.session(await world.user());
    let proceed = (): void => undefined;
    const held = new Promise<void>((resume) => {
      proceed = resume;
    });
    world.market.delay = () => held;
    const replied: string[] = [];
    const ask = async (what: string, op: 'subscribe' | 'unsubscribe', channels: string[]) => {
      const reply = await client.request(op, { channels });
      replied.push(what);
      return reply;
    };
    const slow = ask('slow', 'subscribe', [CANDLES]);
    const left = ask('left', 'unsubscribe', [CANDLES]);
    const crowd = ask('crowd', 'subscribe', ['candles:sim.BTCUSDT.5m', 'candles:sim.BTCUSDT.15m']);
    expect(await ask('desk', 'subscribe', ['desk'])).toMatchObject({ result: { channels: ['desk'] } });
    expect((await ask('ticker', 'subscribe', ['ticker:sim.ETHUSDT'])).ok).toBe(true);
    await ask('no ticker', 'unsubscribe', ['ticker:sim.ETHUSDT']);
    expect((await ask('pnl', 'subscribe', ['pnl'])).ok).toBe(true);
    expect(replied).toEqual(['desk', 'ticker', 'no ticker', 'pnl']);
    proceed();
    expect(await slow).toMatchObject({ result: { channels: ['desk', 'pnl', CANDLES] } });
    expect(await left).toMatchObject({ result: { channels: ['desk', 'pnl'] } });
    expect(await crowd).toMatchObject({ error: { code: 'denied' } });
  });

  it('[WS-21] never conflates a closed bar away', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    await client.request('subscribe', { channels: [CANDLES], intervalMs: 60_000 });
    await client.until(() => client.of(CANDLES).length === 1);
    for (let bar = 0; bar < 10; bar += 1) {
      world.market.candle('BTCUSDT', '1m', sampleCandle(bar * 60_000, 1), false);
      world.market.candle('BTCUSDT', '1m', sampleCandle(bar * 60_000, 2), true);
    }
    await client.until(() => client.of(CANDLES).length === 11);
    const closed = client.of(CANDLES).slice(1);
    for (const [bar, push] of closed.entries()) {
      expect(push).toMatchObject({ data: { openTime: bar * 60_000, close: '2', closed: true } });
    }
  });

  it('[WS-21] reads the history anew once too much has happened since', async () => {
    const world = await start({ limits: { candleRecent: 3 } });
    const tokens = await world.user();
    await (await world.session(tokens)).request('subscribe', { channels: [CANDLES] });
    for (let bar = 0; bar < 30; bar += 1) {
      const candle = sampleCandle(bar * 60_000, bar + 1);
      world.market.history = [...world.market.history, candle];
      world.market.candle('BTCUSDT', '1m', candle, true);
    }
    const late = await world.session(tokens);
    await late.request('subscribe', { channels: [CANDLES] });
    await late.until(() => late.of(CANDLES).length >= 1);
    expect(late.of(CANDLES)[0]?.data).toHaveLength(30);
  });
});

describe('private channels', () => {
  const notice = (world: GatewayWorld, deskId: string, ch: string, data: unknown): void => {
    const kind = ch === 'pnl' ? 'pnl' : 'line';
    world.bus.publish({
      type: 'notice',
      deskId,
      channel: ch,
      payload: JSON.stringify({ ch, kind, ts: 1, data }),
    });
  };

  it('[WS-23] pnl gives the valuations there are, then the newest of each turn', async () => {
    const world = await start({ lawful: false });
    const tokens = await world.user();
    const deskId = tokens.grant.userId;
    const client = await world.session(tokens);
    const zero = '0' as never;
    const valuation = {
      equity: zero,
      unrealisedPnl: zero,
      marginUsed: zero,
      available: zero,
      positions: [],
      ts: 1,
      wallTs: 1,
    };
    world.desks.valuationsOf.set(deskId, [{ accountId: 'first', ...valuation }]);
    await client.request('subscribe', { channels: ['pnl'] });
    await client.until(() => client.of('pnl').length === 1);
    for (const n of [1, 2, 3]) notice(world, deskId, 'pnl', [n]);
    await client.until(() => client.of('pnl').length === 2);
    await settle(client);
    expect(client.of('pnl').map(({ data }) => data)).toEqual([[{ accountId: 'first', ...valuation }], [3]]);
  });

  it('[WS-22] a log gives its last lines, then each new one, and only of a bot of one’s own', async () => {
    const world = await start({ lawful: false });
    const [ada, bob] = [await world.user(), await world.user()];
    const deskId = ada.grant.userId;
    world.desks.append(deskId, 'BotCreated', { bot: sampleBot({ botId: 'b1' }) });
    const said = { botId: 'b1', code: 'side_off', figures: { direction: 'long' } } as const;
    const lines = Array.from({ length: 250 }, (_, ts) => ({ ...said, ts }));
    world.desks.logLines.set(`${deskId}/b1`, lines);
    const client = await world.session(ada);
    await client.request('subscribe', { channels: ['log:b1'] });
    await client.until(() => client.of('log:b1').length === 1);
    expect(client.of('log:b1')[0]?.data).toEqual(lines.slice(-200));
    for (const n of [1, 2, 3]) notice(world, deskId, 'log:b1', n);
    await client.until(() => client.of('log:b1').length === 4);
    expect(
      client
        .of('log:b1')
        .slice(1)
        .map(({ data }) => data),
    ).toEqual([1, 2, 3]);

    const other = await world.session(bob);
    expect(await other.request('subscribe', { channels: ['log:b1'] })).toMatchObject({
      error: { code: 'not_found' },
    });
  });
});

describe('devices and acknowledgements', () => {
  interface Row {
    deviceId: string;
    connected: boolean;
    ackedSeq: number | null;
    lagMs: number | null;
    stale: boolean;
    lastDelivery: object | null;
  }
  const rowOf = (client: WireClient, deviceId: string): Row | undefined => {
    const rows = client.of('devices').at(-1)?.data as Row[] | undefined;
    return rows?.find((row) => row.deviceId === deviceId);
  };
  /** Two devices on one desk, of which the pc sees how both are doing. */
  async function pcAndPhone(world: GatewayWorld) {
    const tokens = await world.user();
    const [pc, phone] = [await world.session(tokens, 'pc'), await world.session(tokens, 'phone')];
    await pc.request('subscribe', { channels: ['desk', 'devices'] });
    await phone.request('subscribe', { channels: ['desk'] });
    return { deskId: tokens.grant.userId, pc, phone };
  }

  it('[WS-24] measures each station of a fill on its way to each device', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const { deskId, pc, phone } = await pcAndPhone(world);
    const sentAt = clock.now();
    const fill = sampleFill({ fillId: 'f1', ts: sentAt - 30, ingestedAt: sentAt - 10 });
    const seq = world.desks.append(deskId, 'FillRecorded', { fill });
    await pc.until(() => pc.of('desk').length === 1);
    await phone.until(() => phone.of('desk').length === 1);
    clock.advance(40);
    await pc.request('ack', { seq });
    clock.advance(160);
    await phone.request('ack', { seq });
    clock.advance(1_000);
    await pc.until(() => rowOf(pc, 'phone')?.ackedSeq === seq);
    const delivery = { seq, venueTs: sentAt - 30, ingestedAt: sentAt - 10, committedAt: sentAt, sentAt };
    expect(rowOf(pc, 'pc')).toMatchObject({ lagMs: 40, lastDelivery: { ...delivery, ackedAt: sentAt + 40 } });
    expect(rowOf(pc, 'phone')).toMatchObject({
      connected: true,
      lagMs: 200,
      stale: false,
      lastDelivery: { ...delivery, ackedAt: sentAt + 200 },
    });
  });

  it('[WS-24] flags a device that stops acknowledging as stale, at most once a second, and tells when it is back', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const { deskId, pc, phone } = await pcAndPhone(world);
    await pc.request('ack', { seq: world.desks.head(deskId) });
    await phone.request('ack', { seq: world.desks.head(deskId) });
    for (let second = 0; second < 10; second += 1) {
      const seq = world.desks.append(deskId, 'Internal', {});
      await pc.until(() => pc.of('desk').some((push) => 'seq' in push && push.seq === seq));
      await pc.request('ack', { seq });
      clock.advance(1_000);
      await settle(pc);
    }
    await pc.until(() => rowOf(pc, 'phone')?.stale === true);
    expect(rowOf(pc, 'pc')?.stale).toBe(false);
    expect(pc.of('devices').length).toBeLessThanOrEqual(12);
    await phone.request('ack', { seq: world.desks.head(deskId) });
    clock.advance(1_000);
    await pc.until(() => rowOf(pc, 'phone')?.stale === false);
    phone.ws.close();
    await phone.closed();
    await settle(pc);
    clock.advance(1_000);
    await pc.until(() => rowOf(pc, 'phone')?.connected === false);
  });

  it('[WS-24] believes no acknowledgement of what was never sent', async () => {
    const world = await start();
    const tokens = await world.user();
    const client = await world.session(tokens, 'pc');
    await client.request('ack', { seq: 5 });
    await client.request('subscribe', { channels: ['desk'] });
    await client.request('ack', { seq: 1_000_000 });
    await client.request('ack', { seq: 0 });
    const reply = await client.request('devices.list', {});
    const rows = reply.ok ? (reply.result.devices as Row[]) : [];
    expect(rows.find((row) => row.deviceId === 'pc')?.ackedSeq).toBe(world.desks.head(tokens.grant.userId));
  });
});
