import { afterEach, describe, expect, it } from 'vitest';
import { RawSocket } from '../testing/rawSocket.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const raws: RawSocket[] = [];
afterEach(() => {
  for (const { socket } of raws.splice(0)) socket.destroy();
});
const UPGRADE = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];
const LOGIN = '{"email":"ada@example.com","password":"correct horse battery"}';

/** What came back, once the server has ended the connection. */
async function answerTo(port: number, lines: readonly string[], body = ''): Promise<string> {
  const raw = await RawSocket.connect(port);
  raws.push(raw);
  raw.socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  await raw.closed();
  return raw.text;
}

describe('the head of a request', () => {
  it('[MET-3] two Origin headers, or an odd one, are refused, for sockets and over HTTP', async () => {
    const world = await start({ config: { allowedOrigins: ['https://trade.example.org'] } });
    const own = `http://127.0.0.1:${world.port}`;
    const heads: string[][] = [
      [`Origin: ${own}`, 'Origin: https://evil.example'],
      ['Origin: https://evil.example', `Origin: ${own}`],
      [`Origin: ${own}`, `Origin: ${own}`],
      ['Origin:'],
      [`Origin: ${own} https://evil.example`],
      [`Origin: ${own}, https://evil.example`],
      [`Origin: ${own}/path`],
      ['Origin: 127.0.0.1'],
    ];
    for (const head of heads) {
      const answers = await Promise.all([
        answerTo(world.port, ['GET /ws HTTP/1.1', 'Host: 127.0.0.1', ...UPGRADE, ...head]),
        answerTo(
          world.port,
          ['POST /auth/login HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json', ...head],
          '',
        ),
        answerTo(world.port, ['OPTIONS /auth/login HTTP/1.1', 'Host: 127.0.0.1', ...head]),
      ]);
      for (const answer of answers) {
        expect([head, answer]).toEqual([head, expect.stringContaining('HTTP/1.1 400 Bad Request')]);
        expect(answer).toContain('"path":"headers.origin"');
      }
    }
    // The list is the operator's; a page without an origin is in none.
    const foreign = await world.connect({ origin: 'null' });
    expect(foreign.refusedWith).toBe(403);
    expect((await world.connect({ origin: 'https://trade.example.org' })).refusedWith).toBeNull();
  });

  it.each([
    ['two lengths', ['Content-Length: 62', 'Content-Length: 0']],
    ['two lengths, alike', ['Content-Length: 62', 'Content-Length: 62']],
    ['a list of lengths', ['Content-Length: 62, 62']],
    ['a signed length', ['Content-Length: +62']],
    ['no number', ['Content-Length: 0x3e']],
    ['a length and chunks', ['Content-Length: 62', 'Transfer-Encoding: chunked']],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 62']],
    ['another coding', ['Transfer-Encoding: gzip, chunked']],
    ['a coding that only looks like chunks', ['Transfer-Encoding: xchunked']],
    ['two codings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity']],
    ['two hosts', ['Host: evil.example', 'Content-Length: 62']],
  ])(
    '[MET-3] a body that could be read in two ways is refused, and nothing behind it is answered: %s',
    async (_how, head) => {
      const world = await start();
      const request = [
        'POST /auth/login HTTP/1.1',
        'Host: 127.0.0.1',
        'Content-Type: application/json',
        ...head,
      ];
      const answer = await answerTo(world.port, request, LOGIN);
      expect(answer).toContain('HTTP/1.1 400 Bad Request');
      const behind = `${LOGIN}GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
      expect(await answerTo(world.port, request, behind)).not.toContain('HTTP/1.1 200');
    },
  );

  it('[MET-3] all X-Forwarded-Proto lines count as one list: the last is the proxy’s', async () => {
    const world = await start({ config: { trustedProxyHops: 1 } });
    const head = (...proto: string[]) => [
      'GET /ws HTTP/1.1',
      'Host: 127.0.0.1',
      ...UPGRADE,
      'Origin: https://127.0.0.1',
      ...proto.map((value) => `X-Forwarded-Proto: ${value}`),
    ];
    for (const [lines, status] of [
      [head('https', 'http'), '403 Forbidden'],
      [head('http', 'https'), '101 Switching Protocols'],
    ] as const) {
      const raw = await RawSocket.connect(world.port);
      raws.push(raw);
      raw.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      await expect.poll(() => raw.text).toContain(`HTTP/1.1 ${status}`);
    }
  });
});
