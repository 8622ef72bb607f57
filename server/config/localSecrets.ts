import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeKey } from './environment.ts';

/** What a server must keep secret and the same over restarts. */
export interface Secrets {
  /** Signs access tokens. */
  jwtSecret: string;
  /** 32 bytes; encrypts venue keys at rest. */
  encryptionKey: Uint8Array;
  /** Those that it took the place of: they open what is not encrypted anew yet. */
  formerEncryptionKeys: readonly Uint8Array[];
  /** Lets a server trade at a venue process; null: none was configured. */
  venueToken: string | null;
}

const storedSchema = z.object({
  jwtSecret: z.string().min(32),
  encryptionKey: z.string().refine((text) => decodeKey(text) !== undefined),
  venueToken: z.string().min(32),
});
type StoredSecrets = z.infer<typeof storedSchema>;

const OWNER_ONLY = 0o600;
/** Others may pass through (the embedded database runs as a user of its own) but not list. */
const PASS_THROUGH = 0o711;

export const secretsPath = (dataDir: string): string => join(dataDir, 'secrets.json');

/**
 * The data directory's secrets, made on the first start. Two servers that start at once agree: whoever links the file
 * first wins, the other reads it. Throws when the directory cannot be written or the file is damaged.
 */
export function loadLocalSecrets(dataDir: string): Omit<Secrets, 'formerEncryptionKeys'> {
  const path = secretsPath(dataDir);
  if (!existsSync(path)) createSecrets(dataDir, path);
  chmodSync(path, OWNER_ONLY);
  const stored = readStored(path);
  const encryptionKey = decodeKey(stored.encryptionKey);
  if (encryptionKey === undefined) throw new Error(`${path} is damaged`);
  return { jwtSecret: stored.jwtSecret, encryptionKey, venueToken: stored.venueToken };
}

function createSecrets(dataDir: string, path: string): void {
  mkdirSync(dataDir, { recursive: true, mode: PASS_THROUGH });
  const stored: StoredSecrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    encryptionKey: randomBytes(32).toString('base64'),
    venueToken: randomBytes(32).toString('base64url'),
  };
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${JSON.stringify(stored, null, 2)}\n`, { mode: OWNER_ONLY, flag: 'wx', flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readStored(path: string): StoredSecrets {
  try {
    return storedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    // The cause would quote what it could not parse.
    throw new Error(
      `${path} is damaged: restore it from a backup, or remove it to get new secrets (ends all sessions, and keys of exchanges have to be set again)`,
    );
  }
}
