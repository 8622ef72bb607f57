import { describe, expect, it } from 'vitest';
import { clientAddress } from './clientAddress.ts';

const bytes = (...values: number[]): ArrayBuffer => new Uint8Array(values).buffer;
const PEER = bytes(127, 0, 0, 1);
const zeros = (count: number): number[] => Array<number>(count).fill(0);

describe('the address a connection counts as', () => {
  it('[WS-10] is the peer’s: IPv4 as it is, also mapped; IPv6 by its /64', () => {
    expect(clientAddress(PEER, '', 0)).toBe('127.0.0.1');
    expect(clientAddress(bytes(...zeros(10), 0xff, 0xff, 10, 1, 2, 3), '', 0)).toBe('10.1.2.3');
    expect(clientAddress(bytes(0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2, ...zeros(7), 9), '', 0)).toBe(
      '20010db800010002/64',
    );
  });

  it('[WS-10] is what the outermost trusted proxy saw; what the client wrote before it is not believed', () => {
    expect(clientAddress(PEER, '6.6.6.6, 10.0.0.9', 0)).toBe('127.0.0.1');
    expect(clientAddress(PEER, '6.6.6.6, 10.0.0.9', 1)).toBe('10.0.0.9');
    expect(clientAddress(PEER, '6.6.6.6, 10.0.0.9, 10.0.0.8', 2)).toBe('10.0.0.9');
    expect(clientAddress(PEER, 'nonsense', 1)).toBe('127.0.0.1');
  });

  it('[MET-2] [MET-3] is the peer’s where the entry is odd, or the list shorter than there are proxies', () => {
    const odd = [
      'fe80::1%a:b:c:d:e:f:g:h:i:j',
      'fe80::1%eth0',
      '127.1',
      '0x7f.0.0.1',
      '010.0.0.1',
      '[::1]',
      '1.2.3.4:80',
    ];
    for (const text of [...odd, '', ' ', ',', '::1::', '256.1.1.1', 'a'.repeat(10_000)])
      expect(clientAddress(PEER, text, 1)).toBe('127.0.0.1');
    expect(clientAddress(PEER, '10.0.0.9', 2)).toBe('127.0.0.1');
    expect(clientAddress(bytes(), '', 0)).toBe('unknown');
  });

  it('[WS-10] is the same /64 however an IPv6 address is written', () => {
    const written = ['2001:db8:1:2::9', '2001:0db8:0001:0002:aaaa:bbbb:cccc:dddd', '2001:DB8:1:2:0:0:0:1'];
    for (const text of written) expect(clientAddress(PEER, text, 1)).toBe('20010db800010002/64');
    expect(clientAddress(PEER, '::1', 1)).toBe('0000000000000000/64');
    expect(clientAddress(PEER, '::ffff:10.1.2.3', 1)).toBe('10.1.2.3');
  });
});
