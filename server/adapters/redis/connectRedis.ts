import { Redis } from 'ioredis';
import type { Logger } from '../../ports/logger.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 10_000;
/** How often Redis is asked for a sign of life, and how long without one it counts as gone. */
const PING_EVERY_MS = 1_000;
const SILENT_MS = 3_000;
const RECONNECT_PAUSE_MIN_MS = 50;
const RECONNECT_PAUSE_MAX_MS = 1_000;

/**
 * A connection that reconnects for ever and keeps nothing for later: what cannot be sent now fails now, and what was
 * sent is never sent again. Redis is gone as well when it says nothing any more, as when it or its machine stands still.
 * Says once when Redis is gone and once when it is back.
 */
export function connectRedis(url: string, purpose: 'publish' | 'subscribe', logger: Logger): Redis {
  const redis = new Redis(url, {
    connectionName: `fillwire-${purpose}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    keepAlive: KEEP_ALIVE_MS,
    socketTimeout: SILENT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) =>
      Math.min(RECONNECT_PAUSE_MIN_MS * 2 ** Math.min(attempt, 10), RECONNECT_PAUSE_MAX_MS),
  });
  let gone = false;
  let reason = 'closed';
  redis.on('error', (error: Error) => {
    reason = error.message;
  });
  redis.on('close', () => {
    if (gone || redis.status === 'end') return;
    gone = true;
    logger.warn({ purpose, reason }, 'Redis is gone');
  });
  redis.on('ready', () => {
    if (gone) logger.info({ purpose }, 'Redis is back');
    gone = false;
  });
  const pings = setInterval(() => {
    // Its failure is told by the connection.
    if (redis.status === 'ready') redis.ping().catch(() => undefined);
  }, PING_EVERY_MS);
  redis.on('end', () => clearInterval(pings));
  return redis;
}
