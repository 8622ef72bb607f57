import { createHash } from 'node:crypto';
import {
  add,
  type Decimal,
  div,
  isZero,
  min,
  mul,
  roundToStep,
  ZERO,
} from '../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import { PANIC_ORDER_PREFIX } from '../../../shared/domain/panic.ts';
import type { PanicStep } from '../../adapters/files/panicJournal.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Venue, VenueAccountState, VenueAnswer, VenueOrder, VenuePosition } from '../../ports/venue.ts';
import { refOf } from '../../ports/venueOrderRef.ts';

/** Longest that an account is tried to be brought to flat, wall ms. */
export const GIVE_UP_AFTER_MS = 60_000;
/** Between two rounds, wall ms: time for the venue to match what it accepted. */
const ROUND_PAUSE_MS = 400;
/** Reads in a row that must find nothing before the account counts as flat. */
const FLAT_READS = 2;

export interface CloseAccountOptions {
  venue: Venue;
  accountId: string;
  panicId: string;
  instruments: ReadonlyMap<string, Instrument>;
  clock: Clock;
  /** Must be durable when it returns: nothing is done that is not written down. */
  write(step: PanicStep): void;
  say(text: string): void;
  giveUpAfterMs?: number;
}

export interface CloseAccountResult {
  flat: boolean;
  /** What was closed, at which average price, per symbol. */
  closed: { symbol: string; size: Decimal; price: Decimal }[];
  cancelled: number;
  /** What is left and why, in words. */
  residual: string[];
}

/** What the venue has open, in words. */
export function describeOpen(state: VenueAccountState): string[] {
  return [...positionsOf(state).map(describePosition), ...state.orders.map(describeOrder)];
}

/**
 * Brings one account to flat at the venue: entries are cancelled first, then exits that freeze size, then positions are
 * closed reduce-only under their stops, then what is left is cancelled; the venue has the last word. A close may be
 * repeated: it is sized from what the venue says is open, and cannot open anything.
 */
export async function closeAccount(options: CloseAccountOptions): Promise<CloseAccountResult> {
  const run = new Run(options);
  return run.toFlat();
}

class Run {
  readonly #options: CloseAccountOptions;
  readonly #account: { accountId: string };
  readonly #reasons = new Map<string, string>();
  readonly #sent = new Set<string>();
  #attempt = 0;
  #cancelled = 0;

  constructor(options: CloseAccountOptions) {
    this.#options = options;
    this.#account = { accountId: options.accountId };
  }

