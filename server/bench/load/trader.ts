import { request } from 'node:http';
import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { OPCODE } from '../../testing/frameReader.ts';
import { LeanSocket } from './leanSocket.ts';
import { Replies } from './replies.ts';

/** Registrations of one address, below the limit per minute. */
const REGISTRATIONS_PER_ADDRESS = 20;
const REPLY_LIMIT_MS = 30_000;
const VALID_MS = 10_000;
const SIZE = '0.001';

/** A new user with an access token. Addresses rotate within 127.2/16, so that no limit per address is met. */
export async function register(port: number, index: number): Promise<string> {
  const block = Math.floor(index / REGISTRATIONS_PER_ADDRESS);
  const localAddress = `127.2.${Math.floor(block / 250)}.${(block % 250) + 1}`;
  const body = JSON.stringify({ email: `bench-${index}@example.org`, password: `vK3-rw9_Lq2xTz-${index}` });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const answer = await new Promise<string>((resolve, reject) => {
    const call = request(
      {
        host: '127.0.0.1',
        port,
        path: '/auth/register',
        method: 'POST',
        localAddress,
        headers,
        agent: false,
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      },
    );
    call.on('error', reject);
    call.end(body);
  });
  const { access_token: token } = JSON.parse(answer) as { access_token?: string };
  if (token === undefined) throw new Error(`a user could not be registered: ${answer}`);
  return token;
}

const FILL_FRAME = '"kind":"FillRecorded"';
const SEQ_OF_FRAME = /"seq":(\d+)/;

/**
 * Somebody who buys and sells at the market, one order after the other. On its desk like a device; each fill it
 * acknowledges and asks the server when that was committed, for `devices.list` tells the stations of the last one.
 */
export class Trader {
  /** Wall time of the commit, ms, by the seq of the fill. Of fills close together only the last is told. */
  readonly committedAt = new Map<number, number>();
  /** Refused orders. */
  refused = 0;
  firstRefusal: string | null = null;
  readonly #replies = new Replies();
  #socket: LeanSocket | undefined;
  #accountId = '';
  #orders = 0;

  /** Resolves once the user's desk is open and its account is ready. */
  static async connect(port: number, token: string, index: number): Promise<Trader> {
    const trader = new Trader();
    trader.#socket = await LeanSocket.open({
      port,
      path: '/ws',
      localAddress: `127.3.${Math.floor(index / 250)}.${(index % 250) + 1}`,
      onFrame: (opcode, data, start, end) => {
        if (opcode === OPCODE.text) trader.#receive(data.toString('utf8', start, end));
      },
      onClose: () => undefined,
    });
    await trader.#ask('session.authenticate', { token, viewVersion: VIEW_VERSION });
    const { accounts } = (await trader.#ask('accounts.list', {})) as { accounts: { accountId: string }[] };
    const [account] = accounts;
    if (account === undefined) throw new Error('the desk has no account');
    trader.#accountId = account.accountId;
    await trader.#ask('subscribe', { channels: ['desk'] });
    // The server reads a user's devices from the database once in a while: not while it is measured.
    await trader.#ask('devices.list', {});
    return trader;
  }

  /** A buy, then a sell of the same size, then a buy …: does not wait for the reply. */
  order(): void {
    this.#orders += 1;
    const buys = this.#orders % 2 === 1;
    const args = {
      accountId: this.#accountId,
      symbol: 'BTCUSDT',
      side: buys ? 'buy' : 'sell',
      type: 'market',
      size: SIZE,
      reduceOnly: !buys,
    };
    const command = { commandId: `bench-${this.#orders}-${Date.now()}`, validUntil: Date.now() + VALID_MS };
    this.#ask('orders.submit', args, command).catch((error: Error) => {
      this.refused += 1;
      this.firstRefusal ??= error.message;
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #ask(op: string, args: object, command: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no reply to ${op}`)), REPLY_LIMIT_MS);
      void this.#replies.ask(this.#socket, op, args, command).then(({ ok, result, error }) => {
        clearTimeout(timer);
        if (ok) resolve(result);
        else reject(new Error(error?.message));
      });
    });
  }

  async #learnCommitTime(seq: number): Promise<void> {
    await this.#ask('ack', { seq });
    const { devices } = (await this.#ask('devices.list', {})) as {
      devices: { lastDelivery?: { seq: number; committedAt: number } | null }[];
    };
    for (const { lastDelivery } of devices)
      if (lastDelivery) this.committedAt.set(lastDelivery.seq, lastDelivery.committedAt);
  }

  #receive(text: string): void {
    const seq = text.includes(FILL_FRAME) ? SEQ_OF_FRAME.exec(text)?.[1] : undefined;
    if (seq !== undefined) {
      // Refused at worst when the connection's budget is used up: this fill's time stays unknown.
      this.#learnCommitTime(Number(seq)).catch(() => undefined);
      return;
    }
    this.#replies.take(text);
  }
}
