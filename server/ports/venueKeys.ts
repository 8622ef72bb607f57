/** Keys of an account at an exchange, as their owner gave them. Never logged, never sent, never stored like this. */
export interface KeyParts {
  apiKey: string;
  secret: string;
  passphrase: string;
}

/** Whose they are and for what: a record opens for no other. */
export interface KeyOwner {
  userId: string;
  accountId: string;
  venue: string;
}

/** All that anybody sees of keys that were set. */
export interface ShownKeys {
  /** The last characters of the api key; empty where it is too short to show any. */
  tail: string;
  /** Server wall time. */
  setAt: number;
}

/**
 * Why keys cannot be had:
 * - `sealed_with_another_key`: under an encryption key that this server was not given
 * - `damaged`: the record was changed, or moved here from another user, account or venue
 * - `of_another_user`: the account has keys that somebody else set
 */
export type VenueKeysFault = 'sealed_with_another_key' | 'damaged' | 'of_another_user';

const FAULTS: Record<VenueKeysFault, string> = {
  sealed_with_another_key:
    'the keys of an account were encrypted with another ENCRYPTION_KEY: start with that one in FORMER_ENCRYPTION_KEYS, or set the keys again',
  damaged: 'the stored keys of an account were changed or moved, and cannot be used: set them again',
  of_another_user: 'the account has keys of another user',
};

/** Says which account, and nothing of its keys. */
export class VenueKeysError extends Error {
  override name = 'VenueKeysError';
  readonly fault: VenueKeysFault;
  readonly accountId: string;
  constructor(fault: VenueKeysFault, accountId: string) {
    super(`${FAULTS[fault]} (account ${accountId})`);
    this.fault = fault;
    this.accountId = accountId;
  }
}

/** Decrypts: for adapters alone. */
export interface VenueKeyOpener {
  /** Undefined: none were set. Rejects with VenueKeysError where they cannot be opened. */
  open(accountId: string, venue: string): Promise<KeyParts | undefined>;
}

/** Keys of accounts at exchanges, encrypted at rest. */
export interface VenueKeys extends VenueKeyOpener {
  /** In the place of whatever keys the account had, in one step. */
  put(owner: KeyOwner, parts: KeyParts, at: number): Promise<ShownKeys>;
  /** Undefined: that user set none for that account. */
  tail(userId: string, accountId: string): Promise<ShownKeys | undefined>;
  /** False: there were none of that user. */
  remove(userId: string, accountId: string): Promise<boolean>;
  /** Equal for equal keys, and tells nothing of them to whoever has no encryption key. */
  fingerprint(parts: KeyParts): string;
  /** Encrypts with the present key what is under a former one. Of those counted as `closed` no given key opens the record. */
  resealAll(): Promise<{ resealed: number; closed: number }>;
}

/** As it is stored. */
export interface SealedKeys extends KeyOwner, ShownKeys {
  /** Names the encryption key, and says nothing of it. */
  keyId: string;
  nonce: Uint8Array;
  /** With its authentication tag at the end. */
  ciphertext: Uint8Array;
}

/** Where sealed keys are kept: one record an account. It can open none. */
export interface SealedKeyRows {
  /** False, and nothing is changed: the account has a record of another user. */
  put(row: SealedKeys): Promise<boolean>;
  get(accountId: string): Promise<SealedKeys | undefined>;
  /** Replaces key id, nonce and ciphertext where the record is still the one with nonce `before`. */
  reseal(row: SealedKeys, before: Uint8Array): Promise<boolean>;
  remove(userId: string, accountId: string): Promise<boolean>;
  /** Accounts whose records are under another key. */
  notUnder(keyId: string): Promise<string[]>;
}
