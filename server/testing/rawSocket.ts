import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeFrame } from './frameReader.ts';

const UPGRADE = [
  'GET /ws HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];
/** A request to become a WebSocket. */
export const upgradeRequest = (headers: readonly string[] = []): string =>
  `${[...UPGRADE, ...headers].join('\r\n')}\r\n\r\n`;

/** One WebSocket frame from a client. */
export function clientFrame(opcode: number, payload: string | Buffer): Buffer {
  return encodeFrame(opcode, Buffer.from(payload));
}

/** A bare connection that says whatever a test wants to, at once, and keeps what comes back. */
export class RawSocket {
  received = Buffer.alloc(0);
  isClosed = false;
  readonly #closing: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
    });
    // A close follows.
    socket.on('error', () => {});
    this.#closing = new Promise((resolve) => {
      socket.on('close', () => {
        this.isClosed = true;
        resolve();
      });
    });
  }

  static async connect(port: number, localAddress = '127.0.0.1'): Promise<RawSocket> {
    const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  /** A WebSocket that has been accepted. */
  static async upgraded(
    port: number,
    headers: readonly string[] = [],
    localAddress?: string,
  ): Promise<RawSocket> {
    const raw = await RawSocket.connect(port, localAddress);
    raw.socket.write(upgradeRequest(headers));
    while (!raw.text.includes('\r\n\r\n')) await once(raw.socket, 'data');
    return raw;
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  /** The code of the close frame at the end of what came; null: none. */
  get closeCode(): number | null {
    for (let at = this.received.lastIndexOf(0x88); at >= 0; at = this.received.lastIndexOf(0x88, at - 1)) {
      const length = this.received[at + 1];
      if (length !== undefined && length >= 2 && at + 2 + length === this.received.length)
        return this.received.readUInt16BE(at + 2);
      if (at === 0) break;
    }
    return null;
  }

  closed(): Promise<void> {
    return this.#closing;
  }
}
