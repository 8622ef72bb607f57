import { setTimeout as delay } from 'node:timers/promises';
import { INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { OPCODE } from '../../testing/frameReader.ts';
import { LeanSocket } from './leanSocket.ts';
import { Replies, type Reply } from './replies.ts';

/** Somebody who looks at bars of long ago, each time at others. */
export class PastViewer {
  /** Served, and refused for now. */
  served = 0;
  refused = 0;
  isClosed = false;
  readonly #replies = new Replies();
  #socket: LeanSocket | undefined;
  #now = 0;

  static async connect(port: number, token: string, localAddress: string): Promise<PastViewer> {
    const viewer = new PastViewer();
    viewer.#socket = await LeanSocket.open({
      ...{ port, path: '/ws', localAddress },
      onFrame: (opcode, data, start, end) => {
        if (opcode === OPCODE.text) viewer.#replies.take(data.toString('utf8', start, end));
      },
      onClose: () => viewer.#end(),
    });
    await viewer.#ask('session.authenticate', { token, viewVersion: VIEW_VERSION });
    const { result } = await viewer.#ask('ping', {});
    const { marketTimes } = result as { marketTimes: Record<string, number> };
    viewer.#now = marketTimes.sim ?? Number.NaN;
    return viewer;
  }

  /** Looks once; what is refused for now is asked for again, when the server said. Ms until it was there. */
  async look(interval: Interval, before: number, limit: number): Promise<number> {
    const start = performance.now();
    while (!this.isClosed) {
      const args = { venue: 'sim', symbol: 'BTCUSDT', interval, before, limit };
      const { ok, error } = await this.#ask('market.candles', args);
      if (ok) {
        this.served += 1;
        break;
      }
      if (error !== undefined) this.refused += 1;
      await delay(error?.details?.retryAfterMs ?? 0);
    }
    return performance.now() - start;
  }

  /** Open time of a bar so long before now, market ms. */
  ago(interval: Interval, bars: number): number {
    return Math.floor(this.#now / INTERVAL_MS[interval] - bars) * INTERVAL_MS[interval];
  }

  close(): void {
    this.#socket?.destroy();
    this.#end();
  }

  #end(): void {
    this.isClosed = true;
    this.#replies.end();
  }

  #ask(op: string, args: object): Promise<Reply> {
    return this.#replies.ask(this.#socket, op, args);
  }
}
