import type { LeanSocket } from './leanSocket.ts';

export interface Reply {
  ok: boolean;
  result?: unknown;
  error?: { message: string; details?: { retryAfterMs?: number } };
}

/** What was asked over a socket, and who waits for the reply. */
export class Replies {
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  #sent = 0;

  /** Resolves with the reply, whatever it says. `fields`: besides `args`. */
  ask(socket: LeanSocket | undefined, op: string, args: object, fields: object = {}): Promise<Reply> {
    this.#sent += 1;
    const id = String(this.#sent);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      socket?.sendText(JSON.stringify({ id, op, args, ...fields }));
    });
  }

  /** A message that may be one of them. */
  take(text: string): void {
    const reply = JSON.parse(text) as Reply & { id?: string };
    if (reply.id === undefined) return;
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }

  /** None comes any more: all that wait are told so. */
  end(): void {
    for (const answer of this.#waiting.values()) answer({ ok: false });
    this.#waiting.clear();
  }
}
