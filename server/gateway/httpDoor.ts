import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { wireError } from '../../shared/protocol/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Addresses, AddressPresence } from './addresses.ts';
import { clientAddress } from './clientAddress.ts';
import { headerList } from './headerLines.ts';
import { headProblem } from './headProblem.ts';
import type { HostPolicy } from './hostPolicy.ts';
import { HttpExchange } from './httpExchange.ts';
import type { GatewayLimits } from './limits.ts';
import { rateLimited } from './rateRefusal.ts';

export interface HttpDoorContext {
  clock: Clock;
  logger: Logger;
  limits: GatewayLimits;
  addresses: Addresses;
  hosts: HostPolicy;
  trustedProxyHops: number;
}

/** Nobody sends so many at once unless they are pipelined. */
const TURN_RETRY_MS = 100;
const NO_BODY = { limit: 'body', actual: null, allowed: 'none' };
const MISDIRECTED = '421 Misdirected Request';

type RouteHandler = (http: HttpExchange, req: HttpRequest, address: AddressPresence) => void;

/**
 * Every HTTP request and upgrade comes in here: its address pays first, then it is handled. Beyond the budget the
 * connection is closed, so that what was pipelined behind is not even read.
 */
export class HttpDoor {
  /** Requests of this turn of the event loop. */
  readonly #turn = new Map<AddressPresence, number>();
  readonly #context: HttpDoorContext;

  constructor(context: HttpDoorContext) {
    this.#context = context;
  }

  /** A callback for uWebSockets.js. A body that is not read is refused: it could go on for ever. */
  route(handle: RouteHandler): (res: HttpResponse, req: HttpRequest) => void {
    return this.routeWithBody((http, req, address) => {
      const hasBody =
        req.getHeader('transfer-encoding') !== '' || Number(req.getHeader('content-length')) !== 0;
      if (hasBody) http.refuseAndClose(wireError('too_large', 'a request of this path has no body', NO_BODY));
      else handle(http, req, address);
    });
  }

  /** As `route`, for a handler that reads the body. */
  routeWithBody(handle: RouteHandler): (res: HttpResponse, req: HttpRequest) => void {
    return (res, req) =>
      this.enter(res, req, (address) => handle(this.#exchange(res, address), req, address));
  }

  /** An error of `handle` costs this connection, and no other. */
  enter(res: HttpResponse, req: HttpRequest, handle: (address: AddressPresence) => void): void {
    const { clock, limits, addresses, hosts, trustedProxyHops, logger } = this.#context;
    try {
      const now = clock.elapsed();
      const seen = clientAddress(
        res.getRemoteAddress(),
        headerList(req, 'x-forwarded-for'),
        trustedProxyHops,
      );
      const address = addresses.of(seen, now);
      const retryAfterMs = this.#isTurnUsed(address)
        ? TURN_RETRY_MS
        : address.http.waitMs(limits.httpRate, now);
      if (retryAfterMs > 0) {
        const refusal = rateLimited('HTTP requests', 'address', limits.httpRate, retryAfterMs);
        this.#exchange(res, address).refuseAndClose(refusal);
        return;
      }
      address.http.take();
      const problem = headProblem(req);
      if (problem !== undefined) {
        this.#exchange(res, address).refuseAndClose(problem);
        return;
      }
      if (!hosts.admits(req.getHeader('host'))) {
        const message = 'this server does not answer to that name; its operator lists names in ALLOWED_HOSTS';
        this.#exchange(res, address).refuseAndClose(
          wireError('forbidden', message, { needs: 'host' }),
          [],
          MISDIRECTED,
        );
        return;
      }
      handle(address);
    } catch (error) {
      logger.error({ error }, 'a request could not be handled');
      closeQuietly(res);
    }
  }

  /** Counts a request; true: this address has had its share of this turn. */
  #isTurnUsed(address: AddressPresence): boolean {
    if (this.#turn.size === 0) setImmediate(() => this.#turn.clear());
    const requests = (this.#turn.get(address) ?? 0) + 1;
    this.#turn.set(address, requests);
    return requests > this.#context.limits.httpPerTurn;
  }

  #exchange(res: HttpResponse, address: AddressPresence): HttpExchange {
    const { clock, limits, logger } = this.#context;
    return new HttpExchange(res, { address, bytesPerToken: limits.httpBytesPerToken, clock, logger });
  }
}

/** For a response in an unknown state, which may be over already. */
function closeQuietly(res: HttpResponse): void {
  try {
    res.close();
  } catch {
    // It was answered or aborted: nothing is left to close.
  }
}
