import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';

interface SocketOptions {
  socketLevel: number;
  receiveBuffer: number;
  isListening: number;
}

/** SOL_SOCKET, SO_RCVBUF and SO_ACCEPTCONN, which differ by system. */
const OPTIONS: Partial<Record<NodeJS.Platform, SocketOptions>> = {
  linux: { socketLevel: 1, receiveBuffer: 8, isListening: 30 },
  darwin: { socketLevel: 0xffff, receiveBuffer: 0x1002, isListening: 2 },
};
/** Room for the largest socket address; family and port stand first in those of IP. */
const ADDRESS_BYTES = 128;
const PORT_AT = 2;
const DESCRIPTORS = '/dev/fd';

/**
 * Bounds what the kernel keeps unread of every connection that will be accepted on `port`, which this process listens
 * on. uWebSockets.js reads 512 KB at once, and goes on reading the same connection as long as each read is full: with
 * less than that in the kernel, every connection is left after one read. Throws where that is impossible.
 */
export function boundReceiveBuffers(port: number, bytes: number): void {
  const options = OPTIONS[process.platform];
  if (options === undefined) throw new Error(`not known how on ${process.platform}`);
  const { socketLevel, receiveBuffer, isListening } = options;
  const libc = systemCalls();
  const value = Buffer.alloc(4);
  const length = Buffer.alloc(4);
  const isListeningOn = (descriptor: number): boolean => {
    const address = Buffer.alloc(ADDRESS_BYTES);
    length.writeInt32LE(value.length);
    if (libc.getsockopt(descriptor, socketLevel, isListening, value, length) !== 0) return false;
    if (value.readInt32LE() === 0) return false;
    length.writeInt32LE(address.length);
    return libc.getsockname(descriptor, address, length) === 0 && address.readUInt16BE(PORT_AT) === port;
  };
  const found = readdirSync(DESCRIPTORS).map(Number).filter(isListeningOn);
  if (found.length === 0) throw new Error(`no socket of this process listens on ${port}`);
  for (const descriptor of found) {
    value.writeInt32LE(bytes);
    if (libc.setsockopt(descriptor, socketLevel, receiveBuffer, value, value.length) !== 0)
      throw new Error(`the system refuses ${bytes} bytes`);
  }
}

interface SystemCalls {
  getsockopt(descriptor: number, level: number, name: number, value: Buffer, length: Buffer): number;
  setsockopt(descriptor: number, level: number, name: number, value: Buffer, length: number): number;
  getsockname(descriptor: number, address: Buffer, length: Buffer): number;
}

/** Of the C library this process has loaded anyway. Neither Node nor uWebSockets.js offers them. */
function systemCalls(): SystemCalls {
  // Loaded only now, so that a machine without its binary can say so and serve all the same.
  const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
  const libc = koffi.load(null);
  return {
    getsockopt: libc.func('int getsockopt(int, int, int, void *, void *)'),
    setsockopt: libc.func('int setsockopt(int, int, int, void *, uint32_t)'),
    getsockname: libc.func('int getsockname(int, void *, void *)'),
  };
}
