import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { wireErrorSchema } from '../../shared/protocol/errors.ts';
import { FRAME_KINDS, frameSchemas } from '../../shared/protocol/frames.ts';
import { isOpName, ops } from '../../shared/protocol/ops.ts';
import { pushes } from '../../shared/protocol/pushes.ts';
import type { WebSocketFactory } from '../../shared/sdk/webSocket.ts';
import { overheard } from './overheard.ts';

type Message = Record<string, unknown>;

/** Holds whatever a server says on one connection against the protocol, strictly. */
export class WireLaw {
  readonly #asked = new Map<string, string>();

  sent(text: string): void {
    const request = parsed(text);
    if (typeof request?.id === 'string' && typeof request.op === 'string')
      this.#asked.set(request.id, request.op);
  }

  /** Throws where the message is not as agreed: a field too few, too many, or of another type. */
  received(text: string): void {
    const message = parsed(text);
    if (message === undefined) throw new Error(`no JSON object: ${text}`);
    const problem = 'id' in message ? this.#replyProblem(message) : pushProblem(message);
    if (problem !== undefined) throw new Error(`${problem}; it was said: ${text.slice(0, 2_000)}`);
  }

  #replyProblem({ id, ok, result, error }: Message): string | undefined {
    const op = this.#asked.get(String(id));
    this.#asked.delete(String(id));
    if (ok !== true) return misfit(wireErrorSchema, error, `the refusal of ${op}`);
    return op !== undefined && isOpName(op)
      ? misfit(ops[op].result, result, `the result of ${op}`)
      : `a result of nothing that was asked: ${id}`;
  }
}

/** Sockets of this factory are held to the protocol. */
export function lawful(factory: WebSocketFactory): WebSocketFactory {
  return overheard(factory, () => {
    const law = new WireLaw();
    return { sent: (text) => law.sent(text), received: (text) => law.received(text) };
  });
}

function pushProblem(push: Message): string | undefined {
  const kind = String(push.kind);
  const frame = FRAME_KINDS.find((known) => known === kind);
  if (frame !== undefined) return misfit(frameSchemas[frame], push, `the frame ${kind}`);
  const name = `${String(push.ch).split(':')[0]}/${kind}`;
  const known = Object.entries(pushes).find(([one]) => one === name)?.[1];
  return known === undefined ? `${name} is no push` : misfit(known.message, push, `the push ${name}`);
}

/** What the schema leaves out in reading was not agreed. */
function misfit(schema: z.ZodType, value: unknown, what: string): string | undefined {
  const read = schema.safeParse(value);
  if (!read.success) return `${what} is not as agreed: ${read.error.message}`;
  return isDeepStrictEqual(read.data, value) ? undefined : `${what} has more than was agreed`;
}

function parsed(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}
