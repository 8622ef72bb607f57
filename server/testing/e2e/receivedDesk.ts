import type { Push } from '../../../shared/protocol/serverMessage.ts';
import type { WebSocketFactory } from '../../../shared/sdk/webSocket.ts';
import { DeskFold } from '../deskFold.ts';
import { overheard } from '../overheard.ts';
import type { WireReply } from '../wireClient.ts';

/**
 * What one device receives of its desk over all of its sockets, folded and counted apart from the SDK: throws as soon
 * as a frame comes twice, is missing, or a snapshot has another hash than its view.
 */
export class ReceivedDesk {
  readonly fold = new DeskFold();
  /** Frames that came within a snapshot. */
  covered = 0;
  /** What was wrong first; undefined: nothing. */
  problem: string | undefined;

  get position(): { seq: number } {
    return this.fold.since;
  }

  hash(): string {
    return this.fold.hash;
  }

  /** Sockets of this factory are listened to. */
  tap(factory: WebSocketFactory): WebSocketFactory {
    return overheard(factory, () => ({ received: (text) => this.take(text) }));
  }

  /** A text frame from the server. */
  take(text: string): void {
    try {
      const message = JSON.parse(text) as WireReply | Push;
      if (!('id' in message)) this.fold.push(message);
      else if (message.ok && message.result.desk !== undefined) this.#join(message);
    } catch (error) {
      this.problem ??= String(error);
    }
  }

  /** Every frame up to `seq` came once: by itself or within a snapshot. */
  isComplete(seq: number): boolean {
    return this.fold.seq === seq && this.fold.seqs.length + this.covered === seq;
  }

  #join(reply: WireReply): void {
    const { snapshots, seq } = this.fold;
    this.fold.join(reply);
    if (this.fold.snapshots > snapshots) this.covered += this.fold.seq - seq;
  }
}
