import type { ToldPush } from '../adapters/simulated/told.ts';
import type { Command } from '../core/commands.ts';
import type { Context } from '../core/context.ts';
import type { CommandReply } from '../ports/deskGateway.ts';
import type { DeskRecord } from '../runtime/deskRecord.ts';
import type { Envelope } from './envelope.ts';

/**
 * What a market tells of a bar that closed: it is the newest, it could not be told when it closed, or it is told again
 * since it was corrected.
 */
export type BarNews = 'live' | 'missed' | 'corrected';

/** What a process does with commands of users. */
export interface SimCommands {
  execute(envelope: Envelope, answer: (reply: CommandReply) => void): void;
  /** As it is stored with the answer to the command. */
  argsHashOf(command: Command): string;
  /** Whether other arguments are under way under this id. */
  isUsedOtherwise(envelope: Envelope): boolean;
}

/** One life of the server, as the world knows it. */
export interface SimProcess {
  readonly name: string;
  readonly isAlive: boolean;
  /** It has taken the desks over: whether it still has them is another matter. */
  readonly isServing: boolean;
  /** It ends in good order: what reaches it now is for whoever comes after it. */
  readonly isStopping: boolean;
  /** Nobody has taken the desks over from it. */
  readonly isCurrent: boolean;
  readonly isPaused: boolean;
  readonly isDatabaseCut: boolean;
  /** Nothing that reached it waits for it to wake. */
  readonly hasHeardAll: boolean;
  /** Fills that were pushed to it and decided on: account and id. */
  readonly heardFills: ReadonlySet<string>;
  /** Nothing is under way in it. */
  readonly isIdle: boolean;
  /** Nothing that it decided is on its way to the log. */
  readonly isCommitted: boolean;
  /** Of the lease it believes to hold; 0: it holds none. */
  readonly leaseToken: number;
  /** What its decisions read of the world. */
  readonly context: Context;
  readonly commands: SimCommands;
  /** The desks it has in memory. */
  records(): Iterable<DeskRecord>;
  start(): void;
  /** Runs what reaches the process: at once, or when it wakes; never once it is dead. */
  wake(run: () => void): void;
  /** As SIGSTOP and SIGCONT: what happens to it meanwhile it learns afterwards, in order. */
  pause(durationMs: number): void;
  /** The database is out of its reach: it cannot commit, nor renew its lease; the venue it reaches. */
  cutDatabase(durationMs: number): void;
  /** Ends in good order: others take over at once. */
  stop(): void;
  /** `atCommit`: the batch in flight reaches the log, or not; nobody here will know. */
  die(atCommit: 'written' | 'lost'): void;
  /** A new user. */
  open(deskId: string): void;
  onPush(push: ToldPush): void;
  /** The stream of the venue broke, or is back. */
  onStream(isBack: boolean): void;
  /** All prices moved. */
  onPrices(): void;
  onBar(openTime: number, news: BarNews): void;
  /** The feed was interrupted. */
  onGap(): void;
  /** Facts of instruments changed. */
  onInstruments(): void;
}
