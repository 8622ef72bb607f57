const GONE = Buffer.alloc(0);

/** The last frames of a desk, serialised, without gaps; bounded by count and by bytes. */
export class FrameRing {
  #buffers: Buffer[] = [];
  /** Index in `buffers` of the oldest kept one; what is before it is dropped in batches. */
  #start = 0;
  #bytes = 0;
  #lastSeq: number;
  readonly #maxFrames: number;
  readonly #maxBytes: number;

  constructor(after: number, maxFrames: number, maxBytes: number) {
    this.#lastSeq = after;
    this.#maxFrames = maxFrames;
    this.#maxBytes = maxBytes;
  }

  /** Appends the frame that follows the last one. */
  push(frame: Buffer): void {
    this.#buffers.push(frame);
    this.#lastSeq += 1;
    this.#bytes += frame.byteLength;
    while (this.#size > this.#maxFrames || (this.#bytes > this.#maxBytes && this.#size > 0)) {
      this.#bytes -= this.#buffers[this.#start]?.byteLength ?? 0;
      this.#buffers[this.#start] = GONE;
      this.#start += 1;
    }
    if (this.#start > this.#maxFrames) {
      this.#buffers = this.#buffers.slice(this.#start);
      this.#start = 0;
    }
  }

  /** The frames with seq > `after`; undefined where some of them are no longer kept. */
  after(after: number): Buffer[] | undefined {
    const count = this.#lastSeq - after;
    if (count < 0 || count > this.#size) return undefined;
    return count === 0 ? [] : this.#buffers.slice(-count);
  }

  get #size(): number {
    return this.#buffers.length - this.#start;
  }
}