  async toFlat(): Promise<CloseAccountResult> {
    const { clock, giveUpAfterMs = GIVE_UP_AFTER_MS } = this.#options;
    const until = clock.elapsed() + giveUpAfterMs;
    let from: number | undefined;
    let flatReads = 0;
    let state: VenueAccountState | undefined;
    let unreadable = '';
    while (flatReads < FLAT_READS && clock.elapsed() < until) {
      try {
        state = await this.#options.venue.readAccount(this.#account);
        // Others may share its cursor, or be told late: ours are known by their ids.
        from ??= Math.max(0, state.cursors.fills - (this.#options.venue.capabilities.tellsLate?.cursor ?? 0));
        const isFlat = positionsOf(state).length === 0 && state.orders.length === 0;
        flatReads = isFlat ? flatReads + 1 : 0;
        if (!isFlat) await this.#round(state);
      } catch (error) {
        flatReads = 0;
        unreadable = `the venue cannot be read: ${messageOf(error)}`;
        this.#options.say(unreadable);
      }
      if (flatReads < FLAT_READS) await this.#pause(flatReads > 0);
    }
    const flat = flatReads >= FLAT_READS;
    const residual = flat ? [] : this.#residual(state, unreadable);
    this.#options.write({ step: 'finished', ts: clock.now(), flat, residual });
    return { flat, closed: await this.#closed(from ?? 0), cancelled: this.#cancelled, residual };
  }

  async #round(state: VenueAccountState): Promise<void> {
    const open = positionsOf(state);
    const isHeld = (symbol: string): boolean => open.some((position) => position.symbol === symbol);
    const isStop = (order: VenueOrder): boolean => order.type === 'stop_market' && order.reduceOnly === true;
    for (const order of state.orders) if (!order.reduceOnly) await this.#cancel(order);
    for (const order of state.orders) if (order.reduceOnly && !isStop(order)) await this.#cancel(order);
    for (const position of open) await this.#close(position);
    // A stop guards its position until that is gone.
    for (const order of state.orders) if (isStop(order) && !isHeld(order.symbol)) await this.#cancel(order);
  }

  async #cancel(order: VenueOrder): Promise<void> {
    const { venue, clock, write, say } = this.#options;
    const { symbol, venueOrderId } = order;
    write({ step: 'cancel', ts: clock.now(), symbol, venueOrderId });
    say(`cancelling ${describeOrder(order)}`);
    const answer = await venue.cancelOrder(this.#account, symbol, refOf(order));
    if (answer.outcome === 'accepted') this.#cancelled += 1;
    this.#answered(venueOrderId, venueOrderId, answer);
  }

  async #close(position: VenuePosition): Promise<void> {
    const { venue, panicId, instruments, clock, write, say } = this.#options;
    const { symbol, direction } = position;
    const side = direction === 'long' ? 'sell' : 'buy';
    const size = sliceOf(position.size, instruments.get(symbol));
    this.#attempt += 1;
    const clientOrderId = panicOrderId(panicId, symbol, this.#attempt);
    this.#sent.add(clientOrderId);
    write({ step: 'close', ts: clock.now(), clientOrderId, symbol, side, size });
    say(`closing ${describePosition(position)}: ${side} ${size} at the market, reduce-only`);
    const answer = await venue.placeOrder({
      account: this.#account,
      clientOrderId,
      symbol,
      side,
      type: 'market',
      size,
      price: null,
      triggerPrice: null,
      triggerBy: null,
      timeInForce: 'ioc',
      reduceOnly: true,
      attachedStop: null,
      notAfter: null,
    });
    this.#answered(symbol, clientOrderId, answer);
  }

  #answered(what: string, of: string, answer: VenueAnswer): void {
    const { clock, write, say } = this.#options;
    const message =
      answer.outcome === 'accepted'
        ? answer.venueOrderId
        : answer.outcome === 'rejected'
          ? `${answer.code}: ${answer.message}`
          : answer.message;
    if (answer.outcome === 'accepted') this.#reasons.delete(what);
    else {
      this.#reasons.set(what, message);
      say(`  ${answer.outcome}: ${message}`);
    }
    write({ step: 'answer', ts: clock.now(), of, outcome: answer.outcome, message });
  }

  #residual(state: VenueAccountState | undefined, unreadable: string): string[] {
    if (state === undefined) return [unreadable];
    const why = (what: string): string => this.#reasons.get(what) ?? 'the venue has not confirmed it';
    return [
      ...positionsOf(state).map((position) => `${describePosition(position)} (${why(position.symbol)})`),
      ...state.orders.map((order) => `${describeOrder(order)} (${why(order.venueOrderId)})`),
      ...(unreadable === '' ? [] : [unreadable]),
    ];
  }

  /** By the venue's fills; empty when it cannot be asked any more. */
  async #closed(from: number): Promise<CloseAccountResult['closed']> {
    const fills = await this.#options.venue.fillsSince(this.#account, from).catch(() => []);
    const totals = new Map<string, { size: Decimal; notional: Decimal }>();
    for (const { clientOrderId, symbol, size, price } of fills) {
      if (clientOrderId === null || !this.#sent.has(clientOrderId)) continue;
      const known = totals.get(symbol) ?? { size: ZERO, notional: ZERO };
      totals.set(symbol, { size: add(known.size, size), notional: add(known.notional, mul(size, price)) });
    }
    return [...totals].map(([symbol, { size, notional }]) => ({ symbol, size, price: div(notional, size) }));
  }

  /** `isShownFlat`: the next reading is to show a later moment than this one. */
  #pause(isShownFlat: boolean): Promise<void> {
    const { venue, clock } = this.#options;
    const lagMs = isShownFlat ? (venue.capabilities.readingLagMs ?? 0) : 0;
    return new Promise((resolve) => void clock.after(Math.max(ROUND_PAUSE_MS, lagMs), resolve));
  }
}

/** Deterministic, recognisable, within every venue's 32 characters. */
function panicOrderId(panicId: string, symbol: string, attempt: number): string {
  const digest = createHash('sha256').update(`${panicId}|${symbol}|${attempt}`).digest('hex');
  return `${PANIC_ORDER_PREFIX}${digest.slice(0, 32 - PANIC_ORDER_PREFIX.length)}`;
}

function sliceOf(size: Decimal, instrument: Instrument | undefined): Decimal {
  if (instrument === undefined) return size;
  const slice = min(size, instrument.maxMarketSize);
  return slice === size ? size : roundToStep(slice, instrument.sizeStep, 'down');
}

function positionsOf(state: VenueAccountState): VenuePosition[] {
  return state.positions.filter(({ size }) => !isZero(size));
}

function describePosition({ direction, size, symbol }: VenuePosition): string {
  return `${direction} ${size} ${symbol}`;
}

function describeOrder({ type, side, size, symbol, price, triggerPrice }: VenueOrder): string {
  const at = triggerPrice ?? price;
  return `order ${type} ${side} ${size} ${symbol}${at === null ? '' : ` at ${at}`}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
