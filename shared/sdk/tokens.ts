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
