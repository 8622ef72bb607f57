import { wireError } from '../protocol/errors.ts';
import { FillwireError } from './fillwireError.ts';

/**
 * Where the client gets its token from. Rejections: a FillwireError `unauthenticated` means logged out; any other
 * one means try again later.
 */
export interface TokenSource {
  /** A token believed to be good, refreshed first where needed. */
  current(): Promise<string>;
  /** A new token in the place of `stale`, which was refused or is about to expire. Concurrent calls share one. */
  refresh(stale: string): Promise<string>;
}

/** For programs with an API key: there is nothing to refresh, a refused key is the end. */
export function staticToken(token: string): TokenSource {
  return {
    current: () => Promise.resolve(token),
    refresh: () => {
      const message = 'the API key was refused or expired';
      return Promise.reject(new FillwireError(wireError('unauthenticated', message, { reason: 'invalid' })));
    },
  };
}
