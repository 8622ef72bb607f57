import { badRequest, type WireError } from '../../shared/protocol/errors.ts';
import type { Headers } from './headerLines.ts';

/** Of two of these one reader takes the first and another one the last: they would see two requests. */
const SINGLE: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'host',
  'origin',
  'sec-websocket-key',
  'sec-websocket-version',
  'transfer-encoding',
]);
/** As browsers write it; `null` is a page that has none. */
const ORIGIN = /^(?:null|[a-z][a-z0-9+.-]*:\/\/[^\s,/?#@\\]+)$/i;

/** Why the head of a request is not answered; undefined: it can be read in one way only. */
export function headProblem(req: Headers): WireError | undefined {
  const found = new Map<string, string>();
  let problem: WireError | undefined;
  req.forEach((name, value) => {
    if (problem !== undefined || !SINGLE.has(name)) return;
    problem = found.has(name) ? twice(name) : valueProblem(name, value);
    found.set(name, value);
  });
  if (problem !== undefined) return problem;
  return found.has('content-length') && found.has('transfer-encoding')
    ? badRequest('headers.transfer-encoding', 'a body has a length or comes in chunks, never both', [
        'one of both',
      ])
    : undefined;
}

const twice = (name: string): WireError =>
  badRequest(`headers.${name}`, 'this header may be there once', ['one line']);

function valueProblem(name: string, value: string): WireError | undefined {
  if (name === 'content-length' && !/^\d{1,15}$/.test(value))
    return badRequest('headers.content-length', 'not a number of bytes', ['digits']);
  if (name === 'transfer-encoding' && value.toLowerCase() !== 'chunked')
    return badRequest('headers.transfer-encoding', 'this coding is not read', ['chunked']);
  if (name === 'origin' && !ORIGIN.test(value))
    return badRequest('headers.origin', 'not one origin', ['scheme://host', 'scheme://host:port', 'null']);
  return undefined;
}
