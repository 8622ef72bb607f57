export interface LostPush {
  apiKey?: string;
  /** Of this topic or channel; of any unless given. */
  topic?: string;
  times?: number;
}

/** What goes wrong on private sockets, as a test asks for it. */
export class PushFaults {
  #lost: { match: LostPush; left: number }[] = [];
  /** Logins that are not answered: the connection drops instead. */
  dropAtLogin = 0;
  /** Logins that are refused. */
  refuseLogin = 0;
  /** Whose private sockets stay open and are dead: no push, no answer, no pong. */
  readonly dead = new Set<string>();
  /** Whose private pushes wait until they are let go. */
  readonly held = new Set<string>();

  lose(match: LostPush): void {
    this.#lost.push({ match, left: match.times ?? 1 });
  }

  get left(): number {
    return this.#lost.reduce((total, { left }) => total + left, 0);
  }

  /** Whether this push is lost on its way. */
  takes(apiKey: string, topic: string): boolean {
    const found = this.#lost.find(
      ({ match }) =>
        (match.apiKey === undefined || match.apiKey === apiKey) &&
        (match.topic === undefined || match.topic === topic),
    );
    if (found === undefined) return false;
    found.left -= 1;
    if (found.left === 0) this.#lost = this.#lost.filter((one) => one !== found);
    return true;
  }
}
