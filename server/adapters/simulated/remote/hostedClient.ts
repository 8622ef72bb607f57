import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../../../ports/clock.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { MarketFeed } from '../../../ports/marketFeed.ts';
import type { RateLimit, Venue, VenueAnswer } from '../../../ports/venue.ts';
import type { VenueControl } from '../venue/venueControl.ts';
import { CallRate } from './callRate.ts';
import {
  CALL_ARGUMENTS,
  type CallArguments,
  type CallName,
  CLOSE_FULL,
  CLOSE_PROTOCOL,
  CLOSE_TOO_SLOW,
  CLOSE_UNAUTHORISED,
  type ClientMessage,
  CONTROL_CALLS,
  clientMessageSchema,
  HELLO_TIMEOUT_MS,
  type ServerMessage,
  VENUE_PROTOCOL,
  type Welcome,
} from './wire.ts';

/** Unsent bytes beyond which quotes are left out: the next ones are newer anyway. */
const SKIP_QUOTES_ABOVE_BYTES = 256 * 1024;
/** Unsent bytes beyond which the client is cut off: it reads its account again when it is back. */
const CLOSE_ABOVE_BYTES = 32 * 1024 * 1024;
/** Calls of one client that may be under way. */
const MAX_CALLS = 10_000;
/** Calls that change something, and must not do so after their deadline. */
const WRITES: ReadonlySet<CallName> = new Set<CallName>([
  'resetAccount',
  'configureSymbol',
  'placeOrder',
  'amendOrder',
  'cancelOrder',
  'closePosition',
]);

export interface HostedClientOptions {
  venue: Venue;
  feed: MarketFeed;
  clock: Clock;
  logger: Logger;
  /** Of this client; null: none. */
  rateLimit: RateLimit | null;
  control: VenueControl;
  /** `controller`: may do what the exchange itself does. Undefined: nobody we serve. */
  roleOf(token: string): 'client' | 'controller' | undefined;
  /** It has shown its token. False: there are too many already. */
  admit(): boolean;
  welcome(): Promise<Welcome>;
  onClose(): void;
}

/** One connected process, on the venue's side. */
export class HostedClient {
  readonly #socket: WebSocket;
  readonly #options: HostedClientOptions;
  #welcomed = false;
  #isController = false;
  #calls = 0;
  readonly #watched = new Set<string>();
  readonly #cancelHelloTimer: () => void;
  readonly #rate: CallRate | undefined;

