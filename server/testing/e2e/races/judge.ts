import type { StoredDesk } from '../storedDesk.ts';
import type { Attempt } from './attempt.ts';

/** Clocks of the test and of the server are the same; a change may be a little older than the race it won. */
const CLOCK_SLACK_MS = 600_000;

function described({ op, commandId, expectedVersion, error }: Attempt): string {
  return `${op} ${commandId} (expected ${expectedVersion ?? 'any'}): ${error === null ? 'accepted' : `${error.code}: ${error.message} ${JSON.stringify(error.details)}`}`;
}

/** The refusal of `loser` says that `winner` came first: which device, with what and when. Undefined: it does. */
export function namesWinner(loser: Attempt, winner: Attempt): string | undefined {
  const changedBy = loser.error?.details.changedBy as
    | { deviceId: unknown; action: unknown; at: unknown }
    | undefined;
  const isNamed =
    loser.error?.code === 'version_conflict' &&
    changedBy?.deviceId === winner.device.deviceId &&
    // With nothing to hold, a hold is a stop.
    (changedBy.action === winner.action || (winner.action === 'hold' && changedBy.action === 'stop')) &&
    typeof changedBy.at === 'number' &&
    Math.abs(Date.now() - changedBy.at) < CLOCK_SLACK_MS &&
    loser.error.message.includes(winner.device.deviceId);
  return isNamed ? undefined : `${described(loser)} does not name the winner, ${described(winner)}`;
}

/** Exactly one of two was accepted, and the other was told who that was. */
export function oneWins(attempts: readonly Attempt[]): string | undefined {
  const [one, two] = attempts;
  if (one === undefined || two === undefined || attempts.length !== 2) return 'not a race of two';
  if ((one.seq === null) === (two.seq === null))
    return `not one winner: ${attempts.map(described).join(' | ')}`;
  return one.seq === null ? namesWinner(one, two) : namesWinner(two, one);
}

/** A stop is accepted whatever else happens; one that came before it lost nothing, one after it knows why it lost. */
export function stopWins(stop: Attempt, other: Attempt): string | undefined {
  if (stop.seq === null) return `a stop was refused: ${described(stop)}`;
  if (other.seq === null) {
    const { code } = other.error ?? {};
    if (code === 'version_conflict') return namesWinner(other, stop);
    // What its state never allowed is no matter of who came first.
    return other.error?.code === 'bad_request' && other.error.details.bot !== undefined
      ? undefined
      : `refused for neither its version nor its state: ${described(other)}`;
  }
  return other.expectedVersion === undefined || other.seq < stop.seq
    ? undefined
    : `${described(other)} won over ${described(stop)}`;
}

/** Kinds of events that tell of a bot's configuration and wanted state. */
const BOT_EVENTS: ReadonlySet<string> = new Set([
  'BotCreated',
  'BotUpdated',
  'BotStateChanged',
  'BotDeleted',
]);

/**
 * What the log says of all attempts: each accepted command changed its bot once, each refused one nothing, and the
 * versions of every bot follow each other without a gap.
 */
export function problemsInLog(stored: StoredDesk, attempts: readonly Attempt[]): string[] {
  const problems: string[] = [];
  const changes = new Map<string, number>();
  const versions = new Map<string, number>();
  const touched = new Set<string>();
  for (const { kind, data, cause } of stored.events) {
    if (cause.startsWith('command:')) touched.add(cause);
    if (!BOT_EVENTS.has(kind)) continue;
    if (kind === 'BotDeleted') changes.set(cause, (changes.get(cause) ?? 0) + 1);
    if (!('bot' in data)) continue;
    const { botId, version } = data.bot;
    const former = versions.get(botId) ?? 0;
    if (version !== former && version !== former + 1)
      problems.push(`bot ${botId}: version ${version} after ${former}`);
    versions.set(botId, version);
    // What follows from a command without a new version is its course, not a second effect.
    if (version !== former) changes.set(cause, (changes.get(cause) ?? 0) + 1);
  }
  for (const done of attempts) {
    const cause = `command:${done.commandId}`;
    const count = changes.get(cause) ?? 0;
    if (done.seq === null && touched.has(cause))
      problems.push(`${described(done)} left something in the log`);
    // Of a bot that runs already, asked without a version or by a resume that came first; of one that stops already.
    const isDone =
      done.op === 'bots.resume' ||
      done.op === 'positions.close' ||
      (done.op === 'bots.start' && done.expectedVersion === undefined);
    if (done.seq !== null && count !== 1 && !(count === 0 && isDone))
      problems.push(`${described(done)} changed its bot ${count} times`);
  }
  return problems;
}
