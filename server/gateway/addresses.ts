import type { GatewayLimits } from './limits.ts';
import { TokenBucket } from './tokenBucket.ts';

/** What connections of one address share. */
export interface AddressPresence {
  readonly address: string;
  sockets: number;
  /** Connections it opens, whether or not it says anything on them. */
  readonly openings: TokenBucket;
  readonly bucket: TokenBucket;
  /** Whatever its sockets send, of whatever kind. */
  readonly input: TokenBucket;
  /** Its HTTP requests, upgrades among them. */
  readonly http: TokenBucket;
  /** Wall time of its last request or its last socket's end, ms. */
  idleSince: number;
}

export type AddressRates = Pick<
  GatewayLimits,
  'newConnectionRate' | 'addressRate' | 'addressInputRate' | 'httpRate'
>;

/** How long an address without sockets is remembered, so that its budget is not new with every connection. */
const FORGET_AFTER_MS = 60_000;

export class Addresses {
  readonly #known = new Map<string, AddressPresence>();
  readonly #rates: AddressRates;

  constructor(rates: AddressRates) {
    this.#rates = rates;
  }

  of(address: string, now: number): AddressPresence {
    let presence = this.#known.get(address);
    if (presence === undefined) {
      const { newConnectionRate, addressRate, addressInputRate, httpRate } = this.#rates;
      presence = {
        address,
        sockets: 0,
        openings: new TokenBucket(newConnectionRate, now),
        bucket: new TokenBucket(addressRate, now),
        input: new TokenBucket(addressInputRate, now),
        http: new TokenBucket(httpRate, now),
        idleSince: now,
      };
      this.#known.set(address, presence);
    }
    presence.idleSince = now;
    return presence;
  }

  sweep(now: number): void {
    for (const [address, { sockets, idleSince }] of this.#known) {
      if (sockets === 0 && now - idleSince >= FORGET_AFTER_MS) this.#known.delete(address);
    }
  }
}
