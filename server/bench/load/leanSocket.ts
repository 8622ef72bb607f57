import { connect, type Socket } from 'node:net';
import { encodeFrame, FrameReader, type OnFrame, OPCODE } from '../../testing/frameReader.ts';

export interface LeanSocketOptions {
  port: number;
  path: string;
  /** Loopback address to connect from, so that limits per address can be met or avoided. */
  localAddress: string;
  onFrame: OnFrame;
  onClose: () => void;
}

/** Largest answer to the upgrade request, bytes. */
const MAX_HANDSHAKE_BYTES = 8_192;
/** One buffer for all sockets: what is read is used up before the next read. */
const READ_BUFFER = Buffer.alloc(256 * 1_024);
const REQUEST_END = '\r\n\r\n';

/** A WebSocket client that costs so little that ten thousand of them do not slow what they measure. */
export class LeanSocket {
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  #handshake: Buffer | undefined = Buffer.alloc(0);
  #opened: (() => void) | undefined;
  #failed: ((error: Error) => void) | undefined;
  closed = false;

  private constructor(options: LeanSocketOptions) {
    this.#reader = new FrameReader((opcode, data, start, end) => {
      if (opcode === OPCODE.ping) this.#write(OPCODE.pong, Buffer.from(data.subarray(start, end)));
      else options.onFrame(opcode, data, start, end);
    });
    this.#socket = connect({
      host: '127.0.0.1',
      port: options.port,
      localAddress: options.localAddress,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (bytes) => {
          if (this.#handshake === undefined) this.#reader.push(READ_BUFFER, bytes);
          else this.#readHandshake(Buffer.concat([this.#handshake, READ_BUFFER.subarray(0, bytes)]));
          return true;
        },
      },
    });
    this.#socket.on('connect', () => this.#socket.write(upgradeRequest(options)));
    this.#socket.on('error', (error) => this.#failed?.(error));
    this.#socket.on('close', () => {
      this.closed = true;
      this.#failed?.(new Error('the connection was closed'));
      options.onClose();
    });
  }

  /** Resolves when the server has answered the upgrade; rejects when it refuses. */
  static open(options: LeanSocketOptions): Promise<LeanSocket> {
    return new Promise((resolve, reject) => {
      const socket = new LeanSocket(options);
      socket.#failed = reject;
      socket.#opened = () => {
        socket.#failed = undefined;
        resolve(socket);
      };
    });
  }

  sendText(text: string): void {
    this.#write(OPCODE.text, Buffer.from(text));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #write(opcode: number, payload: Buffer): void {
    this.#socket.write(encodeFrame(opcode, payload));
  }

  #readHandshake(received: Buffer): void {
    const end = received.indexOf(REQUEST_END);
    if (end < 0 && received.length <= MAX_HANDSHAKE_BYTES) {
      this.#handshake = Buffer.from(received);
      return;
    }
    this.#handshake = undefined;
    const status = received.subarray(0, 12).toString('latin1');
    if (end < 0 || status !== 'HTTP/1.1 101') {
      this.#failed?.(new Error(`the upgrade was answered with ${JSON.stringify(status)}`));
      this.#socket.destroy();
      return;
    }
    this.#opened?.();
    const first = received.subarray(end + REQUEST_END.length);
    if (first.length > 0) this.#reader.push(first, first.length);
  }
}

function upgradeRequest({ port, path }: LeanSocketOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n');
}
