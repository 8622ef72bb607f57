import { afterEach, describe, expect, it } from 'vitest';
import { ChildProgram } from '../testing/childProgram.ts';
import { OPCODE } from '../testing/frameReader.ts';
import { mostUnread } from '../testing/mostUnread.ts';
import { clientFrame, RawSocket } from '../testing/rawSocket.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { worldStarter } from '../testing/worldStarter.ts';
import { GATEWAY_LIMITS } from './limits.ts';

const start = worldStarter();
const raws: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of raws.splice(0)) socket.destroy();
});
const keep = (raw: RawSocket): RawSocket => {
  raws.push(raw);
  return raw;
};

/** Far more than any budget, in one write. */
const FLOOD = 20_000;
const flood = (frame: Buffer): Buffer => Buffer.concat(Array<Buffer>(FLOOD).fill(frame));
/** uWebSockets.js goes on reading a connection as long as each read is full. */
const LIBRARY_READ_BYTES = 512 * 1_024;
/** Far longer than a sender takes to fill what the kernel keeps. */
const LOOKS = 100;
const LOOK_EVERY_MS = 5;

/** The server is of this process: while this looks, it reads nothing. */
function mostUnreadWhileNobodyReads(port: number): number {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let most = 0;
  for (let n = 0; n < LOOKS; n += 1) {
    most = Math.max(most, mostUnread(port));
    Atomics.wait(pause, 0, 0, LOOK_EVERY_MS);
  }
  return most;
}
const repliesIn = (text: string): number => text.split('"ok":').length - 1;

const KINDS = {
  'refused requests': clientFrame(OPCODE.text, '{"id":"x","op":"nope"}'),
  'requests before authenticating': clientFrame(OPCODE.text, '{"id":"x","op":"ping"}'),
  pings: clientFrame(OPCODE.ping, ''),
  pongs: clientFrame(OPCODE.pong, ''),
};

describe('what a connection may send', () => {
  it.each(Object.entries(KINDS))(
    '[MET-1] %s without end: closed with 4004 as soon as the budget is spent, unread, and told so before',
    async (_kind, frame) => {
      const world = await start({ clock: new ManualClock() });
      const tokens = await world.user();
      const trader = await world.session(tokens);
      const raw = keep(await RawSocket.upgraded(world.port));
      raw.socket.write(flood(frame));
      await raw.closed();
      expect(raw.closeCode).toBe(4004);
      expect(raw.text).toContain(
        '"limit":"frames per connection","actual":null,"allowed":"200/s, 600 at once","retryAfterMs":',
      );
      expect(repliesIn(raw.text)).toBeLessThanOrEqual(GATEWAY_LIMITS.inputRate.burst + 1);
      expect((await trader.request('ping', {})).ok).toBe(true);
    },
  );

  it('[MET-1] large frames cost by their size', async () => {
    const world = await start({ clock: new ManualClock() });
    const raw = keep(await RawSocket.upgraded(world.port));
    const text = JSON.stringify({ id: 'x', op: 'ping', args: { text: 'x'.repeat(60_000) } });
    for (let n = 0; n < 100; n += 1) raw.socket.write(clientFrame(OPCODE.text, text));
    await raw.closed();
    expect(raw.closeCode).toBe(4004);
    expect(repliesIn(raw.text)).toBeLessThan(25);
  });

  it('[MET-1] 500 requests at once, as after joining, are all answered: beyond the rate with the time to wait', async () => {
    const world = await start({ clock: new ManualClock() });
    const client = await world.session(await world.user());
    const replies = await Promise.all(Array.from({ length: 500 }, () => client.request('ping', {})));
    const refused = replies.filter((reply) => !reply.ok);
    expect(replies.length - refused.length).toBe(GATEWAY_LIMITS.connectionRate.burst - 1);
    for (const reply of refused)
      expect(reply).toMatchObject({ error: { code: 'rate_limited', retryable: true } });
    expect(client.closeCode).toBeNull();
  });

  it('[MET-1] an address without budget loses its strangers, never who has authenticated', async () => {
    const world = await start({
      clock: new ManualClock(),
      limits: { addressInputRate: { perSecond: 1, burst: 500 } },
    });
    const trader = await world.session(await world.user());
    const raw = keep(await RawSocket.upgraded(world.port));
    raw.socket.write(flood(KINDS.pings));
    await raw.closed();
    expect(raw.closeCode).toBe(4004);
    expect(raw.text).toContain('"limit":"frames per address"');
    expect((await trader.request('ping', {})).ok).toBe(true);
  });

  it('[MET-1] fragments without end, which the library shows nobody, hold up nobody until their time is over', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const trader = await world.session(await world.user());
    const sender = await ChildProgram.start('endlessSender', String(world.port), 'fragments');
    try {
      expect(await sender.receive()).toBe('much');
      for (let n = 0; n < 50; n += 1) expect((await trader.request('ping', {})).ok).toBe(true);
      const most = mostUnreadWhileNobodyReads(world.port);
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThanOrEqual(LIBRARY_READ_BYTES / 2);
      clock.advance(GATEWAY_LIMITS.authTimeoutMs + 1_000);
      expect(await sender.receive()).toBe('closed');
    } finally {
      await sender.kill();
    }
  });

  it('[MET-1] sending does not put off the deadline for authenticating', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const client = await world.connect();
    for (let second = 0; second < 5; second += 1) {
      await client.request('ping', {});
      client.ws.ping();
      clock.advance(1_100);
    }
    await client.closed();
    expect(client.closeCode).toBe(4500);
  });
});

