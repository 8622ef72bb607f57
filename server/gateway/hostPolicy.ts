import ipaddr from 'ipaddr.js';

/**
 * Which names this server answers to. A page can make a name of its own lead to a server on somebody's machine or
 * network and then talk to it as if to itself; it cannot make a browser send another Host than that name.
 */
export class HostPolicy {
  readonly #names: ReadonlySet<string>;

  /** `names`: besides localhost and plain addresses, which no page can take over. */
  constructor(names: readonly string[]) {
    this.#names = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  }

  /** `host`: the header, with or without a port. */
  admits(host: string): boolean {
    const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
    if (this.#names.has(name) || ipaddr.IPv4.isValidFourPartDecimal(name)) return true;
    return name.startsWith('[') && name.endsWith(']') && ipaddr.IPv6.isValid(name.slice(1, -1));
  }
}
