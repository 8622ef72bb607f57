import { connect, type Socket } from 'node:net';
import { ENDLESS_INPUTS, type EndlessKind } from '../../testing/endlessInput.ts';
import { pour } from '../../testing/pour.ts';
import { answerRequests } from '../childProcess.ts';
import type { FloodExchanges } from '../load/floodExchanges.ts';

/** A connection that was refused is tried again after this, ms. */
const RETRY_MS = 5;

let stopped = true;
let closed = 0;
let bytes = 0;
const sockets = new Set<Socket>();

/** One connection that never ends by itself. Each index comes from an address of its own. */
function flood(port: number, kind: EndlessKind, index: number): void {
  if (stopped) return;
  const socket = connect({ host: '127.0.0.1', port, localAddress: `127.4.0.${index + 1}` });
  sockets.add(socket);
  pour(socket, ENDLESS_INPUTS[kind], () => !stopped);
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
