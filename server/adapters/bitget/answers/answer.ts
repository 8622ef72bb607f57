import { z } from 'zod';
import { BitgetError, type BitgetFault } from '../errors/bitgetError.ts';
import { faultOfCode, RATE_LIMIT_PAUSE_MS } from '../errors/errorCodes.ts';
import { optionalTime } from './fields.ts';

const SUCCESS = '00000';

const envelopeSchema = z.object({
  code: z.union([z.string(), z.number()]).transform(String),
  msg: z.string().nullish(),
  requestTime: optionalTime,
  data: z.unknown().optional(),
});

/** What came back from a call, as text. */
export interface RawAnswer {
  /** The call, for messages: a path without its parameters. */
  call: string;
  status: number;
  body: string;
  /** Of the answer's headers, where it names one, ms. */
  retryAfterMs?: number;
}

/** Takes out of what the exchange says whatever must not be passed on. */
type Redact = (text: string) => string;

export interface Answered {
  data: unknown;
  /** When the exchange had the call, by its own clock. */
  requestTime: number | null;
}

/** Longest text of the exchange that is passed on. */
const MAX_TOLD_CHARS = 160;

/** When the exchange had a call that it answered, whatever it said; null: it does not say. */
export function requestTimeOf(body: string): number | null {
  return readEnvelope(body)?.requestTime ?? null;
}

/**
 * The data of an answer. Only what says success in the exchange's own words has any: what a proxy, a page of maintenance or an
 * empty body says is no answer, since it would look like an account without anything in it.
 */
export function readAnswer(
  { call, status, body, retryAfterMs }: RawAnswer,
  redact: Redact = (text) => text,
): Answered {
  const envelope = readEnvelope(body);
  if (envelope?.code === SUCCESS && status < 400)
    return { data: envelope.data ?? null, requestTime: envelope.requestTime };
  if (envelope === undefined || envelope.code === SUCCESS)
    throw new BitgetError(withoutWords(status, retryAfterMs), {
      code: null,
      message: `${call}: HTTP ${status} without an answer of the exchange`,
    });
  const fault = faultOfAnswer(envelope.code, status, retryAfterMs);
  const told = redact(envelope.msg ?? '').slice(0, MAX_TOLD_CHARS);
  throw new BitgetError(fault, { code: envelope.code, message: `${call}: ${told}` });
}

function readEnvelope(body: string): z.output<typeof envelopeSchema> | undefined {
  try {
    return envelopeSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

function withoutWords(status: number, retryAfterMs: number | undefined): BitgetFault {
  if (status === 429) return { kind: 'rate_limited', retryAfterMs: retryAfterMs ?? RATE_LIMIT_PAUSE_MS };
  return { kind: 'no_sense' };
}

function faultOfAnswer(code: string, status: number, retryAfterMs: number | undefined): BitgetFault {
  const fault = faultOfCode(code);
  if (status === 429 || fault.kind === 'rate_limited')
    return { kind: 'rate_limited', retryAfterMs: retryAfterMs ?? RATE_LIMIT_PAUSE_MS };
  // A code that nobody knows with a failure of the server: it may have begun what was asked.
  if (status >= 500 && fault.kind === 'refused' && fault.as === 'other') return { kind: 'uncertain' };
  return fault;
}

/** The data of an answer as its call gives it; anything else is `no_sense`. What came is not repeated: it may hold anything. */
export function readData<T extends z.ZodType>(call: string, schema: T, data: unknown): z.output<T> {
  const read = schema.safeParse(data);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new BitgetError(
    { kind: 'no_sense' },
    { code: null, message: `${call}: not an answer of it (${where})` },
  );
}
