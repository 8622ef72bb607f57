import type { DeskFrame } from '../../shared/protocol/frames.ts';

/** Times of a batch on its way, ms on the owner's wall clock, keyed by seq of the fills in it. */
export interface BatchTimes {
  committedAt: number;
}

export type BusMessage =
  | { type: 'frames'; deskId: string; frames: DeskFrame[]; times: BatchTimes }
  /** Published by the owner of the desks each second, so that even a lost last event is noticed. */
  | { type: 'heads'; epoch: string; heads: Record<string, number> }
  /**
   * Anything latest-wins or ephemeral: pnl and log lines of a desk. `channel` is the push's `ch` (`pnl`,
   * `log:<botId>`), `payload` the JSON text of the whole push, sent to sockets as it is.
   */
  | { type: 'notice'; deskId: string; channel: string; payload: string }
  /** A session, device or user was revoked: their sockets close, on every process. */
  | { type: 'revoked'; userId: string; deviceId: string | null; sessionId: string | null };

/** Names what was revoked: one session, one device, or (both null) all of a user's. */
export type Revocation = Omit<Extract<BusMessage, { type: 'revoked' }>, 'type'>;

export interface EventPublisher {
  /** Whether what is published now arrives anywhere. */
  readonly isConnected: boolean;
  /** Fire and forget: what is lost is noticed by heads and read from the log. */
  publish(message: BusMessage): void;
}

export interface EventStream {
  /** Whether anything can arrive now. */
  readonly isConnected: boolean;
  /**
   * Messages of desks that are followed, in the order published per desk; may lose some, never reorders. `onReset`
   * after (re)connecting: whatever was published meanwhile is lost.
   */
  listen(handler: (message: BusMessage) => void, onReset: () => void): void;
  follow(deskId: string): Promise<void>;
  unfollow(deskId: string): Promise<void>;
  close(): Promise<void>;
}
