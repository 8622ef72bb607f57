import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { VIEW_VERSION } from '../protocol/version.ts';
import type { View } from './view.ts';

/** JSON with object keys sorted by code unit: the same text for equal values, on every engine. */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/**
 * SHA-256 in hex of a view at a position. In plain JavaScript: browsers have no `crypto.subtle` on the plain-HTTP
 * addresses of a home network.
 */
export function hashView(epoch: string, seq: number, view: View): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson({ epoch, seq, viewVersion: VIEW_VERSION, view }))));
}
