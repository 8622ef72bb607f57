import type { Clock } from '../../../ports/clock.ts';
import type { RawAnswer } from '../answers/answer.ts';
import { BitgetError } from '../errors/bitgetError.ts';

export interface HttpCall {
  /** For messages: without parameters. */
  call: string;
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
}

/** Failures before anything of the call has left. */
const NOT_SENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED'],
  ...['UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
]);
/** Longest answer that is read: all instruments are a tenth of it. */
const MAX_ANSWER_CHARS = 16_000_000;

/**
 * One request, one answer, no repetition: a write may have been taken although its answer was lost. What fails is told as
 * `not_sent` or `no_answer`, without the request.
 */
export async function sendHttp(
  clock: Clock,
  { call, url, timeoutMs, ...rest }: HttpCall,
): Promise<RawAnswer> {
  const abort = new AbortController();
  const cancel = clock.after(timeoutMs, () => abort.abort());
  try {
    const { method, headers, body } = rest;
    const response = await fetch(url, {
      method,
      headers,
      ...(method === 'POST' ? { body } : {}),
      // Signed for this address alone.
      redirect: 'manual',
      signal: abort.signal,
    });
    const text = await readBounded(response);
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : undefined;
    return {
      call,
      status: response.status,
      body: text,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  } catch (error) {
    throw failureOf(call, error, abort.signal.aborted);
  } finally {
    cancel();
  }
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER_CHARS) return '';
  }
  return text + decoder.decode();
}

function failureOf(call: string, error: unknown, isLate: boolean): BitgetError {
  const code = isLate ? 'timeout' : codeOf(error);
  const kind = NOT_SENT.has(code) ? 'not_sent' : 'no_answer';
  return new BitgetError({ kind }, { code: null, message: `${call}: no answer (${code})` });
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const code = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' ? code : 'failed';
}
