import type { Position } from '../../../shared/domain/position.ts';
import type { DeskEvent } from '../../core/events.ts';
import { InvariantBroken } from '../broken.ts';

/** What was promised of the exits of positions, and what was taken of it already. */
export class Exits {
  /** Market time at which each position of a bot is to be closed, as it was decided with its entry. */
  readonly #closeAt = new Map<string, number>();
  readonly #current = new Map<string, string>();
  readonly #taken = new Set<string>();

  check(events: readonly DeskEvent[]): void {
    for (const event of events) {
      if (event.kind === 'OrderSubmitted') {
        const { accountId, symbol, slot, purpose, venueOrderId } = event.data.order;
        const life = this.#current.get(`${accountId}:${symbol}`);
        const isExit = purpose === 'take_profit' || purpose === 'exit';
        if (isExit && venueOrderId === null && this.#taken.has(`${life}:${slot}`))
          throw new InvariantBroken('LADDER', `${slot} of ${symbol} was taken, and is asked for again`);
      } else if ('position' in event.data) this.#positionNow(event.data.position);
    }
  }

  /** Market time, or undefined: it may stay. */
  closeAt(position: Position): number | undefined {
    return this.#closeAt.get(lifeOf(position));
  }

  #positionNow(position: Position): void {
    const life = lifeOf(position);
    const { closeAt, partialsTaken } = position.protection;
    this.#current.set(`${position.accountId}:${position.symbol}`, life);
    if (closeAt !== null && closeAt > position.openedAt && !this.#closeAt.has(life))
      this.#closeAt.set(life, closeAt);
    for (const slot of partialsTaken) this.#taken.add(`${life}:${slot}`);
  }
}

/** One position from flat to flat. */
const lifeOf = ({ accountId, symbol, openedAt, botId }: Position): string =>
  `${accountId}:${symbol}:${openedAt}:${botId}`;
