import { isIP } from 'node:net';

/**
 * Who a connection counts as: an IPv4 address, or the /64 of an IPv6 one, since a single subscriber has all of it.
 * `remote` is the peer's address as bytes; behind `trustedHops` proxies the address that the outermost of them saw.
 */
export function clientAddress(remote: ArrayBuffer, forwardedFor: string, trustedHops: number): string {
  if (trustedHops > 0 && forwardedFor !== '') {
    const hops = forwardedFor.split(',');
    // Each trusted proxy appended one entry; what stands before those was written by the client itself.
    const seen = hops[Math.max(0, hops.length - trustedHops)]?.trim() ?? '';
    if (isIP(seen) === 4) return seen;
    if (isIP(seen) === 6) return ipv6Network(seen);
  }
  return addressOfBytes(new Uint8Array(remote));
}

function addressOfBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const mapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.subarray(12).join('.');
  return `${Buffer.from(bytes.subarray(0, 8)).toString('hex')}/64`;
}

function ipv6Network(text: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = text.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined ? front : [...front, ...Array(8 - front.length - back.length).fill('0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => group.padStart(4, '0').toLowerCase())
    .join('')}/64`;
}