describe('what an address may ask by HTTP', () => {
  const request = 'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

  it('[MET-1] pipelined requests without end: 429 with the time to wait, and the connection is closed', async () => {
    const world = await start({ clock: new ManualClock() });
    const raw = keep(await RawSocket.connect(world.port));
    raw.socket.write(request.repeat(FLOOD));
    await raw.closed();
    expect(raw.text.split('HTTP/1.1').length - 1).toBeLessThanOrEqual(GATEWAY_LIMITS.httpRate.burst + 1);
    // What is left of the budget goes the same way.
    let again = raw;
    for (let n = 0; n < 20; n += 1) {
      again = keep(await RawSocket.connect(world.port));
      again.socket.write(request.repeat(40));
      await again.closed();
    }
    again = keep(await RawSocket.connect(world.port));
    again.socket.write(request);
    await again.closed();
    expect(again.text).toContain('HTTP/1.1 429 Too Many Requests');
    expect(again.text).toContain('Retry-After: 1\r\n');
    const other = keep(await RawSocket.connect(world.port, '127.0.0.2'));
    other.socket.write(request);
    await expect.poll(() => other.text).toContain('HTTP/1.1 200');
  });

  it.each([
    ['announced', 'Content-Length: 1000000000\r\n\r\n', Buffer.alloc(65_536, 'x')],
    [
      'in chunks',
      'Transfer-Encoding: chunked\r\n\r\n',
      Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')]),
    ],
  ])('[MET-1] after a 413 nothing more of the body is read (%s)', async (_how, header, chunk) => {
    const world = await start();
    for (const line of ['POST /auth/login', 'GET /healthz', 'POST /nowhere']) {
      const raw = keep(await RawSocket.connect(world.port));
      raw.socket.write(`${line} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${header}`);
      raw.socket.write(chunk);
      await expect.poll(() => raw.text).toContain('HTTP/1.1 413 Content Too Large');
      const send = (): void => {
        if (!raw.isClosed) raw.socket.write(chunk, () => setImmediate(send));
      };
      send();
      await raw.closed();
    }
  });
});

describe('a body', () => {
  it('[MET-1] that does not come is waited for 10 s, then refused with 408', async () => {
    const clock = new ManualClock();
    const world = await start({ clock });
    const waiting = clock.pending;
    const raw = keep(await RawSocket.connect(world.port));
    raw.socket.write(
      'POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{',
    );
    await expect.poll(() => clock.pending).toBe(waiting + 1);
    clock.advance(GATEWAY_LIMITS.httpBodyMs - 1);
    raw.socket.write('"');
    await world.connect();
    expect(raw.text).toBe('');
    clock.advance(1);
    await raw.closed();
    expect(raw.text).toContain('HTTP/1.1 408 Request Timeout');
    expect(raw.text).toContain('a body must come within 10 s');
  });
});

