import type { z } from 'zod';
import type { CHECK_FINDINGS } from '../domain/accountCheck.ts';
import type { ALERTS } from '../domain/alert.ts';
import type { BOT_NOTES } from '../domain/botNote.ts';
import type { BOT_REASONS } from '../domain/botReason.ts';
import type { BREACHES } from '../domain/breach.ts';
import type { CAUSES } from '../domain/cause.ts';
import type { DENIALS } from '../domain/denial.ts';
import type { FOREIGN_FOUND } from '../domain/foreignFound.ts';
import type { chosenKinds } from './families.ts';

type PerCode<F> = Record<keyof F & string, string>;

/**
 * Everything the server tells, in one language: a sentence per code, `{name}` where a figure goes. A code or a choice without
 * words does not compile; that each figure is used is for words.test.ts.
 */
export interface Words {
  alert: PerCode<typeof ALERTS>;
  botReason: PerCode<typeof BOT_REASONS>;
  cause: PerCode<typeof CAUSES>;
  note: PerCode<typeof BOT_NOTES>;
  denial: PerCode<typeof DENIALS>;
  breach: PerCode<typeof BREACHES>;
  foreign: PerCode<typeof FOREIGN_FOUND>;
  check: PerCode<typeof CHECK_FINDINGS>;
  /** Something that is left, with its size; `{cause}` where there is one. */
  left: string;
  sized: string;
  /** A code without words: of a newer server. */
  newer: string;
  /** A price that is none. */
  atMarket: string;
  /** What a figure says that is one of a few. */
  choice: { [K in keyof typeof chosenKinds]: Record<z.output<(typeof chosenKinds)[K]>, string> };
}
