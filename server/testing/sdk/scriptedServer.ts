import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { requestEnvelopeSchema } from '../../../shared/protocol/clientMessage.ts';
import type { WireError } from '../../../shared/protocol/errors.ts';
import type { DeskFrame } from '../../../shared/protocol/frames.ts';
import { isOpName, ops } from '../../../shared/protocol/ops.ts';
import type { DeskJoin, LogPosition } from '../../../shared/protocol/serverMessage.ts';
import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { hashView } from '../../../shared/view/hashView.ts';
import { reduceView } from '../../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../../shared/view/view.ts';
import { sampleError } from '../sampleError.ts';
import { type FrameBody, frame } from './frameSamples.ts';

export interface ScriptedRequest {
  id: string;
  op: string;
  args: Record<string, unknown>;
  commandId: string | undefined;
  validUntil: number | undefined;
  expectedVersion: number | undefined;
}

export type ScriptedReply =
  | { result: unknown }
  | { error: WireError }
  | { close: number; reason?: string }
  | 'silence';

export class ScriptedPeer {
  readonly requests: ScriptedRequest[] = [];
  readonly protocol: string;
  readonly path: string;
  onDesk = false;

  constructor(
    readonly socket: WebSocket,
    path: string,
  ) {
    this.protocol = socket.protocol;
    this.path = path;
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  sent(op: string): ScriptedRequest[] {
    return this.requests.filter((request) => request.op === op);
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  close(code: number, reason = ''): void {
    this.socket.close(code, reason);
  }

  /** Cuts the connection without a close frame. */
  cut(): void {
    this.socket.terminate();
  }
}

const HISTORY_FRAMES = 1_000;

/**
 * A server of one desk over a real socket, as the protocol describes it, that a test can make answer differently.
 * Time is the test's.
 */
export class ScriptedServer {
  readonly #sockets: WebSocketServer;
  readonly #now: () => number;
  readonly peers: ScriptedPeer[] = [];
  readonly frames: DeskFrame[] = [];
  readonly view: View = emptyView();
  epoch = 'epoch1';
  viewVersion = VIEW_VERSION;
  tokenLifetimeMs = 3_600_000;
  acceptsToken: (token: string) => boolean = () => true;
  /** Answers instead of the server when it returns something. */
  answer: (request: ScriptedRequest, peer: ScriptedPeer) => ScriptedReply | undefined = () => undefined;

  private constructor(sockets: WebSocketServer, now: () => number) {
    this.#sockets = sockets;
    this.#now = now;
  }

  static async start(now: () => number, port = 0): Promise<ScriptedServer> {
    const sockets = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false });
    await once(sockets, 'listening');
    const server = new ScriptedServer(sockets, now);
    sockets.on('connection', (socket, upgrade) =>
      server.#connected(new ScriptedPeer(socket, upgrade.url ?? '')),
    );
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#sockets.address() as AddressInfo).port}`;
  }

  get head(): LogPosition {
    return { epoch: this.epoch, seq: this.frames.length };
  }

  get hash(): string {
    return hashView(this.epoch, this.frames.length, this.view);
  }

  get openPeers(): ScriptedPeer[] {
    return this.peers.filter((peer) => peer.isOpen);
  }

  /** The newest connection; throws when there is none. */
  get peer(): ScriptedPeer {
    const peer = this.peers.at(-1);
    if (peer === undefined) throw new Error('nobody has connected');
    return peer;
  }

  /** Everything any connection ever asked with this op. */
  sent(op: string): ScriptedRequest[] {
    return this.peers.flatMap((peer) => peer.sent(op));
  }

  /** Commits a frame; joined connections get it unless `silently`. */
  commit(body: FrameBody, silently = false): DeskFrame {
    const committed = { ...frame(this.epoch, this.frames.length + 1, body), ts: this.#now() };
    this.frames.push(committed);
    reduceView(this.view, committed);
    if (!silently) for (const peer of this.openPeers) if (peer.onDesk) peer.send(committed);
    return committed;
  }

  push(message: unknown): void {
    for (const peer of this.openPeers) peer.send(message);
  }

  pushHead(): void {
    this.push({ ch: 'desk', kind: 'head', ...this.head });
  }

  /** Another log, as after a restored backup. */
  renewEpoch(epoch: string, keep: number): void {
    this.epoch = epoch;
    const kept = this.frames.splice(0).slice(0, keep);
    Object.assign(this.view, emptyView());
    for (const old of kept) {
      const again = { ...old, epoch };
      this.frames.push(again);
      reduceView(this.view, again);
    }
  }

  async stop(): Promise<void> {
    for (const peer of this.peers) peer.cut();
    const closed = once(this.#sockets, 'close');
    this.#sockets.close();
    await closed;
  }

  join(since: LogPosition | undefined): DeskJoin {
    const at = this.head;
    const missed = since === undefined ? Number.POSITIVE_INFINITY : at.seq - since.seq;
    if (since?.epoch === at.epoch && missed >= 0 && missed <= HISTORY_FRAMES) {
      return { at, recovered: true, frames: this.frames.slice(since.seq) };
    }
    return { at, recovered: false, snapshot: structuredClone(this.view), hash: this.hash };
  }

  #connected(peer: ScriptedPeer): void {
    this.peers.push(peer);
    peer.socket.on('error', () => {});
    peer.socket.on('message', (data) => this.#receive(peer, data.toString()));
  }

  #receive(peer: ScriptedPeer, text: string): void {
    // As strict as the real one: a frame it would refuse fails the test that sent it.
    const envelope = requestEnvelopeSchema.parse(JSON.parse(text));
    if (!isOpName(envelope.op)) throw new Error(`unknown op ${envelope.op}`);
    ops[envelope.op].args.parse(envelope.args);
    const { id, op, args, commandId, validUntil, expectedVersion } = envelope;
    const request: ScriptedRequest = { id, op, args, commandId, validUntil, expectedVersion };
    peer.requests.push(request);
    const reply = this.answer(request, peer) ?? this.#usual(request, peer);
    if (reply === 'silence') return;
    if ('close' in reply) peer.close(reply.close, reply.reason);
    else if ('error' in reply) peer.send({ id, ok: false, error: reply.error });
    else peer.send({ id, ok: true, result: reply.result });
  }

  #usual(request: ScriptedRequest, peer: ScriptedPeer): ScriptedReply {
    switch (request.op) {
      case 'session.authenticate':
        return this.acceptsToken(String(request.args.token)) ? { result: this.#session() } : { close: 4500 };
      case 'session.refresh':
        return this.acceptsToken(String(request.args.token))
          ? { result: { expiresAt: this.#now() + this.tokenLifetimeMs } }
          : { error: sampleError('unauthenticated', 'refused') };
      case 'subscribe': {
        const { channels, since } = request.args as { channels: string[]; since?: LogPosition };
        if (!channels.includes('desk')) return { result: { channels } };
        peer.onDesk = true;
        return { result: { channels, desk: this.join(since) } };
      }
      case 'ping':
        return { result: { serverTime: this.#now() } };
      case 'unsubscribe':
      case 'ack':
        return { result: {} };
      default:
        return { error: sampleError('internal', `the script has no answer to ${request.op}`) };
    }
  }

  #session(): unknown {
    return {
      userId: 'user1',
      sessionId: 'session1',
      deviceId: 'device1',
      role: 'user',
      scopes: [],
      expiresAt: this.#now() + this.tokenLifetimeMs,
      serverTime: this.#now(),
      viewVersion: this.viewVersion,
      epoch: this.epoch,
      limits: {},
    };
  }
}
