import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { bookSchema } from '../../../shared/domain/account.ts';
import type { AccountDirectory, DirectoryEntry } from '../../ports/accountDirectory.ts';
import { writeWhole } from './wholeFile.ts';

const FILE = 'accounts.json';
const schema = z.object({
  version: z.literal(1),
  accounts: z.array(
    z.object({
      accountId: z.string(),
      name: z.string(),
      deskId: z.string(),
      venue: z.string(),
      book: bookSchema,
    }),
  ),
});

/** `accounts.json` in the data directory: which account is where. */
export class AccountDirectoryFile implements AccountDirectory {
  readonly #dataDir: string;
  /** Of what was written last. */
  #last = '';

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async save(entries: Parameters<AccountDirectory['save']>[0]): Promise<void> {
    // A line for each: there may be many, and what is not read yet is not in memory.
    const lines: string[] = [];
    for await (const part of entries) for (const entry of part) lines.push(JSON.stringify(entry));
    const text = `{"version":1,"accounts":[\n${lines.sort().join(',\n')}\n]}\n`;
    const digest = createHash('sha256').update(text).digest('hex');
    if (digest === this.#last) return;
    await mkdir(this.#dataDir, { recursive: true, mode: 0o700 });
    await writeWhole(join(this.#dataDir, FILE), text);
    this.#last = digest;
  }

  /** Empty when no server has written it yet. Throws on a file that cannot be understood. */
  async read(): Promise<DirectoryEntry[]> {
    const path = join(this.#dataDir, FILE);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    try {
      return schema.parse(JSON.parse(text)).accounts;
    } catch {
      throw new Error(`${path} is damaged: name the account with --venue-account`);
    }
  }
}
