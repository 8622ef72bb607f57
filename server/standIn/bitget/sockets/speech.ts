import type { Exchange } from '../exchange/exchange.ts';
import type { AccountEvent } from '../exchange/records.ts';
import type { Family, User } from '../exchange/user.ts';

/** What somebody subscribed to, as it was asked for. */
export interface Topic {
  /** Echoed in every push. */
  arg: Record<string, string>;
  name: string;
  /** Empty: of the account. */
  symbol: string;
  isPrivate: boolean;
}

export interface Push {
  action: 'snapshot' | 'update';
  arg: Record<string, string>;
  data: unknown[];
}

/** What the sockets of one family of the API say. */
export interface Speech {
  family: Family;
  /** Undefined: there is no such topic. */
  topicOf(arg: Record<string, unknown>, exchange: Exchange): Topic | undefined;
  /** Sent on subscribing; undefined: nothing is. */
  first(topic: Topic, exchange: Exchange, user: User | undefined): Push | undefined;
  /** What is told of an account's events, in order. */
  told(topic: Topic, events: readonly AccountEvent[], user: User): Push[];
  /** What the market brings; undefined: nothing. */
  market(topic: Topic, exchange: Exchange): Push | undefined;
}
