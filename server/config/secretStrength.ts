/** Characters a signing secret or token needs. */
export const SECRET_MIN_CHARS = 32;
/** Characters a database or Redis password needs. */
export const PASSWORD_MIN_CHARS = 12;
/** Different characters below which a secret is a pattern, not a secret. */
const SECRET_MIN_DISTINCT = 10;
const PASSWORD_MIN_DISTINCT = 5;

/** Words of published examples and defaults. What is left without them must still be long enough to be a secret. */
const DEFAULT_WORDS =
  /change[-_ ]?(me|this|it)|your[-_ ]?(own|jwt|super|secret|key|token|password|256)|replace[-_ ]?(me|this|with)|super[-_ ]?secret|(secret|jwt|signing|encryption|api)[-_ ]?key|string[-_ ]?secret|at[-_ ]?least|bits?[-_ ]?(long|secret)|default|example|insecure|placeholder|passw[o0]rd|development|letmein|qwerty|fillwire|postgres|(in|for)[-_ ]?production/gi;

const DEFAULT_PASSWORDS = new Set([
  'admin',
  'root',
  'redis',
  'secret',
  'test',
  'user',
  'guest',
  'foobared',
  '123456',
]);

function isSequence(text: string): boolean {
  const codes = [...text].map((char) => char.codePointAt(0) ?? 0);
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return steps.filter((step) => step === 1 || step === 0).length > steps.length * 0.8;
}

function weakness(text: string, minChars: number, minDistinct: number): string | undefined {
  const withoutDefaults = text.replace(DEFAULT_WORDS, '');
  if (
    DEFAULT_PASSWORDS.has(text.toLowerCase()) ||
    (withoutDefaults !== text && withoutDefaults.length < minChars)
  ) {
    return 'is a known default or little more than one; make a random one';
  }
  if (text.length < minChars)
    return `is too short: ${text.length} characters, at least ${minChars} are needed`;
  if (new Set(text).size < minDistinct || isSequence(text))
    return 'is too regular to be a secret; make a random one';
  return undefined;
}

/** Why `text` cannot sign tokens; never repeats it. */
export function secretProblem(text: string): string | undefined {
  return weakness(text, SECRET_MIN_CHARS, SECRET_MIN_DISTINCT);
}

/** Why `text` cannot guard a database; never repeats it. */
export function passwordProblem(text: string): string | undefined {
  return weakness(text, PASSWORD_MIN_CHARS, PASSWORD_MIN_DISTINCT);
}

/** Why these 32 bytes are no key. */
export function keyProblem(key: Uint8Array): string | undefined {
  const regular = new Set(key).size < 16 || key.every((byte, index) => byte === index || byte === index + 1);
  return regular ? 'is too regular to be a key; make a random one: openssl rand -base64 32' : undefined;
}
