import type { WireError } from '../../shared/protocol/errors.ts';
import type { GatewayLimits } from './limits.ts';
import { rateLimited } from './rateRefusal.ts';
import type { Socket } from './socket.ts';
import { TokenBucket } from './tokenBucket.ts';

/**
 * Takes what a frame of `bytes` costs, before anything of it is read, or says which budget is empty. Who has
 * authenticated is not held to what others of its address send: somebody behind the same router must not be able to
 * cut a trader off.
 */
export function inputRefusal(
  socket: Socket,
  bytes: number,
  limits: GatewayLimits,
  now: number,
): WireError | undefined {
  const { inputRate, addressInputRate, inputBytesPerToken } = limits;
  socket.inputBucket ??= new TokenBucket(inputRate, now);
  const waitMs = socket.inputBucket.waitMs(inputRate, now);
  if (waitMs > 0) return rateLimited('frames', 'connection', inputRate, waitMs);
  const addressWaitMs = socket.address.input.waitMs(addressInputRate, now);
  if (addressWaitMs > 0 && socket.session.state !== 'live')
    return rateLimited('frames', 'address', addressInputRate, addressWaitMs);
  const cost = 1 + bytes / inputBytesPerToken;
  socket.inputBucket.take(cost);
  if (addressWaitMs === 0) socket.address.input.take(cost);
  return undefined;
}
