import type { Degradation } from '../../shared/protocol/serverMessage.ts';

/** Whether the server can do its work, for those who tell its clients. */
export interface ServerHealth {
  /** Null: all is well. */
  readonly degradation: Degradation | null;
  /** Told of every change, at once. */
  onChange(listener: (degradation: Degradation | null) => void): void;
}
