import { type WireError, wireError } from '../../shared/protocol/errors.ts';
import type { OpClass } from '../../shared/protocol/ops/define.ts';
import type { GatewayLimits, Rate } from './limits.ts';
import type { Socket } from './socket.ts';
import { TokenBucket } from './tokenBucket.ts';

/**
 * Takes one request from every budget it counts against, or says which one is empty and takes nothing. Exits have a
 * budget of their own per connection and user and touch no other: whatever else a device floods, it can still stop.
 * Acks count against the connection only.
 */
export function rateRefusal(
  socket: Socket,
  kind: OpClass | 'ack',
  limits: GatewayLimits,
  now: number,
): WireError | undefined {
  const user = socket.session.state === 'live' ? socket.session.user : undefined;
  if (kind === 'exit' && user !== undefined) {
    socket.exitBucket ??= new TokenBucket(limits.exitConnectionRate, now);
    return takeAll(now, [
      { of: 'connection (exits)', bucket: socket.exitBucket, rate: limits.exitConnectionRate },
      { of: 'user (exits)', bucket: user.exitBucket, rate: limits.exitUserRate },
    ]);
  }
  socket.bucket ??= new TokenBucket(limits.connectionRate, now);
  const budgets: Budget[] = [{ of: 'connection', bucket: socket.bucket, rate: limits.connectionRate }];
  if (kind !== 'ack') {
    if (user !== undefined) budgets.push({ of: 'user', bucket: user.bucket, rate: limits.userRate });
    budgets.push({ of: 'address', bucket: socket.address.bucket, rate: limits.addressRate });
  }
  return takeAll(now, budgets);
}

interface Budget {
  of: string;
  bucket: TokenBucket;
  rate: Rate;
}

function takeAll(now: number, budgets: readonly Budget[]): WireError | undefined {
  for (const { of, bucket, rate } of budgets) {
    if (bucket.waitMs(rate, now) > 0) return rateLimited('requests', of, rate, bucket.promiseMs(rate, now));
  }
  for (const { bucket } of budgets) bucket.take();
  return undefined;
}

/** `what` was too much for the budget of `of`. */
export function rateLimited(what: string, of: string, rate: Rate, retryAfterMs: number): WireError {
  const allowed = `${rate.perSecond}/s, ${rate.burst} at once`;
  const message = `too many ${what} of this ${of}; try again in ${retryAfterMs} ms`;
  const limit = `${what} per ${of}`;
  return wireError('rate_limited', message, { limit, actual: null, allowed, retryAfterMs });
}