  constructor(socket: WebSocket, options: HostedClientOptions) {
    this.#socket = socket;
    this.#options = options;

    if (options.rateLimit !== null) this.#rate = new CallRate(options.rateLimit, options.clock);
    this.#cancelHelloTimer = options.clock.after(HELLO_TIMEOUT_MS, () =>
      socket.close(CLOSE_UNAUTHORISED, 'no hello'),
    );
    socket.on('message', (data) => {
      this.#receive(data).catch((error: unknown) => {
        options.logger.error({ err: error }, 'a venue client could not be answered');
        socket.terminate();
      });
    });
    socket.on('error', (error) => options.logger.warn({ err: error }, 'a venue client failed'));
    socket.on('close', () => {
      this.#cancelHelloTimer();
      options.onClose();
    });
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** A private push: only to who watches the account. */
  pushed(accountId: string | undefined, text: string): void {
    if (accountId === undefined || this.#watched.has(accountId)) this.send(text);
  }

  /** For what a newer message makes worthless. */
  latestOnly(text: string): void {
    if (this.#socket.bufferedAmount <= SKIP_QUOTES_ABOVE_BYTES) this.send(text);
  }

  send(text: string): void {
    if (!this.#welcomed) return;
    if (this.#socket.bufferedAmount > CLOSE_ABOVE_BYTES)
      this.#socket.close(CLOSE_TOO_SLOW, 'reads too slowly');
    else this.#socket.send(text);
  }

  async #receive(data: RawData): Promise<void> {
    const message = parseMessage(String(data));
    if (message === undefined) {
      this.#socket.close(CLOSE_PROTOCOL, 'not a message of this protocol');
    } else if (message.type === 'hello') {
      await this.#greet(message);
    } else if (!this.#welcomed) {
      this.#socket.close(CLOSE_UNAUTHORISED, 'hello first');
    } else {
      this.#reply(await this.#answer(message));
    }
  }

  async #greet(hello: Extract<ClientMessage, { type: 'hello' }>): Promise<void> {
    if (hello.protocol !== VENUE_PROTOCOL) {
      this.#socket.close(CLOSE_PROTOCOL, `this venue speaks protocol ${VENUE_PROTOCOL}`);
      return;
    }
    const role = this.#options.roleOf(hello.token);
    if (role === undefined) {
      this.#socket.close(CLOSE_UNAUTHORISED, 'wrong token');
      return;
    }
    if (!this.#options.admit()) {
      this.#socket.close(CLOSE_FULL, 'too many clients');
      return;
    }
    this.#cancelHelloTimer();
    this.#isController = role === 'controller';
    const welcome = await this.#options.welcome();
    this.#welcomed = true;
    this.#reply(welcome);
  }

  async #answer(call: Extract<ClientMessage, { type: 'call' }>): Promise<ServerMessage> {
    const { id, name } = call;
    if (this.#calls >= MAX_CALLS)
      return { type: 'reply', id, ok: false, message: 'too many calls under way' };
    if (CONTROL_CALLS.has(name) && !this.#isController)
      return { type: 'reply', id, ok: false, message: `${name} is for who runs the venue` };
    const args = CALL_ARGUMENTS[name].safeParse(call.args);
    if (!args.success) return { type: 'reply', id, ok: false, message: `malformed arguments of ${name}` };
    const retryAfterMs = this.#rate?.take() ?? 0;
    if (retryAfterMs > 0) return tooFast(id, WRITES.has(name), retryAfterMs);
    if (WRITES.has(name) && call.deadline !== null && this.#options.feed.marketTime() > call.deadline) {
      const late: VenueAnswer = {
        outcome: 'rejected',
        code: 'expired',
        message: 'arrived after its deadline',
      };
      return { type: 'reply', id, ok: true, result: late };
    }
    this.#calls++;
    try {
      const result = await this.#run(name, args.data);
      return { type: 'reply', id, ok: true, ...(result === undefined ? {} : { result }) };
    } catch (error) {
      return { type: 'reply', id, ok: false, message: error instanceof Error ? error.message : 'failed' };
    } finally {
      this.#calls--;
    }
  }

  #run(name: CallName, args: unknown): Promise<unknown> {
    const { venue, feed, control } = this.#options;
    // Each entry was parsed by its own schema just before.
    const given = <N extends CallName>(_name: N): CallArguments<N> => args as CallArguments<N>;
    switch (name) {
      case 'openAccount':
        return venue.openAccount(...given(name));
      case 'resetAccount':
        return venue.resetAccount(...given(name));
      case 'configureSymbol':
        return venue.configureSymbol(...given(name));
      case 'placeOrder':
        return venue.placeOrder(...given(name));
      case 'amendOrder':
        return venue.amendOrder(...given(name));
      case 'cancelOrder':
        return venue.cancelOrder(...given(name));
      case 'closePosition':
        return venue.closePosition(...given(name));
      case 'findOrder':
        return venue.findOrder(...given(name));
      case 'readAccount':
        return venue.readAccount(...given(name));
      case 'fillsSince':
        return venue.fillsSince(...given(name));
      case 'billsSince':
        return venue.billsSince(...given(name));
      case 'ordersSince':
        return venue.ordersSince(...given(name));
      case 'history':
        return feed.history(...given(name));
      case 'deleverage':
        return control.deleverage(...given(name));
      case 'changeInstrument':
        return control.changeInstrument(...given(name));
      case 'endInstrument':
        return control.endInstrument(...given(name));
      case 'movePrice':
        return control.movePrice(...given(name));
      case 'watch': {
        const [account] = given(name);
        this.#watched.add(account.accountId);
        return venue.watch(account);
      }
    }
  }

  #reply(message: ServerMessage): void {
    this.send(JSON.stringify(message));
  }
}

/** Refused for its rate: it had no effect. */
function tooFast(id: number, isWrite: boolean, retryAfterMs: number): ServerMessage {
  const message = `too many calls; the next one in ${retryAfterMs} ms`;
  if (!isWrite) return { type: 'reply', id, ok: false, message, retryAfterMs };
  const refusal: VenueAnswer = { outcome: 'rejected', code: 'rate_limited', message, retryAfterMs };
  return { type: 'reply', id, ok: true, result: refusal };
}

function parseMessage(text: string): ClientMessage | undefined {
  try {
    return clientMessageSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