describe('the pieces of a body', () => {
  const HEAD =
    'POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const inPieces = (text: string): string => [...text].map((piece) => `1\r\n${piece}\r\n`).join('');

  it('[MET-1] cost a call each: with too many the connection is closed, and what follows is not read', async () => {
    const world = await start();
    const raw = keep(await RawSocket.connect(world.port));
    raw.socket.write(`${HEAD}${inPieces('x'.repeat(GATEWAY_LIMITS.httpBodyPieces + 1))}0\r\n\r\n`);
    await raw.closed();
    expect(raw.text).toBe('');
  });

  it('[HTTP-2] may be small', async () => {
    const world = await start();
    await world.user();
    const raw = keep(await RawSocket.connect(world.port));
    const body = JSON.stringify({ email: 'nobody@example.com', password: 'x'.repeat(100) });
    raw.socket.write(`${HEAD}${inPieces(body)}0\r\n\r\n`);
    await expect.poll(() => raw.text).toContain('HTTP/1.1 401');
  });
});

describe('headers', () => {
  it.each([
    'fe80::1%a:b:c:d:e:f:g:h:i:j',
    'nonsense',
    '::::::::::',
    '1.2.3.4:99999',
    `${'9,'.repeat(1_000)}`,
    '0x7f.1',
    '',
  ])('[MET-2] an odd X-Forwarded-For counts as the peer and ends nobody: %s', async (forwarded) => {
    const world = await start({ config: { trustedProxyHops: 1 }, limits: { connectionsPerAddress: 1 } });
    const first = await world.connect({ headers: { 'x-forwarded-for': forwarded } });
    expect((await first.request('ping', {})).ok).toBe(false);
    const second = await world.connect();
    await second.closed();
    expect(second.closeCode).toBe(4503);
  });

  it('[MET-2] what fails while a connection is served ends that connection, and no other', async () => {
    let fails = false;
    const readiness = () => {
      if (fails) throw new TypeError('a fault of ours');
      return { ready: true, checks: {}, stuckDesks: 0, awakeDesks: 0 };
    };
    const clock = new ManualClock();
    const world = await start({ clock, readiness });
    const other = await world.session(await world.user());
    fails = true;
    const raw = keep(await RawSocket.connect(world.port));
    raw.socket.write('GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await raw.closed();
    expect(raw.text).toBe('');
    const elapsed = clock.elapsed.bind(clock);
    const faulty = await world.connect();
    clock.elapsed = () => {
      clock.elapsed = elapsed;
      throw new RangeError('a fault of ours');
    };
    faulty.ws.ping();
    await faulty.closed();
    expect(faulty.closeCode).toBe(4002);
    expect((await other.request('ping', {})).ok).toBe(true);
  });

  it('[MET-3] all X-Forwarded-For lines count as one list', async () => {
    const world = await start({ config: { trustedProxyHops: 1 }, limits: { connectionsPerAddress: 1 } });
    const lines = (...values: string[]) => values.map((value) => `X-Forwarded-For: ${value}`);
    keep(await RawSocket.upgraded(world.port, lines('6.6.6.6', '10.0.0.1')));
    const spoofed = keep(await RawSocket.upgraded(world.port, lines('7.7.7.7', '10.0.0.1')));
    await spoofed.closed();
    expect(spoofed.closeCode).toBe(4503);
    const other = keep(await RawSocket.upgraded(world.port, lines('7.7.7.7, 10.0.0.2')));
    other.socket.write(clientFrame(OPCODE.text, '{"id":"x","op":"ping"}'));
    await expect.poll(() => other.text).toContain('"unauthenticated"');
  });

  it('[MET-3] fewer entries than proxies: the peer, not the client’s own word', async () => {
    const world = await start({ config: { trustedProxyHops: 2 }, limits: { connectionsPerAddress: 1 } });
    keep(await RawSocket.upgraded(world.port, ['X-Forwarded-For: 6.6.6.6']));
    const second = keep(await RawSocket.upgraded(world.port, ['X-Forwarded-For: 7.7.7.7']));
    await second.closed();
    expect(second.closeCode).toBe(4503);
  });
});
