import { connect, type Socket } from 'node:net';
import { encodeFrame, OPCODE } from '../../testing/frameReader.ts';
import { answerRequests } from '../childProcess.ts';
import type { Flood, FloodExchanges } from '../load/floodExchanges.ts';

/** Written at a time: as much as the server reads at once. */
const PIECE_BYTES = 512 * 1_024;
/** A connection that was refused is tried again after this, ms. */
const RETRY_MS = 5;
const UPGRADE = [
  'GET /ws HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n');
const POST = [
  'POST /auth/login HTTP/1.1',
  'Host: 127.0.0.1',
  'Content-Type: application/json',
  'Transfer-Encoding: chunked',
  '\r\n',
].join('\r\n');

const filled = (unit: Buffer): Buffer =>
  Buffer.concat(Array<Buffer>(Math.ceil(PIECE_BYTES / unit.length)).fill(unit));
const LARGE = JSON.stringify({
  id: 'x',
  op: 'ping',
  ...Object.fromEntries(Array.from({ length: 4_000 }, (_, n) => [`key${n}`, n])),
});
/** What opens the connection, and what is then sent for ever. */
const KINDS: Record<Flood, { opening: string; piece: Buffer }> = {
  frames: {
    opening: UPGRADE,
    piece: filled(encodeFrame(OPCODE.text, Buffer.from('{"id":"x","op":"nope"}'))),
  },
  pings: { opening: UPGRADE, piece: filled(encodeFrame(OPCODE.ping, Buffer.alloc(0))) },
  pongs: { opening: UPGRADE, piece: filled(encodeFrame(OPCODE.pong, Buffer.alloc(0))) },
  'large frames': { opening: UPGRADE, piece: filled(encodeFrame(OPCODE.text, Buffer.from(LARGE))) },
  // One message that never ends, in empty pieces: no limit of its length is ever reached.
  fragments: { opening: `${UPGRADE}\x01\x80\0\0\0\0`, piece: filled(Buffer.from([0, 0x80, 0, 0, 0, 0])) },
  'HTTP requests': {
    opening: '',
    piece: filled(Buffer.from('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')),
  },
  'HTTP bodies': { opening: POST, piece: filled(Buffer.from(`400\r\n${'x'.repeat(1_024)}\r\n`)) },
};

let stopped = true;
let closed = 0;
let bytes = 0;
const sockets = new Set<Socket>();

/** One connection that never ends by itself. Each index comes from an address of its own. */
function flood(port: number, kind: Flood, index: number): void {
  if (stopped) return;
  const { opening, piece } = KINDS[kind];
  const socket = connect({ host: '127.0.0.1', port, localAddress: `127.4.0.${index + 1}` });
  sockets.add(socket);
  const pour = (): void => {
    while (!stopped && !socket.destroyed && socket.write(piece));
  };
  socket.on('connect', () => {
    if (opening !== '') socket.write(opening, 'latin1');
    pour();
  });
  socket.on('drain', pour);
  // Whatever it is told, it does not listen; it only must not be held back by what it has not read.
  socket.resume();
  // A close follows.
  socket.on('error', () => {});
  socket.on('close', () => {
    closed += 1;
    bytes += socket.bytesWritten;
    sockets.delete(socket);
    setTimeout(() => flood(port, kind, index), RETRY_MS);
  });
}

answerRequests<FloodExchanges>({
  flood: ({ port, kind, connections }) => {
    stopped = false;
    closed = 0;
    bytes = 0;
    for (let index = 0; index < connections; index += 1) flood(port, kind, index);
    return {};
  },
  stop: () => {
    stopped = true;
    for (const socket of sockets) {
      bytes += socket.bytesWritten;
      socket.destroy();
    }
    return { closed, megabytes: bytes / 1_048_576 };
  },
});
