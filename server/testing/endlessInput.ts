import { encodeFrame, OPCODE } from './frameReader.ts';
import { upgradeRequest } from './rawSocket.ts';

export interface EndlessInput {
  opening: string;
  /** Sent once, after the first answer; null: nothing is waited for. */
  afterAnswer: Buffer | null;
  /** Sent for ever. */
  piece: Buffer;
}

/** As much as uWebSockets.js reads at once. */
const PIECE_BYTES = 512 * 1_024;
const POST = [
  'POST /auth/login HTTP/1.1',
  'Host: 127.0.0.1',
  'Content-Type: application/json',
  'Transfer-Encoding: chunked',
  '\r\n',
].join('\r\n');
const LARGE = JSON.stringify({
  id: 'x',
  op: 'ping',
  ...Object.fromEntries(Array.from({ length: 4_000 }, (_, n) => [`key${n}`, n])),
});

const filled = (unit: Buffer): Buffer =>
  Buffer.concat(Array<Buffer>(Math.ceil(PIECE_BYTES / unit.length)).fill(unit));
const frames = (opcode: number, payload: string): EndlessInput => ({
  opening: upgradeRequest(),
  afterAnswer: null,
  piece: filled(encodeFrame(opcode, Buffer.from(payload))),
});

/** Everything a connection can send without end. */
export const ENDLESS_INPUTS = {
  frames: frames(OPCODE.text, '{"id":"x","op":"nope"}'),
  pings: frames(OPCODE.ping, ''),
  pongs: frames(OPCODE.pong, ''),
  'large frames': frames(OPCODE.text, LARGE),
  // One message that never ends, in empty pieces: no limit of its length is ever reached. What comes together with the
  // request for an upgrade is lost, and a piece without a beginning would be an error.
  fragments: {
    opening: upgradeRequest(),
    afterAnswer: Buffer.from([OPCODE.text, 0x80, 0, 0, 0, 0]),
    piece: filled(Buffer.from([0, 0x80, 0, 0, 0, 0])),
  },
  'HTTP requests': {
    opening: '',
    afterAnswer: null,
    piece: filled(Buffer.from('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')),
  },
  'HTTP bodies': {
    opening: POST,
    afterAnswer: null,
    piece: filled(Buffer.from(`400\r\n${'x'.repeat(1_024)}\r\n`)),
  },
} satisfies Record<string, EndlessInput>;
export type EndlessKind = keyof typeof ENDLESS_INPUTS;
