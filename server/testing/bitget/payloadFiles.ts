import { payloadNames, payloadText, readPayload } from './payloads.ts';

/** A documented answer or push, with how it comes about. */
export interface PayloadFile {
  name: string;
  kind: 'answer' | 'push';
  /** Of an answer. */
  method: string;
  path: string;
  /** The answer, or the push. */
  payload: unknown;
  /** Of a push: what is sent before it and what is replied, in order. */
  said: { from: 'client' | 'server'; message: unknown }[];
}

export function payloadFiles(family: 'v2' | 'v3'): PayloadFile[] {
  return payloadNames(family)
    .sort()
    .map((name) => {
      const text = payloadText(family, name);
      const payload: unknown = JSON.parse(readPayload(family, name).body);
      if (name.startsWith('push.'))
        return { name, kind: 'push', method: '', path: '', payload, said: scriptOf(text) };
      const [method = '', path = ''] = text.split(/\r?\n/);
      return { name, kind: 'answer', method: method.trim(), path: path.trim(), payload, said: [] };
    });
}

const scriptOf = (text: string): PayloadFile['said'] =>
  [...text.matchAll(/^([<>]) (\{.*\})\s*$/gm)].map(([, mark, json]) => ({
    from: mark === '>' ? 'client' : 'server',
    message: JSON.parse(json ?? '') as unknown,
  }));
