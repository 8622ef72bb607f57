import { expect, it } from 'vitest';
import { hashView } from '../../shared/view/hashView.ts';
import { DeskFold } from '../testing/deskFold.ts';
import { sampleQuote } from '../testing/fakeMarketData.ts';
import type { WireClient } from '../testing/wireClient.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

const TICKER = 'ticker:sim.BTCUSDT';
const UNLIMITED = { perSecond: 1e6, burst: 1e6 };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An alert whose text is large: what fills buffers. */
function largeAlert(n: number, bytes: number) {
  const bot = `${n} `.padEnd(bytes, 'x');
  const about = {
    severity: 'info',
    code: 'late_fill',
    accountId: null,
    botId: null,
    dismissible: true,
    raisedAt: 0,
  } as const;
  return { alert: { alertId: `alert-${n % 5}`, figures: { symbol: 'BTCUSDT', bot }, ...about } };
}

async function follow(client: WireClient, fold: DeskFold): Promise<void> {
  const since = fold.epoch === '' ? {} : { since: fold.since };
  const from = client.pushes.length;
  fold.join(await client.request('subscribe', { channels: ['desk', TICKER], ...since }));
  for (const push of client.pushes.slice(from)) fold.push(push);
  client.onPush = (push) => {
    fold.push(push);
    // What was folded need not be kept: 99 clients share this process.
    client.received.length = 0;
    if (push.ch === 'desk') client.pushes.length = 0;
  };
}

it('[WS-26] a stalled reader beside 99 live ones is conflated, closed with 4000, and resumes with an equal view', async () => {
  const here = await start({ limits: { connectionsPerUser: 100, userRate: UNLIMITED } });
  const tokens = await here.user();
  const deskId = tokens.grant.userId;
  const live: Array<{ client: WireClient; fold: DeskFold }> = [];
  for (let n = 0; n < 99; n += 1) {
    const entry = { client: await here.session(tokens), fold: new DeskFold() };
    await follow(entry.client, entry.fold);
    live.push(entry);
  }
  const stalled = await here.session(tokens);
  const stalledFold = new DeskFold();
  await follow(stalled, stalledFold);
  stalled.ws.pause();

  let price = 0;
  let sent = 0;
  // Until the server gives up on it: kernels buffer a few megabytes first. Bounded, should it never.
  while (here.gateway.load().sockets === 100 && sent < 400) {
    for (let n = 0; n < 4; n += 1) {
      here.desks.append(deskId, 'AlertRaised', largeAlert(sent, 40_000));
      sent += 1;
    }
    price += 1;
    here.market.quote(sampleQuote('BTCUSDT', price));
    await turn();
    await Promise.all(
      live.map(({ client, fold }) => client.until(() => fold.seq === here.desks.head(deskId))),
    );
  }
  expect(here.gateway.load().sockets).toBe(99);
  stalled.ws.resume();
  await stalled.closed();
  // The close frame is the last thing behind all that was buffered.
  expect(stalled.closeCode).toBe(4000);

  const back = await here.session(tokens);
  await follow(back, stalledFold);
  live.push({ client: back, fold: stalledFold });
  const head = here.desks.append(deskId, 'Internal', {});
  const hash = hashView('epoch-1', head, here.desks.viewAt(deskId, head));
  for (const { client, fold } of live) {
    await client.until(() => fold.seq === head);
    expect(fold.hash).toBe(hash);
  }
});

it('[WS-26] a slow reader leaves its latest-wins channels, and gets the newest when it has drained', async () => {
  const here = await start({
    limits: {
      connectionsPerUser: 100,
      closeAboveBytes: 64 * 1_024 * 1_024,
      maxBackpressureBytes: 128 * 1_024 * 1_024,
    },
  });
  const tokens = await here.user();
  const deskId = tokens.grant.userId;
  const [slow, live] = [await here.session(tokens), await here.session(tokens)];
  const [slowFold, liveFold] = [new DeskFold(), new DeskFold()];
  await follow(slow, slowFold);
  await follow(live, liveFold);
  slow.ws.pause();
  for (let n = 0; n < 300; n += 1) {
    here.desks.append(deskId, 'AlertRaised', largeAlert(n, 40_000));
    if (n % 10 === 0) await turn();
  }
  await live.until(() => liveFold.seq === here.desks.head(deskId));
  // The gateway looks at buffers ten times a second; the ticker goes on until it has looked.
  const quotes = 500;
  for (let price = 1; price <= quotes; price += 1) {
    here.market.quote(sampleQuote('BTCUSDT', price));
    await live.until(
      () => JSON.stringify(live.of(TICKER).at(-1)?.data)?.includes(`"last":"${price}"`) ?? false,
    );
    await new Promise<void>((resolve) => here.clock.after(1, resolve));
  }
  const seenByLive = live.of(TICKER).length;
  let seenBySlow = 0;
  slow.onPush = (push) => {
    slowFold.push(push);
    if (push.ch === TICKER) seenBySlow += 1;
  };
  slow.ws.resume();
  await slow.until(() => slowFold.seq === here.desks.head(deskId));
  await slow.until(
    () => JSON.stringify(slow.of(TICKER).at(-1)?.data)?.includes(`"last":"${quotes}"`) ?? false,
  );
  expect(seenBySlow).toBeLessThan(seenByLive);
  expect(slowFold.hash).toBe(liveFold.hash);
  here.market.quote(sampleQuote('BTCUSDT', quotes + 1));
  await slow.until(
    () => JSON.stringify(slow.of(TICKER).at(-1)?.data)?.includes(`"last":"${quotes + 1}"`) ?? false,
  );
});
