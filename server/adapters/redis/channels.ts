import type { BusMessage } from '../../ports/eventBus.ts';

/** Deployments that share a Redis take different ones. */
export const DEFAULT_PREFIX = 'fillwire';

export function deskChannel(prefix: string, deskId: string): string {
  return `${prefix}:desk:${deskId}`;
}

/** For what concerns every process: heads and revocations. */
export function commonChannel(prefix: string): string {
  return `${prefix}:common`;
}

export function channelOf(prefix: string, message: BusMessage): string {
  return 'deskId' in message ? deskChannel(prefix, message.deskId) : commonChannel(prefix);
}
