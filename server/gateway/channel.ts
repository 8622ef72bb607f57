/** Sends to every socket of a topic. */
export type Publish = (topic: string, message: Buffer) => void;

/** One joined thing that sockets share: a desk's frames, a market's ticker at one interval, a bot's log … */
export interface Channel {
  /** As on the wire. */
  readonly name: string;
  /** The topic of uWebSockets.js. Holds the owner's id where the channel is private. */
  readonly topic: string;
  /** A slow socket leaves it, and gets `latest` when it is back. */
  readonly latestWins: boolean;
  /** Sockets in it. */
  members: number;
  /** Loads what `latest` needs; null: at hand. To be repeated until null, right before `latest`. */
  prepare(): Promise<void> | null;
  /** What a socket that joins gets first, in order. */
  latest(): readonly Buffer[];
  /** The last member left: whoever keeps channels may forget it. */
  onEmpty(): void;
}
