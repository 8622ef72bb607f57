import { setTimeout as delay } from 'node:timers/promises';
import { INTERVAL_MS, type Interval } from '../../../shared/domain/market.ts';
import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { OPCODE } from '../../testing/frameReader.ts';
import { LeanSocket } from './leanSocket.ts';

interface Reply {
  ok: boolean;
  result?: { marketTimes?: Record<string, number> };
  error?: { message: string; details: { retryAfterMs?: number } };
}

/** Somebody who looks at bars of long ago, each time at others. */
export class PastViewer {
  /** Served, and refused for now. */
  served = 0;
  refused = 0;
  isClosed = false;
  private readonly waiting = new Map<string, (reply: Reply) => void>();
  private socket: LeanSocket | undefined;
  private sent = 0;
  private now = 0;

  static async connect(port: number, token: string, localAddress: string): Promise<PastViewer> {
    const viewer = new PastViewer();
    viewer.socket = await LeanSocket.open({
      ...{ port, path: '/ws', localAddress },
      onFrame: (opcode, data, start, end) => {
        if (opcode === OPCODE.text) viewer.receive(data.toString('utf8', start, end));
      },
      onClose: () => viewer.end(),
    });
    await viewer.ask('session.authenticate', { token, viewVersion: VIEW_VERSION });
    const { result } = await viewer.ask('ping', {});
    viewer.now = result?.marketTimes?.sim ?? Number.NaN;
    return viewer;
  }

  /** Looks once; what is refused for now is asked for again, when the server said. Ms until it was there. */
  async look(interval: Interval, before: number, limit: number): Promise<number> {
    const start = performance.now();
    while (!this.isClosed) {
      const args = { venue: 'sim', symbol: 'BTCUSDT', interval, before, limit };
      const { ok, error } = await this.ask('market.candles', args);
      if (ok) {
        this.served += 1;
        break;
      }
      if (error !== undefined) this.refused += 1;
      await delay(error?.details.retryAfterMs ?? 0);
    }
    return performance.now() - start;
  }

  /** Open time of a bar so long before now, market ms. */
  ago(interval: Interval, bars: number): number {
    return Math.floor(this.now / INTERVAL_MS[interval] - bars) * INTERVAL_MS[interval];
  }

  close(): void {
    this.socket?.destroy();
    this.end();
  }

  private end(): void {
    this.isClosed = true;
    for (const answer of this.waiting.values()) answer({ ok: false });
    this.waiting.clear();
  }

  private ask(op: string, args: object): Promise<Reply> {
    this.sent += 1;
    const id = `past-${this.sent}`;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.socket?.sendText(JSON.stringify({ id, op, args }));
    });
  }

  private receive(text: string): void {
    const reply = JSON.parse(text) as Reply & { id?: string };
    if (reply.id === undefined) return;
    this.waiting.get(reply.id)?.(reply);
    this.waiting.delete(reply.id);
  }
}
