import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

/** Between two signs of life, wall ms. */
export const HEARTBEAT_EVERY_MS = 60_000;
/** A request that takes longer counts as failed, wall ms. */
const TIMEOUT_MS = 10_000;

export interface HeartbeatOptions {
  /** Called with GET; may hold a token, so it is never logged. */
  url: string;
  clock: Clock;
  logger: Logger;
  /** No sign of life while this says false: the watcher then raises its alarm. */
  isWell(): boolean;
}

/** Tells a watcher outside that the server lives and is ready. Returns what stops it. */
export function startHeartbeat(options: HeartbeatOptions): () => void {
  const { url, clock, logger, isWell } = options;
  let cancel: () => void = () => {};
  const beat = async (): Promise<void> => {
    if (isWell()) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
        (error: unknown) => error,
      );
      const failed = !(answer instanceof Response) || !answer.ok;
      if (failed)
        logger.warn(
          { status: answer instanceof Response ? answer.status : 'none' },
          'the heartbeat was not taken',
        );
    }
    cancel = clock.after(HEARTBEAT_EVERY_MS, () => void beat());
  };
  void beat();
  return () => cancel();
}
