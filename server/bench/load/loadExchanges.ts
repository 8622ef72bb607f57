/** A frame each socket sends after opening, in which `{index}` and `{token}` are filled in. */
export interface LoadStep {
  text: string;
  /** The reply whose arrival ends the step contains this; null: nothing is waited for. */
  replyContains: string | null;
}

export interface OpenRequest {
  port: number;
  path: string;
  sockets: number;
  /** Socket i takes token i mod length. */
  tokens: string[];
  steps: LoadStep[];
  /** Sockets per loopback address. */
  socketsPerAddress: number;
  /** Where to report how many data frames came, every few milliseconds; null: nowhere. */
  reportPort: number | null;
}

/** Frames that contain `marker` are timed: the numbers after `fields` come along. */
export interface WatchRequest {
  marker: string;
  fields: string[];
}

/** One timed frame: the numbers after the fields, the socket's index, the wall time of its arrival, ms with fraction. */
export type TimedFrame = number[];

/** What can be asked of processes/loadClients.ts. */
export type LoadExchanges = {
  open: {
    request: OpenRequest;
    answer: { opened: number; failed: number; elapsedMs: number; firstFailure: string | null };
  };
  /** Sets the counts to zero. */
  reset: { request: object; answer: object };
  count: { request: object; answer: { frames: number; bytes: number; closed: number } };
  watch: { request: WatchRequest; answer: object };
  /** Since `watch`, at most a million. */
  watched: { request: object; answer: { timed: TimedFrame[]; missed: number } };
};
