import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';
import type { CallName, ClientMessage, ServerMessage } from '../../adapters/simulated/remote/wire.ts';
import type { PlaceOrder, VenueAnswer } from '../../ports/venue.ts';
import { portOf, tieSockets } from '../sockets.ts';

/** What a write is for: what its loss would harm. */
export type WriteKind = 'entry' | 'close' | 'stop' | 'amend' | 'cancel' | 'setting';

/** A call as it came by on its way to the venue. */
export interface LineCall {
  /** Its place among all calls of all connections. */
  place: number;
  /** Which connection it came over: 1, 2, … in the order they were made. */
  connection: number;
  name: CallName;
  /** Null: a read. */
  kind: WriteKind | null;
  /** Of the account it concerns, if any. */
  accountId: string | null;
  /** Of a placed order. */
  order: PlaceOrder | null;
}

/**
 * What becomes of the venue's answer:
 * - `silence`: it never arrives, all else does
 * - `deaf`: nor do the next pushes of that account
 * - `cut`: the connection breaks in its stead
 */
export type AnswerFate = 'arrives' | 'silence' | 'deaf' | 'cut';

/** Pushes of an account lost with a `deaf` answer. */
const DEAF_PUSHES = 12;

/** The line between servers and a venue process: shows every call in the order of arrival and loses what a test wants lost. */
export class VenueLine {
  readonly #server: WebSocketServer;
  readonly #target: string;
  readonly calls: LineCall[] = [];
  /** Asked when the venue has answered a write. */
  fateOf: (call: LineCall, answer: VenueAnswer) => AnswerFate = () => 'arrives';
  /** Told of every call before it is passed on. An answer is given in the venue's stead, which then sees nothing of it. */
  onCall: (call: LineCall) => VenueAnswer | undefined = () => undefined;
  #connections = 0;
  readonly #sockets = new Set<WebSocket>();

  private constructor(server: WebSocketServer, target: string) {
    this.#server = server;
    this.#target = target;
  }

  static async start(target: string): Promise<VenueLine> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    const line = new VenueLine(server, target);
    server.on('connection', (near) => line.#carry(near));
    await once(server, 'listening');
    return line;
  }

  get url(): string {
    return `ws://127.0.0.1:${portOf(this.#server)}`;
  }

  /** Every connection breaks. */
  cut(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(near: WebSocket): void {
    const connection = ++this.#connections;
    const far = new WebSocket(this.#target, { perMessageDeflate: false });
    const waiting = new Map<number, LineCall>();
    const deaf = new Map<string, number>();
    const early: string[] = [];
    tieSockets(this.#sockets, near, far, (socket) => socket.terminate());
    far.on('open', () => {
      for (const text of early.splice(0)) far.send(text);
    });
    near.on('message', (data) => {
      const text = String(data);
      const message = JSON.parse(text) as ClientMessage;
      if (message.type === 'call') {
        const call = this.#take(connection, message);
        const answer = this.onCall(call);
        if (answer !== undefined) {
          near.send(JSON.stringify({ type: 'reply', id: message.id, ok: true, result: answer }));
          return;
        }
        if (call.kind !== null) waiting.set(message.id, call);
      }
      if (far.readyState === WebSocket.OPEN) far.send(text);
      else early.push(text);
    });
    far.on('message', (data) => {
      const text = String(data);
      const message = JSON.parse(text) as ServerMessage;
      if (message.type === 'push' && 'accountId' in message.push) {
        const left = deaf.get(message.push.accountId) ?? 0;
        if (left > 0) {
          deaf.set(message.push.accountId, left - 1);
          return;
        }
      }
      const call = message.type === 'reply' ? waiting.get(message.id) : undefined;
      if (message.type === 'reply' && call !== undefined) {
        waiting.delete(message.id);
        const fate = message.ok ? this.fateOf(call, message.result as VenueAnswer) : 'arrives';
        if (fate === 'deaf' && call.accountId !== null) deaf.set(call.accountId, DEAF_PUSHES);
        if (fate === 'cut') near.terminate();
        if (fate !== 'arrives') return;
      }
      if (near.readyState === WebSocket.OPEN) near.send(text);
    });
  }

  #take(connection: number, message: Extract<ClientMessage, { type: 'call' }>): LineCall {
    const { name, args } = message;
    const order = name === 'placeOrder' ? (args[0] as PlaceOrder) : null;
    const account = order?.account ?? (args[0] as { accountId?: string } | undefined);
    const call: LineCall = {
      place: this.calls.length,
      connection,
      name,
      kind: kindOf(name, order),
      accountId: account?.accountId ?? null,
      order,
    };
    this.calls.push(call);
    return call;
  }
}

function kindOf(name: CallName, order: PlaceOrder | null): WriteKind | null {
  if (order !== null) {
    if (!order.reduceOnly) return 'entry';
    return order.type === 'stop_market' ? 'stop' : 'close';
  }
  if (name === 'amendOrder') return 'amend';
  if (name === 'cancelOrder') return 'cancel';
  return name === 'configureSymbol' || name === 'resetAccount' ? 'setting' : null;
}
