import type { Random } from '../../simulation/random.ts';
import { OPCODE } from '../frameReader.ts';
import { clientFrame } from '../rawSocket.ts';
import { oddValue, request } from './oddValues.ts';

/** Some bytes changed, cut off, doubled or put in. */
export function mangled(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  const at = random.below(changed.length + 1);
  const kind = random.below(4);
  if (kind === 0) return changed.subarray(0, at);
  if (kind === 1) return Buffer.concat([changed.subarray(0, at), noise(random, 8), changed.subarray(at)]);
  if (kind === 2) return Buffer.concat([changed, changed.subarray(at)]);
  for (let n = random.between(1, 4); n > 0 && changed.length > 0; n -= 1)
    changed[random.below(changed.length)] = random.below(256);
  return changed;
}

export function noise(random: Random, upTo: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(upTo + 1) }, () => random.below(256)));
}

/** A text frame: a request, one whose bytes were mangled, or other JSON. */
export function textFrame(random: Random, id: string, ids: readonly string[]): Buffer {
  const kind = random.below(10);
  if (kind === 0) return clientFrame(OPCODE.text, JSON.stringify(oddValue(random)) ?? 'undefined');
  const text = Buffer.from(JSON.stringify(request(random, id, ids)));
  // What is no UTF-8 ends a WebSocket: it has a place among the odd frames.
  return clientFrame(OPCODE.text, kind === 1 ? Buffer.from(mangled(text, random).toString()) : text);
}

/** What the protocol below ours allows, or not: most of these end the connection. */
export function oddFrame(random: Random): Buffer {
  const body = noise(random, 200);
  switch (random.below(8)) {
    case 0:
      return clientFrame(OPCODE.binary, body);
    case 1:
      return clientFrame(random.between(3, 15), body);
    case 2:
      // Not masked.
      return Buffer.concat([Buffer.from([0x81, Math.min(body.length, 125)]), body.subarray(0, 125)]);
    case 3:
      // A length of 2^63 and more.
      return Buffer.concat([Buffer.from([0x81, 0xff, 0xff]), noise(random, 12)]);
    case 4:
      // Pieces of a message that never ends.
      return Buffer.concat([
        Buffer.from([0x01, 0x80, 0, 0, 0, 0]),
        ...Array.from({ length: 50 }, () => Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x7b])),
      ]);
    case 5:
      return clientFrame(OPCODE.close, body.subarray(0, random.below(4)));
    case 6:
      // Reserved bits.
      return Buffer.concat([Buffer.from([0xf1, 0x80, 0, 0, 0, 0])]);
    default:
      return mangled(clientFrame(OPCODE.text, body), random);
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'OPTIONS', 'HEAD', 'DELETE', 'TRACE', 'get', '', 'X'.repeat(300)];
const PATHS = [
  '/',
  '/healthz',
  '/readyz',
  '/metrics',
  '/ws',
  '/auth/login',
  '/auth/register',
  '/auth/refresh',
  '/auth/logout',
  '/..%2f..%2fetc/passwd',
  '/%',
  '/%00',
  '//',
  `/${'a'.repeat(3_000)}`,
  '*',
  'http://other.example/',
];
const HEADERS = [
  'X-Forwarded-For: fe80::1%a:b:c:d:e:f:g:h:i:j',
  'X-Forwarded-For: ,,,,',
  `X-Forwarded-For: ${'9.9.9.9, '.repeat(200)}`,
  'X-Forwarded-For: 1.2.3.4:99999',
  'X-Forwarded-Proto: gopher',
  'Host: ',
  'Host: [::1',
  'Host: evil.example',
  'Origin: null',
  'Origin: http://127.0.0.1:1',
  'Cookie: =;;; fillwire_refresh=%%%; a',
  'Authorization: Bearer ..',
  'Content-Type: text/plain',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: x',
  'Sec-WebSocket-Version: 99',
  'Sec-WebSocket-Protocol: a,b,,c',
  'Range: bytes=9-1,-5',
  'If-None-Match: W/"',
  'Accept-Encoding: br;q=nan',
  `X-${'y'.repeat(2_000)}: z`,
  ': no name',
  'no colon',
];

/** An HTTP request, odd in some places. */
export function httpRequest(random: Random): Buffer {
  const lines = [
    `${random.pick(METHODS)} ${random.pick(PATHS)} HTTP/1.${random.pick(['1', '1', '1', '0', '9'])}`,
  ];
  if (random.chance(0.9)) lines.push('Host: 127.0.0.1');
  for (let n = random.below(6); n > 0; n -= 1) lines.push(random.pick(HEADERS));
  const body = random.chance(0.5) ? (JSON.stringify(oddValue(random)) ?? '') : '';
  if (body !== '' && random.chance(0.8)) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  const whole = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
  return random.chance(0.1) ? mangled(whole, random) : whole;
}
