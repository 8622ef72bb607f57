import type { EventEmitter } from 'node:events';
import type { Logger } from '../../ports/logger.ts';

/** What a connection to PostgreSQL fails with. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
]);

/**
 * postgres.js asks each new connection for array types by a query of its own, whose promise nobody holds: when the
 * database ends at that moment it is rejected, and would take the process with it. The caller's own query, for which
 * the connection was opened, is rejected as well and handled where it was made. Every other stray rejection still
 * ends the process.
 */
export function surviveStrayRejections(logger: Logger, source: EventEmitter = process): void {
  source.on('unhandledRejection', (reason: unknown) => {
    const { code } = (reason ?? {}) as { code?: unknown };
    if (typeof code !== 'string' || !CONNECTION_CODES.has(code)) throw reason;
    logger.warn({ err: reason }, 'a connection to PostgreSQL failed while it was being opened');
  });
}
