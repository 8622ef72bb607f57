import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { ErrorDetails } from '../../shared/domain/errorDetails.ts';
import { type WireError, wireError } from '../../shared/protocol/errors.ts';

/** Who may make an account. The first one is always possible: without it nobody could use the server. */
export type RegistrationMode = 'open' | 'closed';

/** Without letters and digits that look alike. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const GROUPS = 4;
const GROUP_CHARS = 4;

/** A code that nobody guesses, to be typed by a person: 80 bits. */
export function newFirstAccountCode(): string {
  const group = (): string =>
    Array.from({ length: GROUP_CHARS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** Decides who may register. The code is good once, for the first account only. */
export class Registration {
  readonly #mode: RegistrationMode;
  #code: string | null;

  /** `firstAccountCode`: null where only this machine can reach the server. */
  constructor(mode: RegistrationMode, firstAccountCode: string | null) {
    this.#mode = mode;
    this.#code = firstAccountCode;
  }

  /** Runs `make` if it may be, or answers why not. Of several with the code at once one has it. */
  async admit<T extends { ok: boolean }>(
    hasUsers: boolean,
    offered: string | undefined,
    make: () => Promise<T>,
  ): Promise<T | { ok: false; error: WireError }> {
    if (hasUsers) return this.#mode === 'open' ? make() : refused('this server takes no new accounts', null);
    const code = this.#code;
    if (code === null) return make();
    if (offered === undefined || !isSame(offered, code)) {
      const why = 'the first account of this server needs the code that it printed at its start';
      return refused(offered === undefined ? why : `this is not the code; ${why}`, 'code');
    }
    // Nobody else has it from here on, unless nothing comes of it.
    this.#code = newFirstAccountCode();
    let made = false;
    try {
      const result = await make();
      made = result.ok;
      return result;
    } finally {
      if (!made) this.#code = code;
    }
  }
}

function refused(
  message: string,
  needs: ErrorDetails<'forbidden'>['needs'],
): { ok: false; error: WireError } {
  return { ok: false, error: wireError('forbidden', message, { needs }) };
}

/** Takes equally long for every wrong code; case and separators do not matter. */
function isSame(offered: string, code: string): boolean {
  const digest = (text: string): Buffer =>
    createHash('sha256')
      .update(text.toUpperCase().replace(/[^A-Z0-9]/g, ''))
      .digest();
  return timingSafeEqual(digest(offered), digest(code));
}
