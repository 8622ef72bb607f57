import type { Rate } from './limits.ts';
import { TokenBucket } from './tokenBucket.ts';

/** What connections of one address share. */
export interface AddressPresence {
  readonly address: string;
  sockets: number;
  bucket: TokenBucket;
  /** Wall time of its last socket's end, ms. */
  idleSince: number;
}

/** How long an address without sockets is remembered, so that its budget is not new with every connection. */
const FORGET_AFTER_MS = 60_000;

export class Addresses {
  private readonly known = new Map<string, AddressPresence>();
  private readonly rate: Rate;

  constructor(rate: Rate) {
    this.rate = rate;
  }

  of(address: string, now: number): AddressPresence {
    let presence = this.known.get(address);
    if (presence === undefined) {
      presence = { address, sockets: 0, bucket: new TokenBucket(this.rate, now), idleSince: now };
      this.known.set(address, presence);
    }
    return presence;
  }

  sweep(now: number): void {
    for (const [address, { sockets, idleSince }] of this.known) {
      if (sockets === 0 && now - idleSince >= FORGET_AFTER_MS) this.known.delete(address);
    }
  }
}
