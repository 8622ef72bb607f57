import type { BusMessage, EventPublisher, EventStream } from '../../ports/eventBus.ts';

interface Subscriber {
  handler: (message: BusMessage) => void;
  desks: ReadonlySet<string>;
}

/**
 * The bus inside one process: any number of streams. What is published in one turn of the event loop arrives together
 * right after it, as it would from outside. Loses nothing.
 */
export class MemoryEventBus implements EventPublisher {
  readonly isConnected = true;
  readonly #subscribers = new Set<Subscriber>();
  /** Bounded by what one turn publishes: it is emptied before the next. */
  #turn: BusMessage[] = [];

  publish(message: BusMessage): void {
    if (this.#turn.length === 0) queueMicrotask(() => this.#deliver());
    this.#turn.push(message);
  }

  stream(): EventStream {
    const desks = new Set<string>();
    let subscriber: Subscriber | undefined;
    return {
      isConnected: true,
      listen: (handler, onReset) => {
        subscriber = { handler, desks };
        this.#subscribers.add(subscriber);
        queueMicrotask(onReset);
      },
      follow: async (deskId) => {
        desks.add(deskId);
      },
      unfollow: async (deskId) => {
        desks.delete(deskId);
      },
      close: async () => {
        if (subscriber !== undefined) this.#subscribers.delete(subscriber);
      },
    };
  }

  #deliver(): void {
    const messages = this.#turn;
    this.#turn = [];
    for (const { handler, desks } of this.#subscribers) {
      for (const message of messages) {
        if (!('deskId' in message) || desks.has(message.deskId)) handler(message);
      }
    }
  }
}
