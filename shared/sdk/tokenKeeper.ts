import type { SdkClock } from './clock.ts';
import { FillwireError } from './fillwireError.ts';
import { SDK_LIMITS } from './limits.ts';
import type { ServerClock } from './serverClock.ts';
import type { SocketSession } from './socketSession.ts';
import type { TokenSource } from './tokens.ts';

interface TokenKeeperOptions {
  tokens: TokenSource;
  clock: SdkClock;
  serverClock: ServerClock;
}

/** The token of the connection: had before it opens, replaced on the open socket before it expires. */
export class TokenKeeper {
  readonly #options: TokenKeeperOptions;
  readonly #session: () => SocketSession | undefined;
  readonly #handlers: {
    /** The token source says that there is no session any more. */
    loggedOut(reason: string): void;
    /** The server did not take the new token on the open socket. */
    refused(error: FillwireError): void;
  };
  #token: string | undefined;
  #expiry = 0;
  /** How long it held when it was taken, ms. */
  #lifeMs = 0;
  #refreshing = false;
  #cancelTimer: (() => void) | undefined;

  constructor(
    options: TokenKeeperOptions,
    session: () => SocketSession | undefined,
    handlers: {
      /** The token source says that there is no session any more. */
      loggedOut(reason: string): void;
      /** The server did not take the new token on the open socket. */
      refused(error: FillwireError): void;
    },
  ) {
    this.#options = options;
    this.#session = session;
    this.#handlers = handlers;
  }

  /** A token to open a connection with; a new one when the last was refused or has expired. */
  async obtain(refreshFirst: boolean): Promise<string> {
    const { tokens } = this.#options;
    const token =
      refreshFirst && this.#token !== undefined ? await tokens.refresh(this.#token) : await tokens.current();
    this.#token = token;
    return token;
  }

  /** The server says how long the token holds, in its time, ms since 1970. */
  expiresAt(expiresAt: number): void {
    this.#expiry = expiresAt;
    const leftMs = this.#leftMs();
    this.#lifeMs = leftMs;
    // Half its life for tokens that live shorter than the usual margin; never a busy loop.
    this.#schedule(Math.max(SDK_LIMITS.tokenRetryMs, leftMs - SDK_LIMITS.refreshBeforeExpiryMs, leftMs / 2));
  }

  /**
   * `session.expiring` came; it may speak of a token that was replaced meanwhile, or of one that lives shorter than the
   * notice and has only just been taken: that one's own timer is early enough.
   */
  expiring(expiresAt: number): void {
    const isYoung = expiresAt === this.#expiry && this.#leftMs() > this.#lifeMs / 2;
    if (expiresAt >= this.#expiry && !isYoung) void this.#refresh();
  }

  #leftMs(): number {
    return this.#expiry - this.#options.serverClock.now();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #schedule(delayMs: number): void {
    this.stop();
    const stepMs = Math.min(delayMs, SDK_LIMITS.timerMaxMs);
    this.#cancelTimer = this.#options.clock.after(stepMs, () => {
      if (stepMs < delayMs) this.#schedule(delayMs - stepMs);
      else void this.#refresh();
    });
  }

  async #refresh(): Promise<void> {
    const session = this.#session();
    if (this.#refreshing || session === undefined || this.#token === undefined) return;
    this.#refreshing = true;
    this.stop();
    try {
      this.#token = await this.#options.tokens.refresh(this.#token);
    } catch (error) {
      this.#refreshing = false;
      if (session !== this.#session()) return;
      if (error instanceof FillwireError && error.code === 'unauthenticated')
        this.#handlers.loggedOut(error.message);
      // Otherwise again soon; when it never works, the server closes at expiry and the backoff takes over.
      else this.#schedule(SDK_LIMITS.tokenRetryMs);
      return;
    }
    this.#refreshing = false;
    if (session !== this.#session()) return;
    try {
      const { expiresAt } = await session.call('session.refresh', { token: this.#token });
      if (session === this.#session()) this.expiresAt(expiresAt);
    } catch (error) {
      if (session === this.#session() && error instanceof FillwireError) this.#handlers.refused(error);
    }
  }
}
