import type { Effect } from '../core/effects.ts';

/** Who runs effects once what they follow from is durable. What becomes of each comes back as an input. */
export interface EffectSink {
  run(deskId: string, effect: Effect): void;
  /** No effect is under way. */
  isIdle(): boolean;
  /** Resolves when no effect is under way. */
  settled(): Promise<void>;
}
