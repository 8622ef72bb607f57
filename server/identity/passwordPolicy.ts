import type { Issue } from '../../shared/domain/errorDetails.ts';
import { COMMON_PASSWORDS } from './commonPasswords.ts';

export const PASSWORD_MIN_CHARACTERS = 10;
/** Bounds the work of one hash. */
export const PASSWORD_MAX_CHARACTERS = 256;
export const EMAIL_MAX_CHARACTERS = 254;

const EMAIL_PATTERN = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*$/;

/** The form under which an account is found: trimmed, lower case. */
export function normaliseEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Everything wrong with a new account's email and password, each with what is allowed. Empty: both will do. */
export function credentialProblems(email: string, password: string): Issue[] {
  const problems: Issue[] = [];
  const address = normaliseEmail(email);
  if (address.length > EMAIL_MAX_CHARACTERS || !EMAIL_PATTERN.test(address)) {
    problems.push({
      path: 'email',
      problem: 'expected an email address such as ada@example.com',
      allowed: [],
    });
  }
  const reason = passwordProblem(address, password);
  if (reason !== undefined) problems.push({ path: 'password', problem: reason, allowed: [] });
  return problems;
}

function passwordProblem(address: string, password: string): string | undefined {
  // Counted in code points: what a person counts as characters, near enough.
  const characters = [...password].length;
  if (characters < PASSWORD_MIN_CHARACTERS) {
    return `the password has ${characters} characters; at least ${PASSWORD_MIN_CHARACTERS} are needed`;
  }
  if (characters > PASSWORD_MAX_CHARACTERS) {
    return `the password has ${characters} characters; at most ${PASSWORD_MAX_CHARACTERS} are allowed`;
  }
  const folded = password.trim().toLowerCase();
  if (folded === address || folded === address.split('@')[0])
    return 'the password must not be the email address';
  if (COMMON_PASSWORDS.has(folded)) return 'this password is among the first that attackers try';
  if (new Set(folded).size < 3) return 'the password repeats one or two characters; use more different ones';
  return undefined;
}
