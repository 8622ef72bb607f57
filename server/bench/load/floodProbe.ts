import { setTimeout as delay } from 'node:timers/promises';
import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { OPCODE } from '../../testing/frameReader.ts';
import { LeanSocket } from './leanSocket.ts';
import { Replies, type Reply } from './replies.ts';

/** Below the rate a connection may ask with. */
const PING_EVERY_MS = 30;
const FILL_FRAME = '"kind":"FillRecorded"';
const INGESTED_AT = /"ingestedAt":(\d+)/;

const wallMs = (): number => performance.timeOrigin + performance.now();

/** A device that does what devices do, while others flood: it pings, and receives the fills of its desk. */
export class FloodProbe {
  /** Round trips, ms. */
  pings: number[] = [];
  /** From the venue's push to this device, ms; the last one is the silence at the end, in which a fill may be stuck. */
  fills: number[] = [];
  isClosed = false;
  readonly #replies = new Replies();
  #socket: LeanSocket | undefined;
  #lastFillAt = 0;

  static async connect(port: number, token: string): Promise<FloodProbe> {
    const probe = new FloodProbe();
    probe.#socket = await LeanSocket.open({
      port,
      path: '/ws',
      localAddress: '127.5.0.1',
      onFrame: (opcode, data, start, end) => {
        if (opcode === OPCODE.text) probe.#receive(data.toString('utf8', start, end));
      },
      onClose: () => {
        probe.isClosed = true;
      },
    });
    await probe.#ask('session.authenticate', { token, viewVersion: VIEW_VERSION });
    await probe.#ask('subscribe', { channels: ['desk'] });
    return probe;
  }

  /** Pings for a while; those that are never answered count with the whole time. */
  async watch(durationMs: number): Promise<void> {
    this.pings = [];
    this.fills = [];
    const start = performance.now();
    this.#lastFillAt = start;
    while (performance.now() - start < durationMs) {
      const sentAt = performance.now();
      const answered = this.#ask('ping', {}).then(() => true);
      const isAnswered = await Promise.race([answered, delay(durationMs, false, { ref: false })]);
      this.pings.push(isAnswered ? performance.now() - sentAt : durationMs);
      await delay(PING_EVERY_MS);
    }
    this.fills.push(performance.now() - this.#lastFillAt);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #ask(op: string, args: object): Promise<Reply> {
    return this.#replies.ask(this.#socket, op, args);
  }

  #receive(text: string): void {
    if (text.includes(FILL_FRAME)) {
      const ingestedAt = INGESTED_AT.exec(text)?.[1];
      if (ingestedAt !== undefined) this.fills.push(wallMs() - Number(ingestedAt));
      this.#lastFillAt = performance.now();
      return;
    }
    this.#replies.take(text);
  }
}
