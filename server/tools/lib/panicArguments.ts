import { parseArgs } from 'node:util';
import type { DirectoryEntry } from '../../ports/accountDirectory.ts';
import { printable } from './printable.ts';

export const PANIC_USAGE = `usage: npm run panic -- --account ACCOUNT [--yes] [--dry-run] [--force]
  Closes everything of one account straight at its venue, without server and database.
  --account A         its id or name; without it the accounts are listed
  --venue-account V   its id at the venue, where no server has written the accounts down
  --dry-run           shows what is open and does nothing
  --yes               does not ask
  --force             also beside a server that lives (it has an emergency stop of its own)
  Exit code: 0 the venue says flat, 1 it does not, 2 refused`;

export interface PanicArguments {
  account: string | null;
  venueAccount: string | null;
  yes: boolean;
  dryRun: boolean;
  force: boolean;
}

/** Throws in words for who typed it. */
export function readPanicArguments(argv: readonly string[]): PanicArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      account: { type: 'string' },
      'venue-account': { type: 'string' },
      yes: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
    },
  });
  return {
    account: values.account ?? null,
    venueAccount: values['venue-account'] ?? null,
    yes: values.yes,
    dryRun: values['dry-run'],
    force: values.force,
  };
}

/** The account that was named, by id or by a name that only one has. Throws with what there is. */
export function chooseAccount(
  entries: readonly DirectoryEntry[],
  { account, venueAccount }: Pick<PanicArguments, 'account' | 'venueAccount'>,
): Pick<DirectoryEntry, 'accountId' | 'name'> {
  if (venueAccount !== null) return { accountId: venueAccount, name: venueAccount };
  if (account === null) throw new Error(`name the account: --account ACCOUNT\n${listAccounts(entries)}`);
  const byId = entries.find((entry) => entry.accountId === account);
  const named = entries.filter((entry) => entry.name === account);
  const found = byId ?? (named.length === 1 ? named[0] : undefined);
  if (found !== undefined) return found;
  const why =
    named.length > 1
      ? `${named.length} accounts are called ${account}: give the id`
      : `there is no account ${account}`;
  throw new Error(`${why}\n${listAccounts(entries)}`);
}

function listAccounts(entries: readonly DirectoryEntry[]): string {
  if (entries.length === 0) {
    return 'No server has written its accounts down here (FILLWIRE_DATA_DIR). Name it with --venue-account.';
  }
  const rows = entries.map(
    ({ accountId, name, venue, book, deskId }) =>
      `  ${accountId}  ${printable(name)}  (${venue}, ${book}, of user ${deskId})`,
  );
  return ['There are:', ...rows].join('\n');
}
