import type { Clock } from '../../../ports/clock.ts';
import { type RawAnswer, readAnswer, requestTimeOf } from '../answers/answer.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import type { BitgetKeys } from '../errors/bitgetKeys.ts';
import type { Budget, CallLimiter, Lane } from './callLimiter.ts';
import { sendHttp } from './sendHttp.ts';
import type { ServerClock } from './serverClock.ts';

/** A call of the exchange and what it may be asked. */
export interface Endpoint {
  method: 'GET' | 'POST';
  path: string;
  /** Calls that it takes in a second, of an account, or of an address where the call needs no key. */
  perSecond: number;
}

/** What is undefined is left out; only what is posted may hold lists. */
export type CallParams = Record<string, string | number | undefined | readonly object[]>;

/** On whose behalf a call is made. */
export interface Caller {
  keys: BitgetKeys;
  /** Names the account in budgets: accounts do not share those of an endpoint. */
  accountId: string;
}

export interface CallTerms {
  lane: Lane;
  /** The exchange's time after which it must not be sent any more; null: it does not matter. */
  notAfter?: number | null;
}

export interface RestOptions {
  /** Without a path. */
  baseUrl: string;
  demo: boolean;
  clock: Clock;
  serverClock: ServerClock;
  limiter: CallLimiter;
  /** What this process may use of its address's calls, a minute. */
  addressCallsPerMinute: number;
}

/** Longest wait for an answer, and for the turn of a call, ms: both together are less than whoever asks is patient for. */
const ANSWER_MS = 5_000;
const TURN_MS = 3_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * Calls of the exchange, signed by its own clock, each sent once: only what was refused for its time alone, and so had no
 * effect, is signed again. Rejects with a BitgetError.
 */
export class RestCalls {
  readonly #options: RestOptions;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** The data of its answer. `caller`: null for what everybody may ask. */
  async call(
    endpoint: Endpoint,
    params: CallParams,
    caller: Caller | null,
    terms: CallTerms,
  ): Promise<unknown> {
    const attempt = () => this.#attempt(endpoint, params, caller, terms);
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof BitgetError && error.fault.kind === 'clock') return attempt();
      throw error;
    }
  }

  async #attempt(
    endpoint: Endpoint,
    params: CallParams,
    caller: Caller | null,
    { lane, notAfter }: CallTerms,
  ): Promise<unknown> {
    const { limiter, serverClock, clock } = this.#options;
    const { method, path } = endpoint;
    const budgets = this.#budgetsOf(endpoint, caller);
    const answered = await limiter.acquire(budgets, lane, TURN_MS);
    const sentAt = clock.elapsed();
    let answer: RawAnswer;
    try {
      if (notAfter != null && serverClock.now() > notAfter) throw tooLate(path);
      answer = await this.#send(method, path, params, caller);
    } finally {
      answered();
    }
    const requestTime = requestTimeOf(answer.body);
    try {
      const { data } = readAnswer(answer, (text) => caller?.keys.redact(text) ?? text);
      if (requestTime !== null) serverClock.heard(requestTime, sentAt, false);
      return data;
    } catch (error) {
      if (!(error instanceof BitgetError)) throw error;
      if (requestTime !== null) serverClock.heard(requestTime, sentAt, error.fault.kind === 'clock');
      if (error.fault.kind === 'rate_limited') limiter.pause(budgets[0].key, error.fault.retryAfterMs);
      throw error;
    }
  }

  #send(
    method: Endpoint['method'],
    path: string,
    params: CallParams,
    caller: Caller | null,
  ): Promise<RawAnswer> {
    const { baseUrl, demo, clock, serverClock } = this.#options;
    const query = method === 'GET' ? queryOf(params) : '';
    const body = method === 'POST' ? bodyOf(params) : '';
    const target = `${path}${query}`;
    return sendHttp(clock, {
      call: `${method} ${path}`,
      url: `${baseUrl}${target}`,
      method,
      headers: {
        'Content-Type': 'application/json',
        locale: 'en-US',
        ...(demo ? { paptrading: '1' } : {}),
        ...caller?.keys.headers(serverClock.now(), method, target, body),
      },
      body,
      timeoutMs: ANSWER_MS,
    });
  }

  /** The endpoint's comes first. */
  #budgetsOf({ path, perSecond }: Endpoint, caller: Caller | null): [Budget, Budget] {
    const whose = caller?.accountId ?? '';
    return [
      { key: `${whose} ${path}`, calls: perSecond, perMs: SECOND_MS },
      { key: 'address', calls: this.#options.addressCallsPerMinute, perMs: MINUTE_MS },
    ];
  }
}

const tooLate = (path: string) =>
  new BitgetError(
    { kind: 'refused', as: 'expired' },
    { code: null, message: `${path}: too late to be sent` },
  );

function queryOf(params: CallParams): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`;
}

/** Numbers are posted as texts. */
const bodyOf = (params: CallParams): string =>
  JSON.stringify(params, (_name, value: unknown) => (typeof value === 'number' ? String(value) : value));
