import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { systemClock } from '../adapters/clock/systemClock.ts';
import { AccountDirectoryFile } from '../adapters/files/accountDirectory.ts';
import { PanicJournalFile, type PanicStep } from '../adapters/files/panicJournal.ts';
import { createPinoLogger } from '../adapters/logging/pinoLogger.ts';
import { findRunningPostgres } from '../adapters/postgres/embedded/findRunning.ts';
import { findLeaseHolder, type LeaseHolder } from '../adapters/postgres/leaseHolder.ts';
import { surviveStrayRejections } from '../adapters/postgres/strayRejections.ts';
import { type Config, ConfigError, loadConfig } from '../config.ts';
import type { Logger } from '../ports/logger.ts';
import { ONLY_SHARD } from '../runtime/leaseKeeper.ts';
import { closeAccount, describeOpen } from './lib/closeAccount.ts';
import { chooseAccount, PANIC_USAGE, type PanicArguments, readPanicArguments } from './lib/panicArguments.ts';
import { openVenue } from './lib/panicVenue.ts';
import { printable } from './lib/printable.ts';

/** `npm run panic -- --account A`: closes one account straight at its venue while server or database are dead. */
const EXIT = { flat: 0, notFlat: 1, refused: 2 } as const;

class Refusal extends Error {}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function run(args: PanicArguments, config: Config, logger: Logger): Promise<number> {
  const account = await chosen(args, config);
  if (!args.force && !args.dryRun) refuseBesideServer(await leaseHolder(config, logger));
  const { venue, feed, close } = await openVenue(config, logger);
  try {
    const { accountId } = account;
    const state = await venue.readAccount({ accountId });
    const found = describeOpen(state);
    say(`${printable(account.name)} (${accountId}) at ${venue.venue}:`);
    for (const line of found) say(`  ${line}`);
    if (found.length === 0) say('  nothing is open');
    if (args.dryRun) return found.length === 0 ? EXIT.flat : EXIT.notFlat;
    await confirm(args, account.name);
    const panicId = `${systemClock.now()}-${randomBytes(4).toString('hex')}`;
    const write = journalOf(config.dataDir, panicId);
    const ts = systemClock.now();
    write({ step: 'started', ts, panicId, accountId, venue: venue.venue, found });
    const instruments = new Map((await feed.instruments()).map((one) => [one.symbol, one]));
    const options = { venue, accountId, panicId, instruments, clock: systemClock, write, say };
    const result = await closeAccount(options);
    for (const { symbol, size, price } of result.closed)
      say(`closed ${size} ${symbol} at ${price} on average`);
    say(`${result.cancelled} orders cancelled`);
    for (const line of result.residual) say(`LEFT: ${line}`);
    say(result.flat ? 'FLAT: the venue says that nothing is open.' : 'NOT FLAT: see what is left above.');
    say('The server takes this in at its next start; entries on the account stay latched until released.');
    return result.flat ? EXIT.flat : EXIT.notFlat;
  } finally {
    await close();
  }
}

/** A full disk must not keep anybody from closing: the server knows these orders by their ids as well. */
function journalOf(dataDir: string, panicId: string): (step: PanicStep) => void {
  let isLost = false;
  const lost = (error: unknown): void => {
    if (!isLost) say(`The journal cannot be written (${String(error)}): going on without it.`);
    isLost = true;
  };
  let journal: PanicJournalFile | undefined;
  try {
    journal = new PanicJournalFile(dataDir, panicId);
    say(`journal: ${journal.path}`);
  } catch (error) {
    lost(error);
  }
  return (step) => {
    try {
      journal?.write(step);
    } catch (error) {
      lost(error);
    }
  };
}

async function chosen(args: PanicArguments, config: Config): Promise<{ accountId: string; name: string }> {
  try {
    return chooseAccount(await new AccountDirectoryFile(config.dataDir).read(), args);
  } catch (error) {
    if (args.venueAccount !== null) return { accountId: args.venueAccount, name: args.venueAccount };
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
}

async function leaseHolder(config: Config, logger: Logger): Promise<LeaseHolder> {
  const { database, dataDir } = config;
  const url = database.kind === 'server' ? database.url : await findRunningPostgres(dataDir, logger);
  return url === undefined ? { state: 'nobody' } : findLeaseHolder(url, ONLY_SHARD);
}

function refuseBesideServer(holder: LeaseHolder): void {
  if (holder.state === 'alive') {
    throw new Refusal(
      `A server lives and holds the desks (${holder.owner}). Use its emergency stop: it knows what it has under way.\nIf it cannot be reached, repeat this with --force.`,
    );
  }
  if (holder.state === 'away') say('The database cannot be reached: going on without it.');
}

async function confirm(args: PanicArguments, name: string): Promise<void> {
  if (args.yes) return;
  if (!process.stdin.isTTY) throw new Refusal('Nobody can be asked here: repeat this with --yes.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Close everything of ${printable(name)}? Type yes: `);
  terminal.close();
  if (answer.trim().toLowerCase() !== 'yes') throw new Refusal('Nothing was done.');
}

async function main(): Promise<number> {
  const logger = createPinoLogger({ level: 'error', fields: { program: 'panic' } });
  surviveStrayRejections(logger);
  try {
    return await run(readPanicArguments(process.argv.slice(2)), loadConfig(process.env, []), logger);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (isUsage) say(PANIC_USAGE);
    return error instanceof Refusal || error instanceof ConfigError || isUsage ? EXIT.refused : EXIT.notFlat;
  }
}

// What still holds connections must not keep a person waiting.
process.exit(await main());
