import type { RawData, WebSocket } from 'ws';
import type { Exchange } from '../exchange/exchange.ts';
import type { AccountEvent } from '../exchange/records.ts';
import type { Environment, User } from '../exchange/user.ts';
import { signature, WINDOW_MS } from '../http/authenticate.ts';
import type { PushFaults } from './pushFaults.ts';
import type { Push, Speech, Topic } from './speech.ts';

/** Without a ping for so long the connection is dropped, ms. */
const QUIET_MS = 120_000;
const LIFETIME_MS = 24 * 3_600_000;
const MESSAGES_PER_SECOND = 10;
const SUBSCRIBES_PER_HOUR = 240;
const MOST_TOPICS = 1_000;
const HOUR_MS = 3_600_000;

export interface SessionOptions {
  socket: WebSocket;
  exchange: Exchange;
  speech: Speech;
  isPrivate: boolean;
  /** What the host's name says; undefined: nothing. */
  environment: Environment | undefined;
  faults: PushFaults;
  limited: boolean;
}

/** One connection: its login, its topics, and what it is told. */
export class Session {
  readonly #options: SessionOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #openedAt: number;
  readonly #messagesAt: number[] = [];
  readonly #subscribesAt: number[] = [];
  #heardAt: number;
  #user: User | undefined;
  #held: Push[] = [];
  #stopListening: () => void = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#openedAt = options.exchange.now();
    this.#heardAt = this.#openedAt;
    options.socket.on('message', (data) => this.#hear(textOf(data)));
    options.socket.on('close', () => this.#stopListening());
    options.socket.on('error', () => options.socket.terminate());
  }

  get user(): User | undefined {
    return this.#user;
  }

  /** The market was looked at. */
  tick(): void {
    const { exchange, speech, socket } = this.#options;
    const now = exchange.now();
    if (now - this.#openedAt >= LIFETIME_MS || now - this.#heardAt > QUIET_MS) {
      socket.terminate();
      return;
    }
    for (const topic of this.#topics.values()) {
      const push = topic.isPrivate ? undefined : speech.market(topic, exchange);
      if (push !== undefined) this.#push(push);
    }
  }

  /** The exchange goes away soon. */
  announceUpgrade(): void {
    this.#say({ event: 'error', code: 30033, msg: 'Service upgrade, please reconnect' });
  }

  drop(): void {
    this.#options.socket.terminate();
  }

  #hear(text: string): void {
    if (this.#isDead()) return;
    this.#heardAt = this.#options.exchange.now();
    if (text === 'ping') {
      this.#options.socket.send('pong');
      return;
    }
    if (!this.#takes(this.#messagesAt, MESSAGES_PER_SECOND, 1_000)) {
      this.#refuse(30007, 'Request over limit, connection close');
      this.#options.socket.close();
      return;
    }
    const message = parse(text);
    if (message === undefined) {
      this.#refuse(30002, 'Illegal request');
      return;
    }
    const args = Array.isArray(message.args) ? (message.args as Record<string, unknown>[]) : [];
    if (message.op === 'login') this.#login(args[0] ?? {});
    else if (message.op === 'subscribe') for (const arg of args) this.#subscribe(arg);
    else if (message.op === 'unsubscribe') for (const arg of args) this.#unsubscribe(arg);
    else this.#refuse(30003, 'Invalid op');
  }

  #login(arg: Record<string, unknown>): void {
    const { exchange, faults, socket, speech, environment } = this.#options;
    if (faults.dropAtLogin > 0) {
      faults.dropAtLogin -= 1;
      socket.terminate();
      return;
    }
    const user = exchange.user(String(arg.apiKey));
    const timestamp = String(arg.timestamp);
    const sentAt = timestamp.length > 10 ? Number(timestamp) : Number(timestamp) * 1_000;
    if (faults.refuseLogin > 0) {
      faults.refuseLogin -= 1;
      this.#refuse(30005, 'Login failed');
      return;
    }
    if (user === undefined) {
      this.#refuse(30011, 'Invalid ACCESS_KEY');
      return;
    }
    if (arg.passphrase !== user.passphrase) {
      this.#refuse(30012, 'Invalid ACCESS_PASSPHRASE');
      return;
    }
    if (!Number.isFinite(sentAt)) {
      this.#refuse(30013, 'Invalid ACCESS_TIMESTAMP');
      return;
    }
    // A second more for what seconds leave out.
    if (Math.abs(sentAt - exchange.now()) > WINDOW_MS + 1_000) {
      this.#refuse(30014, 'Request timestamp expired');
      return;
    }
    if (arg.sign !== signature(user.secret, `${timestamp}GET/user/verify`)) {
      this.#refuse(30015, 'Invalid sign');
      return;
    }
    if (user.family !== speech.family) {
      this.#refuse(30005, 'the account is of the other family');
      return;
    }
    if (environment !== undefined && environment !== user.environment) {
      this.#refuse(30005, 'exchange environment is incorrect');
      return;
    }
    this.#user = user;
    this.#stopListening();
    this.#stopListening = user.trader.listen((events) => this.#tell(events));
    this.#say({ event: 'login', code: exchange.switches.loginCode === 'number' ? 0 : '0', msg: '' });
  }

