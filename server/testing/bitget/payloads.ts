import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../adapters/bitget/payloads/', import.meta.url));

/** What a documented exchange of messages ends with. */
export interface Payload {
  /** Of a call: its data. Of a push: its list. */
  data: unknown;
  /** Of a push: what it is of, and when. */
  arg: Record<string, string>;
  ts: number;
  /** The whole of it. */
  body: string;
}

/** Names of all payloads of a family. */
export const payloadNames = (family: 'v2' | 'v3'): string[] =>
  readdirSync(`${FOLDER}${family}`)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => name.slice(0, -'.txt'.length));

export const payloadText = (family: 'v2' | 'v3', name: string): string =>
  readFileSync(`${FOLDER}${family}/${name}.txt`, 'utf8');

/** A call: its path and parameters, then the answer. A push: what is sent (`>`) and replied (`<`), then the push (`=`). */
export function readPayload(family: 'v2' | 'v3', name: string): Payload {
  const text = payloadText(family, name);
  const body = text.slice(text.search(/^(= *)?\{/m)).replace(/^= */, '');
  const pushed = /^= *$/m.exec(text);
  const message = pushed === null ? body : text.slice(pushed.index + pushed[0].length);
  const { data, arg, ts } = JSON.parse(message) as Partial<Payload>;
  return { data, arg: arg ?? {}, ts: ts ?? 0, body: message };
}
