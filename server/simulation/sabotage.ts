import type { inputsNow } from '../core/bot/barsDue.ts';
import type { Context } from '../core/context.ts';
import type { Decision, decide } from '../core/decide.ts';
import type { Desk } from '../core/desk.ts';
import type { Effect } from '../core/effects.ts';
import type { Input } from '../core/inputs.ts';
import type { DeskAppend } from '../ports/deskLog.ts';
import type { Chance, Strike } from './faults.ts';
import type { PutBack } from './mutants/replacing.ts';
import type { World } from './world.ts';

/** A deliberate breakage of one run, to see it caught. What is not given is done as ever. */
export interface Sabotage {
  /** Faults that strike often in this run: what the breakage needs to show. */
  often?: readonly (Chance | Strike)[];
  /** Replaces methods of the product for as long as the run takes. */
  parts?(world: World): PutBack;
  /** Instead of the core's decision. */
  decide?(core: typeof decide, desk: Desk, input: Input, context: Context): Decision;
  /** Instead of the bars and other inputs that are due. */
  due?(real: typeof inputsNow, ...args: Parameters<typeof inputsNow>): ReturnType<typeof inputsNow>;
  /** Instead of what goes to the log. */
  append?(append: DeskAppend): DeskAppend;
  /** Frames go out when they are made, before they are committed. */
  publishesEarly?: boolean;
  /** Effects run when they are decided, before what they follow from is committed. */
  actsEarly?: boolean;
  /** What was latched after it was decided leaves all the same. */
  sendsWithdrawn?: boolean;
  /** Writes of this type leave when their wait is over without anybody asking again. */
  sendsAfterWait?: Effect['type'];
  /** Writes leave for the venue although the lease of their process is over. */
  ignoresLease?: boolean;
  /** An append whose answer was lost counts as stored. */
  believesLost?: boolean;
  /** The log takes appends of whoever sends them. */
  neverFences?: boolean;
  /** Commands are decided each time they arrive. */
  forgetsCommands?: boolean;
  /** A read that gets no answer is waited for for ever. */
  waitsForReads?: boolean;
  /** Instead of the pause before a desk whose decisions fail is recovered, ms. */
  recoveryPauseMs?(real: number): number;
  /** Whether a desk that waits for its recovery takes nothing at all. */
  stuckTakesNothing?: boolean;
  /** Decisions measure by the wall clock, which stands still until it has caught up with where it was. */
  waitsForWallClock?: boolean;
  /** What folds frames leaves some of them out. */
  skipsFrames?: boolean;
  /** Frames of one desk are sent to the devices of another. */
  misdelivers?: boolean;
}
