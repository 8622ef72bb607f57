import ipaddr from 'ipaddr.js';

/**
 * Who a connection counts as: an IPv4 address, or the /64 of an IPv6 one, since a single subscriber has all of it.
 * `remote` is the peer's address as bytes; behind `trustedHops` proxies the address that the outermost of them saw.
 * Whatever is no plain address, and a list with fewer entries than there are proxies, is the peer's.
 */
export function clientAddress(remote: ArrayBuffer, forwarded: string, trustedHops: number): string {
  if (trustedHops > 0) {
    // Each trusted proxy appended one entry; what stands before those was written by the client itself.
    const seen = forwarded.split(',').at(-trustedHops)?.trim();
    const address = seen === undefined ? undefined : plainAddress(seen);
    if (address !== undefined) return networkOf(address);
  }
  const bytes = [...new Uint8Array(remote)];
  // A peer that is gone already has no address.
  return bytes.length === 0 ? 'unknown' : networkOf(ipaddr.fromByteArray(bytes));
}

/** Addresses as proxies write them; neither zones nor the shorthands and octal numbers of old. */
function plainAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return !text.includes('%') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

function networkOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  return `${Buffer.from(address.toByteArray().slice(0, 8)).toString('hex')}/64`;
}
