import type { VenueRefusal } from '../../../../shared/domain/cause.ts';

/**
 * What went wrong with a call, as far as anybody who made it has to tell the cases apart:
 * - `not_sent`: nothing left this machine
 * - `no_answer`: none came in time, or the connection broke
 * - `no_sense`: an answer that is none of this exchange's, or not of this call: HTML, an empty body, another shape
 * - `uncertain`: it answered that it does not know itself what became of the call
 * - `maintenance`: it takes nothing now
 * - `rate_limited`: too much was asked, by us or by others behind this address
 * - `clock`: signed with a time that it does not accept
 * - `keys`: unknown key, wrong secret or passphrase
 * - `address`: the key may not be used from here
 * - `permission`: the key may not do this
 * - `can_withdraw`: the key may do too much, and is not used
 * - `wrong_family`, `wrong_environment`: the account is of the other API, or the key of the other environment (demo, live)
 * - `account_moving`: the account is being changed from one family or mode to another
 * - `refused`: refused for what was asked, with the port's word for it
 */
export type BitgetFault =
  | {
      kind:
        | 'not_sent'
        | 'no_answer'
        | 'no_sense'
        | 'uncertain'
        | 'maintenance'
        | 'clock'
        | 'keys'
        | 'address'
        | 'permission'
        | 'can_withdraw'
        | 'wrong_family'
        | 'wrong_environment'
        | 'account_moving';
    }
  | { kind: 'rate_limited'; retryAfterMs: number }
  | { kind: 'refused'; as: VenueRefusal };

export interface FaultDetails {
  /** The exchange's own code; null: it gave none. */
  code: string | null;
  /** What is said of it, without anything of a key. */
  message: string;
}

/** The only error that calls to the exchange throw. Holds nothing of a key, nor what was sent. */
export class BitgetError extends Error {
  override name = 'BitgetError';
  readonly fault: BitgetFault;
  readonly code: string | null;

  constructor(fault: BitgetFault, { code, message }: FaultDetails) {
    super(code === null ? message : `${message} (${code})`);
    this.fault = fault;
    this.code = code;
  }

  /** Whether a write that ended so may still have happened, or happen. */
  get mayHaveHappened(): boolean {
    const { kind } = this.fault;
    return kind === 'no_answer' || kind === 'no_sense' || kind === 'uncertain';
  }
}
