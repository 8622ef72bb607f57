import { unavailable, type WireError, wireError } from '../../shared/protocol/errors.ts';
import type { OpArgs } from '../../shared/protocol/ops.ts';
import { deniedError } from '../../shared/words/deniedError.ts';
import type { Clock } from '../ports/clock.ts';
import type { Channel } from './channel.ts';
import type { DeskFeed, Since } from './deskFeed.ts';
import type { DeskFeeds } from './deskFeeds.ts';
import type { GatewayLimits } from './limits.ts';
import type { MarketChannels } from './marketChannels.ts';
import type { LiveSession, Socket } from './socket.ts';

export interface SubscriptionContext {
  clock: Clock;
  limits: GatewayLimits;
  feeds: DeskFeeds;
  market: MarketChannels;
  /** The devices of this user are to be reported anew. */
  onDevicesJoined: (session: LiveSession) => void;
}

/** Preparing more often than this means that something never gets ready. */
const MAX_PREPARATIONS = 10;

/** Joins and leaves channels. */
export class Subscriptions {
  readonly #context: SubscriptionContext;

  constructor(context: SubscriptionContext) {
    this.#context = context;
  }

  /**
   * Joins all of the named channels or none. Ends in one synchronous block, reply first, so that nothing published
   * falls between what the reply says and the first message after it. Resolves to the refusal, if there is one.
   */
  async subscribe(
    socket: Socket,
    session: LiveSession,
    id: string,
    args: OpArgs<'subscribe'>,
  ): Promise<WireError | undefined> {
    const names = [...new Set(args.channels)];
    const refusal = this.#refusal(socket, names);
    if (refusal !== undefined) return refusal;
    const isPrivate = names.some((name) => !isMarket(name));
    if (!isPrivate) return this.#join(socket, session, { id, names, args }, undefined);
    return this.#context.feeds.use(session.user.userId, (feed) => {
      const foreign = names.find(
        (name) => isLog(name) && !Object.hasOwn(feed.view.bots, name.slice('log:'.length)),
      );
      if (foreign !== undefined) {
        const id = foreign.slice('log:'.length);
        return wireError('not_found', `${foreign}: you have no such bot`, { what: 'bot', id });
      }
      return this.#join(socket, session, { id, names, args }, feed);
    });
  }

  unsubscribe(socket: Socket, id: string, args: OpArgs<'unsubscribe'>): void {
    for (const name of args.channels) socket.leave(name);
    socket.reply(id, { channels: socket.channels.map((channel) => channel.name) });
  }

  #refusal(socket: Socket, names: readonly string[]): WireError | undefined {
    const unknown = names.find((name) => isMarket(name) && !this.#context.market.exists(name));
    if (unknown !== undefined) return noMarket(unknown);
    const count = socket.channels.length + names.filter((name) => !socket.isIn(name)).length;
    const allowed = this.#context.limits.channelsPerConnection;
    if (count <= allowed) return undefined;
    return deniedError([{ limit: 'channels', figures: { actual: count, allowed } }]);
  }

  async #join(
    socket: Socket,
    session: LiveSession,
    { id, names, args }: { id: string; names: readonly string[]; args: OpArgs<'subscribe'> },
    feed: DeskFeed | undefined,
  ): Promise<WireError | undefined> {
    const since = feed !== undefined && names.includes('desk') ? args.since : undefined;
    const backfill =
      since !== undefined && feed?.needsBackfill(since) ? await feed.backfill(since) : undefined;
    for (let round = 0; round < MAX_PREPARATIONS; round += 1) {
      const channels = names.flatMap((name) => this.#channel(session, name, args.intervalMs, feed) ?? []);
      const preparing = channels.flatMap((channel) => channel.prepare() ?? []);
      if (preparing.length === 0) {
        // Closed, or signed out, while we read.
        if (socket.session !== session) return undefined;
        // Other channels may have been joined meanwhile.
        const refusal = this.#refusal(socket, names);
        if (refusal !== undefined) return refusal;
        const desk = feed !== undefined && names.includes('desk') ? feed.join(since, backfill) : undefined;
        this.#enter(socket, id, channels, desk);
        if (desk !== undefined && feed !== undefined) this.#noteJoin(socket, feed, since);
        if (names.includes('devices')) this.#context.onDevicesJoined(session);
        return undefined;
      }
      await Promise.all(preparing);
    }
    return unavailable('the channels did not get ready; try again');
  }

  /** The synchronous block: reply, then what each channel holds, then live. */
  #enter(socket: Socket, id: string, channels: readonly Channel[], desk: Buffer | undefined): void {
    socket.cork(() => {
      for (const channel of channels) {
        if (socket.channels.includes(channel)) continue;
        // At another interval it was in the channel under another topic: that one goes, after the new one came.
        const wasIn = socket.isIn(channel.name);
        socket.join(channel);
        if (wasIn) socket.leave(channel.name);
      }
      const joined = JSON.stringify(socket.channels.map((channel) => channel.name));
      const head = `{"id":${JSON.stringify(id)},"ok":true,"result":{"channels":${joined}`;
      if (desk === undefined) socket.send(Buffer.from(`${head}}}`));
      else socket.send(Buffer.concat([Buffer.from(`${head},"desk":`), desk, END]));
      for (const channel of channels) for (const message of channel.latest()) socket.send(message);
    });
  }

  #noteJoin(socket: Socket, feed: DeskFeed, since: Since | undefined): void {
    const now = this.#context.clock.now();
    socket.joinedSeq = feed.seq;
    socket.joinedAt = now;
    socket.ackedSeq = since?.epoch === feed.epoch && since.seq <= feed.seq ? since.seq : -1;
    socket.watchSeq = feed.seq;
    socket.watchedAt = this.#context.clock.elapsed();
  }

  #channel(
    session: LiveSession,
    name: string,
    intervalMs: number | undefined,
    feed: DeskFeed | undefined,
  ): Channel | undefined {
    if (name === 'desk') return feed;
    return isMarket(name)
      ? this.#context.market.channel(name, intervalMs)
      : session.user.channels.channel(name, intervalMs);
  }
}

const MARKET_KINDS = ['markets:', 'ticker:', 'candles:'];
const END = Buffer.from('}}');

function isMarket(name: string): boolean {
  return MARKET_KINDS.some((kind) => name.startsWith(kind));
}

function isLog(name: string): boolean {
  return name.startsWith('log:');
}

function noMarket(name: string): WireError {
  return wireError('not_found', `${name}: there is no such market`, { what: 'market', id: name });
}
