import type { DeviceInput } from '../../shared/protocol/device.ts';
import type { Auth, AuthSession } from '../../shared/sdk/auth.ts';
import type { ConnectionStatus, FillwireClient } from '../../shared/sdk/client.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';

const KNOWN_KEY = 'fillwire.returning';
const PROBE_KEY = 'fillwire.probe';

/** Whether somebody logged in here before: others are shown how to create an account first. */
export function isReturning(): boolean {
  try {
    return localStorage.getItem(KNOWN_KEY) !== null;
  } catch {
    return true;
  }
}

/** Whether this browser keeps what is stored: where it refuses, only the server's cookie can tell of a session. */
function canRemember(): boolean {
  try {
    localStorage.setItem(PROBE_KEY, '');
    localStorage.removeItem(PROBE_KEY);
    return true;
  } catch {
    return false;
  }
}

function rememberLogin(): void {
  try {
    localStorage.setItem(KNOWN_KEY, '1');
  } catch {
    // Blocked storage: the login form is shown first.
  }
}

/** Who is logged in on this page, and what follows from it for the socket. */
export class SessionStore {
  phase = $state<'restoring' | 'signed_out' | 'signed_in'>('restoring');
  session = $state.raw<AuthSession | undefined>(undefined);
  /** The server ended a session that was open on this page. */
  ended = $state(false);
  /** The server asks for its code: it has no account yet, and others can reach it. */
  needsCode = $state(false);
  readonly #auth: Auth;
  readonly #client: Pick<FillwireClient, 'connect' | 'close' | 'onStatus'>;
  /** Whose desk the page has shown: another person's login starts from a fresh page. */
  #shownUserId: string | undefined;
  readonly #device: DeviceInput;
  readonly #reload: () => void;
  readonly #remembers: () => boolean;

  constructor(
    auth: Auth,
    client: Pick<FillwireClient, 'connect' | 'close' | 'onStatus'>,
    device: DeviceInput,
    reload: () => void = () => location.reload(),
    remembers: () => boolean = canRemember,
  ) {
    this.#auth = auth;
    this.#client = client;
    this.#device = device;
    this.#reload = reload;
    this.#remembers = remembers;
    auth.onSession((session) => this.#changed(session));
    client.onStatus((status: ConnectionStatus) => {
      if (status.state === 'logged_out' && this.phase === 'signed_in') this.#changed(undefined);
    });
  }

  async restore(): Promise<void> {
    // Nobody was logged in here: there is nothing to ask the server for.
    if (this.#auth.session === undefined && this.#remembers()) {
      this.#changed(undefined);
      return;
    }
    try {
      this.#changed(await this.#auth.restore());
    } catch {
      // The server cannot be asked: a session of before is kept, and its connection is tried again and again.
      this.#changed(this.#auth.session);
    }
  }

  /** Rejects with a FillwireError. */
  async enter(how: 'login' | 'register', email: string, password: string, code = ''): Promise<void> {
    const input = { email, password, device: this.#device };
    const session =
      how === 'login' || code === '' ? this.#auth[how](input) : this.#auth.register({ ...input, code });
    this.#changed(
      await session.catch((error: unknown) => {
        if (error instanceof FillwireError && error.details.needs === 'code') this.needsCode = true;
        throw error;
      }),
    );
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
    rememberLogin();
    this.session = session;
    this.ended = false;
    this.phase = 'signed_in';
    this.#client.connect();
  }
}
