import { type Decimal, dec, gt, gte, mul, ONE, sub, ZERO } from '../../../shared/domain/decimal.ts';
import type { DecidedExit, Position } from '../../../shared/domain/position.ts';
import type { DeskEvent } from '../../core/events.ts';
import { InvariantBroken } from '../broken.ts';

/** Closes in a row that got nothing, at the latest before the next of which its owner has been told. */
const UNFILLED_TOLD = 2;

/** The venue may have asked for so many times more, when it was decided, than it does now. */
const MOST_TIMES_LEAST = dec('20');

/** What was promised of the exits of positions, and what was taken of it already. */
export class Exits {
  /** Market time at which each position of a bot is to be closed, as it was decided with its entry. */
  readonly #closeAt = new Map<string, number>();
  /** The same of the last close by hand. */
  readonly #askedAt = new Map<string, number>();
  readonly #current = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #unfilled = new Map<string, number>();
  readonly #told = new Set<string>();
  readonly #takenBack = new Set<string>();

  readonly #decided = new Map<string, readonly DecidedExit[]>();
  /** Positions that have ended, by account and symbol. */
  readonly #ended = new Map<string, number>();

  /** `leastOf`: the smallest order of a symbol that the venue takes now. */
  check(events: readonly DeskEvent[], leastOf: (symbol: string) => Decimal): void {
    for (const event of events) {
      this.#closeNow(event);
      if (event.kind === 'OrderSubmitted') {
        const { accountId, symbol, slot, purpose, venueOrderId, botId } = event.data.order;
        const life = this.#current.get(`${accountId}:${symbol}`);
        // The target of a position by hand is for all of it: for what was added while it was taken, too.
        const isExit = botId !== null && (purpose === 'take_profit' || purpose === 'exit');
        if (isExit && venueOrderId === null && this.#taken.has(`${life}:${slot}`))
          throw new InvariantBroken('LADDER', `${slot} of ${symbol} was taken, and is asked for again`);
      } else if ('position' in event.data)
        this.#positionNow(event.data.position, leastOf(event.data.position.symbol));
    }
  }

  /** Market time, or undefined: it may stay. */
  closeAt(position: Position): number | undefined {
    return this.#closeAt.get(this.#lifeOf(position));
  }

  /** Closes that get nothing, one after the other, are told of. */
  #closeNow(event: DeskEvent): void {
    if (event.kind === 'AlertRaised') this.#told.add(event.data.alert.alertId);
    if (event.kind === 'AlertResolved') this.#told.delete(event.data.alertId);
    if (!('order' in event.data) || event.data.order.purpose !== 'close') return;
    const { accountId, symbol, filledSize, status, orderId, cancelRequested } = event.data.order;
    if (cancelRequested) this.#takenBack.add(orderId);
    const key = `${accountId}:${symbol}`;
    if (filledSize !== ZERO) this.#unfilled.delete(key);
    else if (event.kind === 'OrderCancelled' && !this.#takenBack.has(orderId))
      this.#unfilled.set(key, (this.#unfilled.get(key) ?? 0) + 1);
    if (status !== 'submitting' || this.#told.has(`close:${key}`)) return;
    if ((this.#unfilled.get(key) ?? 0) >= UNFILLED_TOLD)
      throw new InvariantBroken(
        'CLOSE',
        `closes of ${symbol} get nothing, again and again, and nobody is told`,
      );
  }

  /** An exit that was decided stands until its share is taken, or what is left of it is too small. */
  #exitsNow({ symbol, size, openedSize, protection }: Position, life: string, least: Decimal): void {
    const { exits, partialsTaken, takenSizes } = protection;
    const before = this.#decided.get(life) ?? [];
    this.#decided.set(life, exits);
    if (size === ZERO) return;
    for (const { slot, share } of before) {
      if (exits.some((exit) => exit.slot === slot) || partialsTaken.includes(slot)) continue;
      const isWhole = gte(share, ONE);
      const left = isWhole ? size : sub(mul(openedSize, share), takenSizes?.[slot] ?? ZERO);
      if (isWhole || gt(left, mul(least, MOST_TIMES_LEAST)))
        throw new InvariantBroken(
          'EXIT',
          `the exit ${slot} of ${symbol} was decided, and is forgotten undone`,
        );
    }
  }

  /** One position from flat to flat: what fills too late may begin another one at the same time. */
  #lifeOf({ accountId, symbol, openedAt, botId }: Position): string {
    const key = `${accountId}:${symbol}`;
    return `${key}:${openedAt}:${botId}:${this.#ended.get(key) ?? 0}`;
  }

  #positionNow(position: Position, least: Decimal): void {
    const life = this.#lifeOf(position);
    this.#exitsNow(position, life, least);
    const { close, partialsTaken } = position.protection;
    const key = `${position.accountId}:${position.symbol}`;
    this.#current.set(key, life);
    // Asked for by hand: another close than whatever was asked for before.
    const isAsked = close?.why === 'manual' && close.at !== this.#askedAt.get(life);
    if (isAsked) this.#askedAt.set(life, close.at);
    if (position.size === ZERO || isAsked) this.#unfilled.delete(key);
    if (close?.why === 'time' && !this.#closeAt.has(life)) this.#closeAt.set(life, close.at);
    for (const slot of partialsTaken) this.#taken.add(`${life}:${slot}`);
    if (position.size === ZERO) this.#ended.set(key, (this.#ended.get(key) ?? 0) + 1);
  }
}
