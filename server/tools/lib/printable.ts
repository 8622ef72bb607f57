/** What is invisible or moves the cursor, and lone halves of pairs. */
const UNSEEN = /[\p{C}\u2028\u2029]/gu;

/** Text of a user's for an operator's terminal: it stays on its line and shows what is in it, `\u{1b}` for ESC. */
export function printable(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
