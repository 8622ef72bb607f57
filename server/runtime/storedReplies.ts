import type { BotReason } from '../../shared/domain/botReason.ts';
import type { Denial } from '../../shared/domain/denial.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import { told } from './firstVersion/sentences.ts';

/** A denial as servers wrote it down whose log has version 1. */
interface OldDenial {
  message: string;
}

/** Reads the answer to a command. One of an older server says as a sentence what is a code with its figures now. */
export function decodeReply(text: string): CommandReply {
  // Written by the appender from a CommandReply.
  const reply = JSON.parse(text) as CommandReply;
  if (reply.ok) return { ...reply, result: withReasons(reply.result) };
  const { details } = reply.error as { details: { denials?: (Denial | OldDenial)[] } };
  if (details.denials === undefined) return reply;
  const denials = details.denials.map(denialOf);
  return { ...reply, error: { ...reply.error, details: { ...details, denials } } as typeof reply.error };
}

function denialOf(denial: Denial | OldDenial): Denial {
  return 'figures' in denial ? denial : { limit: 'told', figures: { text: denial.message } };
}

/** Of `bots.startAll`: why bots were not started. */
function withReasons(result: unknown): unknown {
  const { refusals } = result as { refusals?: Record<string, BotReason | string> };
  if (refusals === undefined) return result;
  const now = Object.entries(refusals).map(
    ([botId, why]) => [botId, typeof why === 'string' ? told(why) : why] as const,
  );
  return { ...(result as object), refusals: Object.fromEntries(now) };
}
