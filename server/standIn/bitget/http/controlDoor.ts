import { z } from 'zod';
import type { Control } from '../control.ts';

/** Where another process asks for what a test asks for in this one. */
export const CONTROL_PATH = '/stand-in/control';

const NAMES = [
  'user',
  'price',
  'tick',
  'instrument',
  'switches',
  'skew',
  'fault',
  'maintenance',
  'upgrade',
  'restart',
  'transfer',
  'holdPushes',
  'drop',
  'lag',
  'losePushes',
  'dead',
  'dropAtLogin',
  'refuseLogin',
  'loseAttachedStops',
  'ban',
  'limits',
  'deleverage',
  'tradeAgainst',
  'truth',
] as const satisfies readonly (keyof Control)[];

const askSchema = z.object({ do: z.enum(NAMES), with: z.array(z.unknown()).default([]) });

/** `{"do": "price", "with": ["BTCUSDT", "60000"]}`: one call of `Control`, answered with what it gives. */
export class ControlDoor {
  readonly path = CONTROL_PATH;
  readonly #control: Control;

  constructor(control: Control) {
    this.#control = control;
  }

  take(body: string): unknown {
    try {
      const asked = askSchema.parse(JSON.parse(body));
      const run: unknown = this.#control[asked.do];
      if (typeof run !== 'function') return undefined;
      const answer: unknown = run.apply(this.#control, asked.with);
      // A user has more to it than can be said.
      return asked.do === 'user' ? undefined : answer;
    } catch (error) {
      return { error: String(error) };
    }
  }
}
