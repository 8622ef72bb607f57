import { createHash } from 'node:crypto';
import { unavailable, wireError } from '../../shared/protocol/errors.ts';
import { canonicalJson } from '../../shared/view/hashView.ts';
import type { AdminDesks, AdminEnvelope, CommandReply, DeskQueries } from '../ports/deskGateway.ts';
import type { DeskLog } from '../ports/deskLog.ts';
import type { Logger } from '../ports/logger.ts';
import type { EngineCommands } from './deskCommands.ts';
import { decodeReply } from './storedReplies.ts';
import { awayReply, StoreAway, type StoreHealth } from './storeHealth.ts';

/** Desks that are asked at a time. */
const DESKS_AT_ONCE = 16;
/** Users with something open that a preview lists; the others are counted. */
const PREVIEW_USERS = 100;

export interface AdminOptions {
  commands: EngineCommands;
  queries: DeskQueries;
  log: DeskLog;
  logger: Logger;
  health: StoreHealth;
  deskIds(): Promise<string[]>;
}

interface UserOutcome {
  userId: string;
  emergencyId?: string | null;
  released?: boolean;
  error: string | null;
}

/**
 * Administrators' commands: each becomes a command of every desk concerned, decided by its own engine and kept in its own
 * log with who asked for it. The answer is stored at the administrator's desk: the same command again gets it again, and
 * one that was cut off in the middle goes on where it was, since desks know the commands they had.
 */
export class EngineAdminDesks implements AdminDesks {
  readonly #options: AdminOptions;

  constructor(options: AdminOptions) {
    this.#options = options;
  }

  /** Never waits for a store that is away: refused as users' commands are, having changed nothing. */
  async execute(request: AdminEnvelope): Promise<CommandReply> {
    const { health, logger } = this.#options;
    if (health.degradation !== null) return awayReply(health.degradation);
    const { op, args } = request;
    try {
      return await (args.preview === true ? this.#preview(args.userId) : this.#act(request));
    } catch (error) {
      if (error instanceof StoreAway) return awayReply(health.degradation);
      logger.error({ op, error: String(error) }, 'a command of an administrator could not be taken');
      return { ok: false, error: unavailable('the command could not be taken; try again') };
    }
  }

  async #act(request: AdminEnvelope): Promise<CommandReply> {
    const { op, args, commandId, actor } = request;
    const { commands, log, logger, health } = this.#options;
    const adminId = actor.userId ?? '';
    const argsHash = createHash('sha256').update(canonicalJson({ op, args })).digest('hex');
    const stored = await health.unlessAway(log.command(adminId, commandId));
    if (stored !== undefined) {
      if (stored.argsHash === argsHash) return decodeReply(stored.reply);
      const message = `commandId ${commandId} was used before with other arguments; use a new one`;
      return { ok: false, error: wireError('command_id_reused', message, { commandId }) };
    }
    const deskIds = await this.#desksOf(args.userId);
    if (deskIds.length === 0 && args.userId !== undefined) return noUser(args.userId);
    const users = await inParts(deskIds, (deskId) => this.#ask(deskId, request));
    logger.info({ adminId, op, users: deskIds.length }, 'an administrator acted on desks');
    // As the only desk whose answer is lost may be tried again, nothing is final while one could not be reached.
    if (users.some((user) => user === undefined)) {
      return unfinished('not every desk could be reached');
    }
    const command = { commandId, argsHash, receivedAt: request.receivedAt, actor };
    const noted = await commands.note(adminId, command, { users }).catch(() => null);
    if (noted !== null && (noted.ok || !noted.error.retryable)) return noted;
    // Desks have acted by now: that "nothing was done" would be untrue.
    return unfinished('what the desks answered was not stored');
  }

  /** Undefined: it may be asked again. */
  async #ask(
    deskId: string,
    { op, commandId, actor, receivedAt }: AdminEnvelope,
  ): Promise<UserOutcome | undefined> {
    const isStop = op === 'admin.emergencyStop';
    const reply = await this.#options.commands.execute(deskId, {
      op: isStop ? 'emergency.stop' : 'emergency.release',
      args: isStop ? { preview: false } : {},
      // An id of a user's own never begins like this; two administrators never share one.
      commandId: `admin:${createHash('sha256').update(`${actor.userId}|${commandId}`).digest('hex').slice(0, 40)}`,
      expectedVersion: null,
      validUntil: null,
      actor,
      receivedAt,
    });
    if (!reply.ok && reply.error.retryable) return undefined;
    const error = reply.ok ? null : reply.error.message;
    const result = reply.ok ? (reply.result as Record<string, unknown>) : {};
    return isStop
      ? {
          userId: deskId,
          emergencyId: typeof result.emergencyId === 'string' ? result.emergencyId : null,
          error,
        }
      : { userId: deskId, released: result.released === true, error };
  }

  async #preview(userId: string | undefined): Promise<CommandReply> {
    const deskIds = await this.#desksOf(userId);
    if (deskIds.length === 0 && userId !== undefined) return noUser(userId);
    const { commands } = this.#options;
    const previews = await inParts(deskIds, async (deskId) => {
      await commands.open(deskId);
      const preview = await this.#options.queries.previewEmergency(deskId, { preview: true });
      if (!('status' in preview) || preview.status !== 'preview') return undefined;
      const { status: _status, ...rows } = preview;
      return { userId: deskId, ...rows };
    });
    const open = previews
      .filter((preview) => preview !== undefined)
      .filter(({ positions, orders }) => userId !== undefined || positions.length > 0 || orders > 0);
    const users = open.slice(0, PREVIEW_USERS);
    return { ok: true, result: { status: 'preview', users, more: open.length - users.length } };
  }

  /** Only desks that exist: nobody's is opened by being asked for. */
  async #desksOf(userId: string | undefined): Promise<string[]> {
    const { log, deskIds, health } = this.#options;
    if (userId === undefined) return health.unlessAway(deskIds());
    const heads = await health.unlessAway(log.heads([userId]));
    return (heads.get(userId) ?? 0) > 0 ? [userId] : [];
  }
}

async function inParts<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < all.length; from += DESKS_AT_ONCE)
    results.push(...(await Promise.all(all.slice(from, from + DESKS_AT_ONCE).map(run))));
  return results;
}

function unfinished(why: string): CommandReply {
  const message = `${why}; the same command again goes on where this one ended`;
  return { ok: false, error: unavailable(message) };
}

function noUser(userId: string): CommandReply {
  return {
    ok: false,
    error: wireError('not_found', `there is no user ${userId} with a desk`, { what: 'user', id: userId }),
  };
}
