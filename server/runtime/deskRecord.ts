import type { BotLogLine } from '../../shared/domain/botNote.ts';
import type { View } from '../../shared/view/view.ts';
import type { BarArrived } from '../core/bot/barsDue.ts';
import { GivenBars } from '../core/bot/givenBars.ts';
import type { Desk } from '../core/desk.ts';
import type { Input } from '../core/inputs.ts';
import type { DirectoryEntry } from '../ports/accountDirectory.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { CommandRecord } from '../ports/deskLog.ts';
import type { LoadedDesk } from './loadDesk.ts';

/** Lines of a bot's log kept in memory. */
const BOT_LOG_LINES = 200;

/** Something that waits for its turn at a desk. */
export interface Queued {
  deskId: string;
  input: Input | BarArrived;
  command: PendingCommand | null;
}

/** Somebody waits for what becomes of the input. */
export interface PendingCommand {
  /** Stored with the answer; null: not a user's command. */
  record: Omit<CommandRecord, 'reply'> | null;
  validUntil: number | null;
  /** Whether an overloaded engine takes it all the same. */
  isExit: boolean;
  answer(reply: CommandReply): void;
}

/**
 * A desk in memory:
 * - `ready`: decides
 * - `reloading`: its speculative state was thrown away; inputs are dropped, the venue is asked for them afterwards
 * - `stuck`: its decisions keep failing; it is what is durable, takes exits and what venues tell, and recovers later
 * - `halted`: it fails on its own; everything is refused until a restart
 */
export interface DeskRecord {
  readonly deskId: string;
  state: 'ready' | 'reloading' | 'stuck' | 'halted';
  /** Speculative: may be ahead of the log by what is being committed. */
  desk: Desk;
  /** Folded up to the last batch handed to the log. */
  view: View;
  committedSeq: number;
  /** Of its last event when it was read from the log. */
  loadedSeq: number;
  snapshotSeq: number;
  /** Batches of it that failed in a row. */
  failures: number;
  /** Up to which bars its bots were asked. */
  readonly given: GivenBars;
  botLogs: Map<string, BotLogLine[]>;
  /** What is stored of its accounts, as `accountsText`; null: not known. */
  storedAccounts: string | null;
  /** When somebody last asked for it or it stored something, ms of elapsed time. */
  usedAt: number;
}

/** A desk as it was just read from the log. */
export const newRecord = ({ desk, view, snapshotSeq }: LoadedDesk, usedAt: number): DeskRecord => ({
  deskId: desk.deskId,
  state: 'ready',
  desk,
  view,
  committedSeq: desk.seq,
  loadedSeq: desk.seq,
  snapshotSeq,
  failures: 0,
  given: new GivenBars(),
  botLogs: new Map(),
  storedAccounts: null,
  usedAt,
});

/** What asks whether something was shown before says since when that counts: a reading that agreed may be lost with a process. */
export const sinceLoaded = ({ loadedSeq }: DeskRecord, input: Input): Input =>
  input.type === 'AccountRead' || input.type === 'OrderFound' ? { ...input, loadedSeq } : input;

/** The accounts of a desk as they are stored beside its log. */
export function accountsOf(desk: Desk): DirectoryEntry[] {
  return [...desk.accounts.values()].map(({ account: { accountId, name, venue, book } }) => {
    return { accountId, name, deskId: desk.deskId, venue, book };
  });
}

export const accountsText = (desk: Desk): string => JSON.stringify(accountsOf(desk));

export function addLogLine(record: DeskRecord, line: BotLogLine): void {
  const lines = record.botLogs.get(line.botId) ?? [];
  lines.push(line);
  if (lines.length > BOT_LOG_LINES) lines.shift();
  record.botLogs.set(line.botId, lines);
}
