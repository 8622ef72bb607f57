import type { Context } from '../../core/context.ts';
import { type Decision, decide } from '../../core/decide.ts';
import type { Desk } from '../../core/desk.ts';
import { apply } from '../../core/fold/apply.ts';
import { deserializeDesk, serializeDesk } from '../../core/fold/snapshot.ts';
import type { Input } from '../../core/inputs.ts';

/**
 * Before a step: returns a check for after it. The same input on a desk read back from a snapshot must give the same
 * decision, byte for byte, and its events folded into another such desk must give the same desk.
 */
export function checkTwin(
  desk: Desk,
  input: Input,
  context: Context,
): (decision: Decision, after: Desk) => void {
  const before = serializeDesk(desk);
  const repeated = JSON.stringify(decide(deserializeDesk(before), structuredClone(input), context));
  return (decision, after) => {
    if (JSON.stringify(decision) !== repeated) throw new Error(`${input.type} was decided in two ways`);
    const folded = deserializeDesk(before);
    for (const event of decision.events) apply(folded, structuredClone(event));
    if (serializeDesk(folded) !== serializeDesk(after))
      throw new Error(`the events of ${input.type} do not rebuild the desk`);
  };
}
