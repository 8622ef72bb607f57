import type { Input } from '../core/inputs.ts';
import type { Clock } from '../ports/clock.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { Logger } from '../ports/logger.ts';
import type { PanicJournals, PendingPanic } from '../ports/panicJournals.ts';
import { within } from './deadline.ts';
import type { PendingCommand } from './deskRecord.ts';

/** How long the panic journals may take to be read, ms of elapsed time: a disk that hangs keeps no desk from coming back. */
export const PANICS_READ_MS = 5_000;

export interface FoundPanicsOptions {
  clock: Clock;
  logger: Logger;
  /** What `npm run panic` did. Undefined: nobody can have panicked. */
  panics: PanicJournals | undefined;
  submit(deskId: string, input: Input, command: PendingCommand): void;
}

/** What `npm run panic` did past this process, on its way into the desks. */
export class FoundPanics {
  readonly #options: FoundPanicsOptions;

  constructor(options: FoundPanicsOptions) {
    this.#options = options;
  }

  /** What was done on these accounts and the log does not have. Never rejects: it is looked for again. */
  async pending(accountIds: MapIterator<string> | 'all'): Promise<PendingPanic[]> {
    const { panics, clock, logger } = this.#options;
    if (panics === undefined) return [];
    const asked = accountIds === 'all' ? accountIds : new Set(accountIds);
    try {
      return await within(clock, PANICS_READ_MS, 'the panic journals', panics.pending(asked));
    } catch (error) {
      logger.error({ error: String(error) }, 'the panic journals cannot be read');
      return [];
    }
  }

  /** A journal counts as read only once what follows from it is durable: until then it is given again. */
  take(deskId: string, found: PendingPanic[]): void {
    const { logger, panics, submit } = this.#options;
    for (const panic of found) {
      const { accountId } = panic.record;
      const answer = (reply: CommandReply): void => {
        if (!reply.ok) return;
        panics?.consumed(panic).catch((error: unknown) => {
          logger.error({ accountId, error: String(error) }, 'a panic journal could not be marked as read');
        });
      };
      const input = { type: 'PanicFound', accountId, panic: panic.record } as const;
      submit(deskId, input, { record: null, validUntil: null, isExit: true, answer });
    }
  }
}