  #subscribe(arg: Record<string, unknown>): void {
    const { exchange, speech, isPrivate } = this.#options;
    if (!this.#takes(this.#subscribesAt, SUBSCRIBES_PER_HOUR, HOUR_MS)) {
      this.#refuse(30006, 'Request too many', arg);
      return;
    }
    if (this.#topics.size >= MOST_TOPICS) {
      this.#refuse(30006, 'too many channels', arg);
      return;
    }
    const topic = speech.topicOf(arg, exchange);
    if (topic === undefined || topic.isPrivate !== isPrivate) {
      this.#refuse(30001, 'topic does not exist', arg);
      return;
    }
    if (topic.isPrivate && this.#user === undefined) {
      this.#refuse(30004, 'User needs to log in', arg);
      return;
    }
    this.#topics.set(JSON.stringify(topic.arg), topic);
    this.#say({ event: 'subscribe', arg: topic.arg });
    const push = speech.first(topic, exchange, this.#user);
    if (push !== undefined) this.#push(push);
  }

  #unsubscribe(arg: Record<string, unknown>): void {
    const topic = this.#options.speech.topicOf(arg, this.#options.exchange);
    if (topic === undefined) {
      this.#refuse(30001, 'topic does not exist', arg);
      return;
    }
    this.#topics.delete(JSON.stringify(topic.arg));
    this.#say({ event: 'unsubscribe', arg: topic.arg });
  }

  #tell(events: readonly AccountEvent[]): void {
    const { speech, faults } = this.#options;
    const user = this.#user;
    if (user === undefined || this.#isDead()) return;
    // In the order in which it happened, whatever the topics are.
    for (const event of events)
      for (const topic of this.#topics.values()) {
        if (!topic.isPrivate) continue;
        for (const push of speech.told(topic, [event], user))
          if (!faults.takes(user.apiKey, topic.name)) this.#pushPrivately(push, user);
      }
  }

  /** Pushes that waited go out, in their order. */
  release(): void {
    for (const push of this.#held.splice(0)) this.#push(push);
  }

  #pushPrivately(push: Push, { apiKey }: User): void {
    if (this.#options.faults.held.has(apiKey)) this.#held.push(push);
    else this.#push(push);
  }

  #push(push: Push): void {
    this.#say({ ...push, ts: this.#options.exchange.now() });
  }

  #refuse(code: number, msg: string, arg?: Record<string, unknown>): void {
    this.#say({ event: 'error', ...(arg === undefined ? {} : { arg }), code, msg });
  }

  #say(message: object): void {
    const { socket } = this.#options;
    if (!this.#isDead() && socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  }

  #isDead(): boolean {
    return this.#user !== undefined && this.#options.faults.dead.has(this.#user.apiKey);
  }

  #takes(seen: number[], most: number, withinMs: number): boolean {
    if (!this.#options.limited) return true;
    const now = this.#options.exchange.now();
    while (seen.length > 0 && (seen[0] ?? now) <= now - withinMs) seen.shift();
    seen.push(now);
    return seen.length <= most;
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8');
}

function parse(text: string): { op?: unknown; args?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
