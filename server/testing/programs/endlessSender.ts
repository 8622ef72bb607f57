import { connect } from 'node:net';
import { ENDLESS_INPUTS, type EndlessKind } from '../endlessInput.ts';
import { pour } from '../pour.ts';

// endlessSender PORT KIND: sends without end over one connection; tells when much is on its way, and how that ended. Who
// lets it send for ever is given up after a while, so that a server that it has frozen can say so.
const [port, kind] = process.argv.slice(2) as [string, EndlessKind];
const MUCH_BYTES = 32 * 1_024 * 1_024;
const GIVE_UP_MS = 30_000;

const socket = connect({ host: '127.0.0.1', port: Number(port) });
let isMuch = false;
pour(socket, ENDLESS_INPUTS[kind], () => {
  if (!isMuch && socket.bytesWritten > MUCH_BYTES) {
    isMuch = true;
    process.send?.('much');
  }
  return true;
});
const givingUp = setTimeout(() => {
  process.send?.('gave up');
  socket.removeAllListeners('close').destroy();
}, GIVE_UP_MS);
// A close follows.
socket.on('error', () => {});
socket.on('close', () => {
  clearTimeout(givingUp);
  process.send?.('closed');
});
