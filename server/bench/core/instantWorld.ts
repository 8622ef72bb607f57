import { type Decimal, dec, mul, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import type { Order, Side } from '../../../shared/domain/order.ts';
import { type Context, DEFAULT_ENGINE_SETTINGS, type VenueFacts } from '../../core/context.ts';
import type { Effect } from '../../core/effects.ts';
import type { Input } from '../../core/inputs.ts';
import type { VenueAccountState, VenueBill, VenueFill, VenueOrder } from '../../ports/venue.ts';
import { sampleInstrument } from '../../testing/core/samples.ts';

export const VENUE = 'sim';
export const SYMBOL = 'BTCUSDT';
export const DEPOSIT = dec('1000000');
const PRICES = ['20000', '20000.5', '20001', '20000.5'].map(dec);
const FILL_PRICE = dec('20000');
const ORDER_SIZE = dec('0.1');
const TAKER_FEE_RATE = dec('0.0006');
/** Market time between orders, ms: below every limit on orders per minute. */
const ORDER_EVERY_MS = 60_000;
const START_MS = 1_700_000_000_000;

const INSTRUMENT = sampleInstrument(SYMBOL, {
  maxMarketSize: dec('100'),
  maxLeverage: 100,
  takerFeeRate: TAKER_FEE_RATE,
  maintenanceMarginRate: dec('0.004'),
  priceBandRatio: dec('0.1'),
});

const FACTS: VenueFacts = {
  capabilities: {
    attachedStop: true,
    positionStops: 'many',
    amendStop: true,
    sizedStop: true,
    expiringOrders: true,
  },
  simulated: true,
  writeWindowMs: 5_000,
  speed: 1,
  lockStep: false,
};

interface Book {
  cursor: number;
  position: Decimal;
  balance: Decimal;
  /** The deposit. */
  bills: VenueBill[];
}

/** A market and a venue that answer everything at once and in full: what is left to measure is the engine. */
export class InstantWorld {
  readonly context: Context;
  #wallTime = START_MS;
  #marketTime = START_MS;
  #priceIndex = 0;
  #quote = this.#quoteAt(0);
  readonly #books = new Map<string, Book>();

  constructor() {
    const world = this;
    this.context = {
      epoch: 'bench',
      settings: DEFAULT_ENGINE_SETTINGS,
      get wallTime() {
        return world.#wallTime;
      },
      marketTime: () => this.#marketTime,
      venue: (venue) => (venue === VENUE ? FACTS : undefined),
      instrument: (venue, symbol) => (venue === VENUE && symbol === SYMBOL ? INSTRUMENT : undefined),
      quote: () => this.#quote,
      lastQuote: () => this.#quote,
      series: () => undefined,
      strategy: () => undefined,
      strategyIds: () => [],
    };
  }

  movePrice(): Input {
    this.#priceIndex = (this.#priceIndex + 1) % PRICES.length;
    this.#quote = this.#quoteAt(this.#priceIndex);
    return { type: 'PriceMoved', venue: VENUE, symbol: SYMBOL };
  }

  /** A market order by hand: `buy` opens a position, `sell` closes it. */
  order(accountId: string, side: Side, commandId: string): Input {
    this.#marketTime += ORDER_EVERY_MS;
    this.#wallTime += ORDER_EVERY_MS;
    const request = {
      accountId,
      symbol: SYMBOL,
      side,
      type: 'market',
      size: ORDER_SIZE,
      price: null,
      timeInForce: 'ioc',
      reduceOnly: side === 'sell',
      stopPrice: null,
      takeProfitPrice: null,
    } as const;
    const actor = { kind: 'user', userId: 'bench', deviceId: 'bench' } as const;
    return {
      type: 'Command',
      command: { type: 'SubmitOrder', request },
      commandId,
      expectedVersion: null,
      actor,
    };
  }

  /** What the venue has to say to an effect, in the order it says it. */
  answers(effect: Effect): Input[] {
    switch (effect.type) {
      case 'OpenAccount': {
        const { accountId } = effect;
        this.#books.set(accountId, this.#bookWith(effect.deposit));
        return [{ type: 'AccountOpened', accountId, answer: { outcome: 'accepted', venueOrderId: '' } }];
      }
      case 'ConfigureSymbol': {
        const { accountId, symbol, leverage, marginMode } = effect;
        const answer = { outcome: 'accepted', venueOrderId: '' } as const;
        return [{ type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer }];
      }
      case 'ReadAccount':
        return [this.#readAccount(effect.accountId)];
      case 'PlaceOrder':
        return this.#fillAtOnce(effect.order);
      case 'Say':
        return [];
      default:
        throw new Error(`this world does not know ${effect.type}`);
    }
  }

  #fillAtOnce(order: Order): Input[] {
    const { accountId, orderId, symbol, side, size } = order;
    const book = this.#bookOf(accountId);
    const venueOrderId = `v-${orderId}`;
    const fee = mul(mul(FILL_PRICE, size), TAKER_FEE_RATE);
    book.cursor += 1;
    book.position = side === 'buy' ? size : ZERO;
    book.balance = sub(book.balance, fee);
    const ts = this.#marketTime;
    // Both written out: what this world costs counts against the engine.
    const fill: VenueFill = {
      venueOrderId,
      clientOrderId: orderId,
      symbol,
      side,
      size,
      ts,
      fillId: `f-${orderId}`,
      price: FILL_PRICE,
      fee,
      feeCoin: 'USDT',
      realisedPnl: ZERO,
      liquidity: 'taker',
      source: 'order',
      cursor: book.cursor,
    };
    const seen: VenueOrder = {
      venueOrderId,
      clientOrderId: orderId,
      symbol,
      side,
      size,
      ts,
      parentClientOrderId: null,
      replacesOrderId: null,
      becameOrderId: null,
      type: order.type,
      price: order.price,
      triggerPrice: null,
      triggerBy: null,
      reduceOnly: order.reduceOnly,
      status: 'filled',
      filledSize: size,
      reason: null,
    };
    return [
      { type: 'OrderAnswered', orderId, action: 'place', answer: { outcome: 'accepted', venueOrderId } },
      { type: 'VenueFillSeen', accountId, fill, ingestedAt: this.#wallTime },
      { type: 'VenueOrderSeen', accountId, order: seen },
    ];
  }

  #readAccount(accountId: string): Input {
    const book = this.#bookOf(accountId);
    const position = {
      symbol: SYMBOL,
      direction: 'long',
      size: book.position,
      cost: mul(book.position, FILL_PRICE),
      leverage: 1,
      marginMode: 'isolated',
      liquidationPrice: null,
    } as const;
    const state: VenueAccountState = {
      balances: { USDT: book.balance },
      positions: book.position === ZERO ? [] : [position],
      orders: [],
      cursors: { fills: book.cursor, bills: book.cursor },
      marketTime: this.#marketTime,
    };
    const at = this.#wallTime;
    return {
      type: 'AccountRead',
      accountId,
      state,
      fills: [],
      bills: book.bills,
      startedAt: at,
      endedAt: at,
    };
  }

  #bookWith(deposit: Decimal): Book {
    const bill = {
      billId: 'deposit',
      coin: 'USDT',
      symbol: null,
      kind: 'transfer',
      amount: deposit,
    } as const;
    return {
      cursor: 1,
      position: ZERO,
      balance: deposit,
      bills: [{ ...bill, ts: this.#marketTime, cursor: 1 }],
    };
  }

  #bookOf(accountId: string): Book {
    const book = this.#books.get(accountId);
    if (book === undefined) throw new Error(`account ${accountId} was not opened`);
    return book;
  }

  #quoteAt(index: number): Quote {
    const last = PRICES[index] ?? FILL_PRICE;
    const prices = { last, bid: last, ask: last, mark: last, index: last };
    const funding = { fundingRate: ZERO, nextFundingTime: this.#marketTime + 3_600_000 };
    return { venue: VENUE, symbol: SYMBOL, ts: this.#marketTime, ...prices, ...funding };
  }
}
