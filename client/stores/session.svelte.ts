import type { Auth, AuthSession, LoginInput } from '../../shared/sdk/auth.ts';
import type { ConnectionStatus, FillwireClient } from '../../shared/sdk/client.ts';

/** Who is logged in on this page, and what follows from it for the socket. */
export class SessionStore {
  phase = $state<'restoring' | 'signed_out' | 'signed_in'>('restoring');
  session = $state.raw<AuthSession | undefined>(undefined);
  /** The server ended a session that was open on this page. */
  ended = $state(false);
  readonly #auth: Auth;
  readonly #client: Pick<FillwireClient, 'connect' | 'close' | 'onStatus'>;
  /** Whose desk the page has shown: another person's login starts from a fresh page. */
  #shownUserId: string | undefined;
  readonly #reload: () => void;

  constructor(
    auth: Auth,
    client: Pick<FillwireClient, 'connect' | 'close' | 'onStatus'>,
    reload: () => void = () => location.reload(),
  ) {
    this.#auth = auth;
    this.#client = client;
    this.#reload = reload;
    auth.onSession((session) => this.#changed(session));
    client.onStatus((status: ConnectionStatus) => {
      if (status.state === 'logged_out' && this.phase === 'signed_in') this.#changed(undefined);
    });
  }

  async restore(): Promise<void> {
    try {
      this.#changed(await this.#auth.restore());
    } catch {
      // The server cannot be asked: the login form says so when it is used.
      this.phase = 'signed_out';
    }
  }

  /** Rejects with a FillwireError. */
  async enter(how: 'login' | 'register', input: LoginInput): Promise<void> {
    this.#changed(await this.#auth[how](input));
  }

  async logout(): Promise<void> {
    this.#client.close();
    await this.#auth.logout();
    this.#reload();
  }

  #changed(session: AuthSession | undefined): void {
    if (session === undefined) {
      this.ended = this.phase === 'signed_in';
      this.phase = 'signed_out';
      this.session = undefined;
      this.#client.close();
      return;
    }
    if (this.#shownUserId !== undefined && this.#shownUserId !== session.userId) {
      this.#reload();
      return;
    }
    this.#shownUserId = session.userId;
    this.session = session;
    this.ended = false;
    this.phase = 'signed_in';
    this.#client.connect();
  }
}
