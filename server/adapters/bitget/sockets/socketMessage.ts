import { z } from 'zod';
import { optionalText, optionalTime } from '../answers/fields.ts';

const argSchema = z.record(z.string(), z.unknown()).transform((arg) => {
  const text = (name: string): string | null => optionalText.safeParse(arg[name]).data ?? null;
  return {
    /** What it is of: the two APIs have two words for it. */
    topic: text('topic') ?? text('channel') ?? '',
    symbol: text('symbol') ?? text('instId'),
  };
});

/** What sockets of both APIs say: something happened to the connection or a subscription, or data of a topic. */
export const socketMessageSchema = z.object({
  event: z.string().nullish(),
  /** A number in some answers, a text in others. */
  code: optionalText,
  arg: argSchema.nullish(),
  data: z.unknown().optional(),
  ts: optionalTime,
});
export type SocketMessage = z.output<typeof socketMessageSchema>;

/** Codes of what went well. */
export const isFine = (code: string | null): boolean => code === null || code === '0' || code === '00000';
