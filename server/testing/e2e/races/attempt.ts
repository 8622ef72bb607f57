import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Denial } from '../../../../shared/domain/denial.ts';
import type { ErrorDetails } from '../../../../shared/domain/errorDetails.ts';
import type { OpArgsInput, OpName } from '../../../../shared/protocol/ops.ts';
import { FillwireError } from '../../../../shared/sdk/fillwireError.ts';
import type { Device } from '../trader.ts';

/** One command of one device in a race, and what it was answered. */
export interface Attempt {
  device: Device;
  op: OpName;
  /** As `changedBy` names it. */
  action: string;
  botId: string;
  commandId: string;
  expectedVersion: number | undefined;
  /** Of the accepted command; null: refused. */
  seq: number | null;
  /** What an accepted command made. */
  result: Record<string, unknown>;
  error: FillwireError | null;
}

export interface Try {
  device: Device;
  op: OpName;
  action: string;
  botId: string;
  args?: Record<string, unknown>;
  expectedVersion?: number;
  commandId?: string;
}

interface Options {
  commandId?: string;
  expectedVersion?: number;
}

/** Sends a command; one that came too fast is sent again when the server says, as the same command. */
export async function insist(
  device: Device,
  op: OpName,
  args: Record<string, unknown>,
  options: Options = {},
): Promise<Record<string, unknown>> {
  const same = { commandId: randomUUID(), ...options };
  for (;;) {
    try {
      // The op is chosen at run time; the server checks its arguments.
      const reply = await device.client.request(op, args as OpArgsInput<typeof op>, same);
      return reply as unknown as Record<string, unknown>;
    } catch (error) {
      if (!(error instanceof FillwireError) || error.code !== 'rate_limited') throw error;
      await delay(Number(error.details.retryAfterMs ?? 100));
    }
  }
}

/** Sends the command and takes down the answer; a refusal is an answer. Throws on what is neither. */
export async function attempt(wanted: Try): Promise<Attempt> {
  const { device, op, action, botId, args = { botId }, expectedVersion, commandId = randomUUID() } = wanted;
  const taken = { device, op, action, botId, commandId, expectedVersion };
  const options = expectedVersion === undefined ? { commandId } : { commandId, expectedVersion };
  try {
    const result = await insist(device, op, args, options);
    return { ...taken, seq: Number(result.seq), result, error: null };
  } catch (error) {
    if (!(error instanceof FillwireError)) throw error;
    return { ...taken, seq: null, result: {}, error };
  }
}

/** Why it was denied; empty: it was not. */
export function denialsOf({ error }: Attempt): Denial[] {
  return error?.code === 'denied' ? (error.details as ErrorDetails<'denied'>).denials : [];
}

export const isAccepted = ({ seq }: Attempt): boolean => seq !== null;
