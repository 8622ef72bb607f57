import { abs, add, type Decimal, isZero, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { Venue, VenueFill, VenueOrder, VenuePush } from '../../ports/venue.ts';

/** A position as the venue saw it, from flat to flat. */
export interface JournalledPosition {
  accountId: string;
  symbol: string;
  openedAt: number;
  /** Null: still open. */
  closedAt: number | null;
  /** Market ms in which no reduce-only stop rested. */
  unprotectedMs: number;
}

const KEPT_NOTES = 50_000;

interface Book {
  size: Decimal;
  stops: Map<string, VenueOrder>;
  position: JournalledPosition | undefined;
  nakedSince: number | null;
}

/** What the venue pushes of accounts over a connection of the test's own, from their first order on: its own journal. */
export class VenueJournal {
  readonly #venue: Venue;
  readonly positions: JournalledPosition[] = [];
  /** The test lost its own line: nothing can be said any more. */
  hasGap = false;
  readonly #books = new Map<string, Book>();
  readonly #fills = new Set<string>();
  /** What happened, for looking at after a failure. */
  readonly #notes: { where: string; ts: number; text: string }[] = [];

  private constructor(venue: Venue) {
    this.#venue = venue;
  }

  static async start(venue: Venue): Promise<VenueJournal> {
    const journal = new VenueJournal(venue);
    await venue.start((push) => journal.#take(push));
    return journal;
  }

  /** Before the account trades. */
  watch(accountId: string): Promise<void> {
    return this.#venue.watch({ accountId });
  }

  /** Stops and fills of a position, one per line. */
  storyOf({ accountId, symbol, openedAt, closedAt }: JournalledPosition): string {
    const until = closedAt ?? Number.POSITIVE_INFINITY;
    return this.#notes
      .filter(({ where, ts }) => where === `${accountId}:${symbol}` && ts >= openedAt && ts <= until)
      .map(({ ts, text }) => `  +${ts - openedAt} ${text}`)
      .join('\n');
  }

  #note(accountId: string, symbol: string, ts: number, text: string): void {
    this.#notes.push({ where: `${accountId}:${symbol}`, ts, text });
    if (this.#notes.length > KEPT_NOTES) this.#notes.shift();
  }

  #take(push: VenuePush): void {
    if (push.type === 'fill') this.#fill(push.accountId, push.fill);
    else if (push.type === 'order') this.#order(push.accountId, push.order);
    else if (push.type === 'interrupted') this.hasGap = true;
  }

  #order(accountId: string, order: VenueOrder): void {
    if (order.type !== 'stop_market' || !order.reduceOnly) return;
    const book = this.#book(accountId, order.symbol);
    const { venueOrderId, status, side, size, filledSize, triggerPrice, reason } = order;
    const what = [venueOrderId, status, side, filledSize, 'of', size, 'at', triggerPrice, reason ?? ''];
    this.#note(accountId, order.symbol, order.ts, `stop ${what.join(' ')}`);
    // Fired and not done it still closes the position.
    const works =
      order.status === 'open' || order.status === 'partially_filled' || order.status === 'triggered';
    if (works) book.stops.set(order.venueOrderId, order);
    else book.stops.delete(order.venueOrderId);
    this.#measure(book, order.ts);
  }

  #fill(accountId: string, fill: VenueFill): void {
    const key = `${accountId}:${fill.fillId}`;
    if (this.#fills.has(key)) return;
    this.#fills.add(key);
    const book = this.#book(accountId, fill.symbol);
    const before = book.size;
    this.#note(
      accountId,
      fill.symbol,
      fill.ts,
      `fill ${fill.side} ${fill.size} ${fill.source} ${fill.venueOrderId}`,
    );
    book.size = fill.side === 'buy' ? add(before, fill.size) : sub(before, fill.size);
    if (isZero(before)) {
      book.position = { accountId, symbol: fill.symbol, openedAt: fill.ts, closedAt: null, unprotectedMs: 0 };
      this.positions.push(book.position);
    }
    this.#measure(book, fill.ts);
    if (isZero(book.size) && book.position !== undefined) {
      book.position.closedAt = fill.ts;
      book.position = undefined;
    }
  }

  #measure(book: Book, now: number): void {
    const isNaked = !isZero(abs(book.size)) && book.stops.size === 0;
    if (book.nakedSince !== null && book.position !== undefined) {
      book.position.unprotectedMs += now - book.nakedSince;
    }
    book.nakedSince = isNaked ? now : null;
  }

  #book(accountId: string, symbol: string): Book {
    const key = `${accountId}:${symbol}`;
    const known = this.#books.get(key);
    if (known !== undefined) return known;
    const made: Book = { size: ZERO, stops: new Map(), position: undefined, nakedSince: null };
    this.#books.set(key, made);
    return made;
  }
}
