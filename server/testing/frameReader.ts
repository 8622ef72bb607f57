export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** `data` is only good during the call. */
export type OnFrame = (opcode: number, data: Buffer, start: number, end: number) => void;

/** Finds the frames in what a server sends: unmasked, unfragmented. Copies only what is cut off at the end. */
export class FrameReader {
  #rest: Buffer | undefined;
  readonly #onFrame: OnFrame;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** Reads the first `length` bytes of `chunk`, which may be reused afterwards. */
  push(chunk: Buffer, length: number): void {
    const received = chunk.subarray(0, length);
    const data = this.#rest === undefined ? received : Buffer.concat([this.#rest, received]);
    const end = data.length;
    let at = 0;
    while (at + 2 <= end) {
      const second = data[at + 1] ?? 0;
      let size = second & 0x7f;
      let start = at + 2;
      if (size === 126) {
        if (start + 2 > end) break;
        size = data.readUInt16BE(start);
        start += 2;
      } else if (size === 127) {
        if (start + 8 > end) break;
        size = Number(data.readBigUInt64BE(start));
        start += 8;
      }
      if (start + size > end) break;
      this.#onFrame((data[at] ?? 0) & 0x0f, data, start, start + size);
      at = start + size;
    }
    this.#rest = at < end ? Buffer.from(data.subarray(at, end)) : undefined;
  }
}

/** A client's frame. The mask is all zeros: it must be there, but need not cost anything. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const extra = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + extra + 4);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | (extra === 0 ? payload.length : extra === 2 ? 126 : 127);
  if (extra === 2) header.writeUInt16BE(payload.length, 2);
  if (extra === 8) header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}
