import { z } from 'zod';

/** What turns the direction of text, or is drawn as nothing while no script and no emoji needs it. */
const UNSEEN = /[\p{Bidi_Control}\u00ad\u115f\u1160\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0]/u;
const KINDS: ReadonlyArray<readonly [pattern: RegExp, what: string]> = [
  [/[\p{Zl}\p{Zp}\n\r\v\f\u0085]/u, 'a line break'],
  [/\p{Cc}/u, 'a control character'],
  [/\p{Cs}/u, 'half of a character'],
  [/\p{Bidi_Control}/u, 'a mark of direction'],
  [UNSEEN, 'an invisible character'],
];
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
/** What a name may be made of, for those who are told that theirs is not. */
export const NAME_ALLOWED = 'letters, digits, punctuation, symbols, emoji and spaces';

interface NameProblem {
  problem: string;
  /** The one that it must not hold, such as `U+202E`. */
  character?: string;
}

/** What is wrong with the characters of a name; undefined: nothing. */
function nameProblem(text: string): NameProblem | undefined {
  for (const [pattern, what] of KINDS) {
    const found = pattern.exec(text)?.[0].codePointAt(0);
    if (found === undefined) continue;
    const character = `U+${found.toString(16).toUpperCase().padStart(4, '0')}`;
    return {
      problem: `a name must not hold ${character}, ${what}; allowed are ${NAME_ALLOWED}`,
      character,
    };
  }
  if (text.trim() === '' || VISIBLE.test(text)) return undefined;
  return { problem: `a name needs a character that can be seen; allowed are ${NAME_ALLOWED}` };
}

/**
 * A name that a user gives, of 1 to `most` characters: in NFC, without space around it, and of characters that look
 * alike wherever it is shown. What was stored before there was this rule is read without it.
 */
export const nameSchema = (most: number): z.ZodString =>
  z
    .string()
    .superRefine((text, context) => {
      const found = nameProblem(text);
      if (found === undefined) return;
      const { problem, ...character } = found;
      const params = { allowed: [NAME_ALLOWED], ...character };
      context.addIssue({ code: 'custom', message: problem, params });
    })
    .normalize('NFC')
    .trim()
    .min(1)
    .max(most);
