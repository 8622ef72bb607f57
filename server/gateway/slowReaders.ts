import { CLOSE } from '../../shared/protocol/closeCodes.ts';
import type { Logger } from '../ports/logger.ts';
import type { GatewayLimits } from './limits.ts';
import type { Socket } from './socket.ts';

/** A socket that left its latest-wins topics comes back when no more than this share of the limit is buffered. */
const DRAINED_SHARE = 1 / 8;

/**
 * One look at a socket that does not read fast enough: first it gets only what is ordered, then it is closed and must
 * resume. Whatever was dropped on the way closes it too: nothing ordered is ever skipped.
 */
export function checkSlowReader(socket: Socket, limits: GatewayLimits, logger: Logger): void {
  if (socket.dropped) {
    socket.close(CLOSE.slowReader, 'a message was dropped');
    return;
  }
  const bytes = socket.bufferedBytes;
  if (bytes > limits.closeAboveBytes) {
    socket.close(CLOSE.slowReader, 'slow reader');
  } else if (bytes > limits.conflateAboveBytes) {
    if (!socket.slow) socket.pauseLatest();
  } else if (socket.slow && bytes <= limits.conflateAboveBytes * DRAINED_SHARE) {
    resume(socket, logger);
  }
}

function resume(socket: Socket, logger: Logger): void {
  const preparing = socket.channels.flatMap((channel) => channel.prepare() ?? []);
  if (preparing.length === 0) {
    socket.cork(() => socket.resumeLatest());
    return;
  }
  // The next look finds it prepared.
  Promise.all(preparing).catch((error: unknown) => logger.warn({ error }, 'a channel could not be prepared'));
}
