import type { Account } from '../../../shared/domain/account.ts';
import { add, type Decimal, dec, div, mul, roundToStep } from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Order } from '../../../shared/domain/order.ts';
import type { Position } from '../../../shared/domain/position.ts';
import type { OpArgsInput, OpName, OpResult } from '../../../shared/protocol/ops.ts';
import { FillwireError } from '../../../shared/sdk/fillwireError.ts';
import type { Random } from '../../simulation/random.ts';
import { eventually } from './eventually.ts';
import type { Device } from './trader.ts';

/** What one position by hand is worth, USDT. */
const NOTIONAL = dec('200');
const MOVES = 3;

/** A person who trades by hand without pause on an account of their own: entries with stops, moved stops, amends, cancels, closes. */
export class Hand {
  readonly #device: Device;
  readonly #account: Account;
  readonly #instrument: Instrument;
  readonly #random: Random;
  rounds = 0;
  /** Refused requests by their code: expected while things break. */
  readonly refusals = new Map<string, number>();
  /** Entries that were accepted, by order id. */
  readonly entries: string[] = [];
  #stopped = false;
  #mark: Decimal | undefined;

  constructor(device: Device, account: Account, instrument: Instrument, random: Random) {
    this.#device = device;
    this.#account = account;
    this.#instrument = instrument;
    this.#random = random;

    device.client.subscribe(`ticker:sim.${instrument.symbol}`, (push) => {
      if (push.kind === 'ticker') this.#mark = push.data.mark;
    });
  }

  /** Trades until stopped; resolves once nothing of it is open. */
  async trade(): Promise<void> {
    while (!this.#stopped) {
      if (this.#random.chance(0.5)) await this.#position();
      else await this.#limitOrder();
      this.rounds += 1;
    }
    await this.#close();
  }

  stop(): void {
    this.#stopped = true;
  }

  async #position(): Promise<void> {
    const long = this.#random.chance(0.5);
    const size = roundToStep(div(NOTIONAL, await this.#price(0)), this.#instrument.sizeStep, 'up');
    const stop = (percent: number) => this.#price(long ? -percent : percent);
    // Now and then the stop is asked for only once the position is there.
    const late = this.#random.chance(0.3);
    const placed = await this.#ask('orders.submit', {
      ...this.#where(),
      side: long ? 'buy' : 'sell',
      type: 'market',
      size,
      ...(late ? {} : { protection: { stopPrice: await stop(3) } }),
    });
    if (placed === undefined || !('orderId' in placed)) return;
    this.entries.push(placed.orderId);
    await this.#settled(placed.orderId);
    for (let move = 0; move < MOVES && this.#held() !== undefined; move += 1) {
      const triggerPrice = await stop(2.5 - move / 2);
      const moved = await this.#ask('positions.setStop', { ...this.#where(), triggerPrice });
      if (moved === undefined) break;
      // Where it was, if the move was refused; none, if the first one was.
      await this.#until('the stop rests', () => {
        const held = this.#held();
        return held === undefined || held.stop === null || held.stop.state === 'resting';
      });
    }
    await this.#ask('positions.reduce', { ...this.#where(), size: this.#instrument.minSize });
    await this.#close();
  }

  async #limitOrder(): Promise<void> {
    const size = roundToStep(div(NOTIONAL, await this.#price(0)), this.#instrument.sizeStep, 'up');
    const placed = await this.#ask('orders.submit', {
      ...this.#where(),
      side: 'buy',
      type: 'limit',
      size,
      price: await this.#price(-3),
      protection: { stopPrice: await this.#price(-6) },
    });
    if (placed === undefined || !('orderId' in placed)) return;
    const { orderId } = placed;
    this.entries.push(orderId);
    await this.#until('the order works', () => {
      const order = this.#order(orderId);
      return order === undefined || order.venueOrderId !== null;
    });
    for (const percent of [-3.2, -3.4]) {
      const price = await this.#price(percent);
      // One amend may overtake another's answer: the cancel has to cope.
      const amended = await this.#ask('orders.amend', { orderId, price });
      if (amended === undefined) break;
    }
    await this.#ask('orders.cancel', { orderId });
    await this.#settled(orderId);
    await this.#close();
  }

  /** Whatever is open on its symbol goes, also what was left by a round that broke off. */
  async #close(): Promise<void> {
    await this.#until('nothing of the hand is open', async () => {
      for (const order of this.#working()) {
        if (order.purpose === 'manual' && !order.cancelRequested)
          await this.#ask('orders.cancel', { orderId: order.orderId });
      }
      const held = this.#held();
      const isClosing = held !== undefined && held.protection.close !== null;
      if (held !== undefined && !isClosing) await this.#ask('positions.close', this.#where());
      return this.#held() === undefined && this.#working().length === 0;
    });
  }

  #settled(orderId: string): Promise<unknown> {
    return this.#until('the order has ended', () => this.#order(orderId) === undefined);
  }

  #until(what: string, condition: () => boolean | Promise<boolean>): Promise<unknown> {
    const where = `${this.#instrument.symbol} on ${this.#account.accountId}`;
    const state = () => JSON.stringify({ held: this.#held(), working: this.#working() });
    return eventually(() => `${what}, ${where}: ${state()}`, condition);
  }

  async #ask<O extends OpName>(op: O, args: OpArgsInput<O>): Promise<OpResult<O> | undefined> {
    try {
      const result = await this.#device.client.request(op, args);
      const { seq } = result as { seq?: number };
      // The reply may be faster than the frames it is about.
      if (seq !== undefined)
        await eventually(`frame ${seq}`, () => (this.#device.client.position?.seq ?? 0) >= seq);
      return result;
    } catch (error) {
      if (!(error instanceof FillwireError)) throw error;
      const key = `${op}: ${error.code}`;
      this.refusals.set(key, (this.refusals.get(key) ?? 0) + 1);
      return undefined;
    }
  }

  async #price(percent: number): Promise<Decimal> {
    const mark = await eventually(`a quote of ${this.#instrument.symbol}`, () => this.#mark);
    const price = div(mul(mark, add(dec('100'), dec(String(percent)))), dec('100'));
    return roundToStep(price, this.#instrument.tickSize, 'down');
  }

  #where(): { accountId: string; symbol: string } {
    return { accountId: this.#account.accountId, symbol: this.#instrument.symbol };
  }

  #held(): Position | undefined {
    return Object.values(this.#device.view.positions).find(
      (one) => one.accountId === this.#account.accountId,
    );
  }

  #working(): Order[] {
    return Object.values(this.#device.view.orders).filter((one) => one.accountId === this.#account.accountId);
  }

  /** Undefined: not working, or not any more. */
  #order(orderId: string): Order | undefined {
    return this.#device.view.orders[orderId];
  }
}
