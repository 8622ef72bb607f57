import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Addresses } from './addresses.ts';
import { clientAddress } from './clientAddress.ts';
import type { GatewayLimits } from './limits.ts';

export interface NewConnectionsContext {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  addresses: Addresses;
  /** Connections come from proxies, which count for themselves: only the bound of all of them holds. */
  isBehindProxy: boolean;
}

/** A refusal is told once in so long: a flood of connections must not become one of lines. */
const TELL_EVERY_MS = 60_000;

/**
 * Turns connections away before they have said anything: each has a descriptor, of which there are only so many. The
 * library says when one comes, with its address, and when one goes, without it: hence a budget of each address for
 * what comes, and a bound of what is there for all of them.
 */
export class NewConnections {
  /** That are no WebSocket (yet). */
  #open = 0;
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #context: NewConnectionsContext;

  constructor(context: NewConnectionsContext) {
    this.#context = context;
  }

  mount(app: TemplatedApp): void {
    app.filter((res, count) => this.#counted(res, Number(count)));
  }

  #counted(res: HttpResponse, count: number): void {
    this.#open += count;
    // What is closed comes here once more, as a connection that leaves.
    if (count > 0 && !this.#admits(res)) res.close();
  }

  /** One of them is a WebSocket now, whose end the library does not tell here. */
  upgraded(): void {
    this.#open -= 1;
  }

  #admits(res: HttpResponse): boolean {
    const { clock, logger, limits, addresses, isBehindProxy } = this.#context;
    try {
      if (this.#open > limits.httpConnections)
        return this.#refuse('of all addresses', limits.httpConnections);
      if (isBehindProxy) return true;
      const now = clock.elapsed();
      const address = addresses.of(clientAddress(res.getRemoteAddress(), '', 0), now);
      const { newConnectionRate } = limits;
      if (address.openings.waitMs(newConnectionRate, now) > 0)
        return this.#refuse(address.address, newConnectionRate.burst);
      address.openings.take();
      return true;
    } catch (error) {
      logger.error({ error }, 'a connection could not be looked at');
      return false;
    }
  }

  #refuse(whose: string, allowed: number): false {
    const { clock, logger } = this.#context;
    const now = clock.elapsed();
    if (now - this.#toldAt >= TELL_EVERY_MS) {
      this.#toldAt = now;
      logger.warn(
        { whose, allowed, open: this.#open },
        'more connections than may come: the next are closed',
      );
    }
    return false;
  }
}
