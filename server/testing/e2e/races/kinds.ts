import { randomUUID } from 'node:crypto';
import { type Attempt, denialsOf, insist, isAccepted, type Try } from './attempt.ts';
import { namesWinner, oneWins, stopWins } from './judge.ts';
import type { Lane } from './lane.ts';

/** Races once over a lane; what was wrong, or undefined. */
type Race = (lane: Lane) => Promise<string | undefined>;
type Act = 'start' | 'stop' | 'hold' | 'edit' | 'pause' | 'resume' | 'delete';
/** The state of the bot that is raced over; `trading`: running, with a position. */
type From = 'stopped' | 'running' | 'paused' | 'trading';

const OPS: Record<Act, Try['op']> = {
  start: 'bots.start',
  stop: 'bots.stop',
  hold: 'bots.stop',
  edit: 'bots.update',
  pause: 'bots.pause',
  resume: 'bots.resume',
  delete: 'bots.delete',
};
/** What bears no version: it never loses. */
const EXITS: ReadonlySet<Act> = new Set(['stop', 'hold', 'pause']);
/** As `changedBy` names it, where that is another word. */
const NAMED: Partial<Record<Act, string>> = { edit: 'update' };

function tryOf(lane: Lane, act: Act, racer: 0 | 1, botId: string, version: number): Try {
  const extra = act === 'edit' ? { name: `race ${randomUUID().slice(0, 12)}` } : {};
  const hold = act === 'hold' ? { positions: 'hold' } : {};
  return {
    device: lane.devices[racer],
    op: OPS[act],
    action: NAMED[act] ?? act,
    botId,
    args: { botId, ...extra, ...hold },
    ...(EXITS.has(act) ? {} : { expectedVersion: version }),
  };
}

/** Two commands on one bot, of which either may come first. */
async function pair(lane: Lane, from: From, one: Act, two: Act) {
  const { botId, version } =
    from === 'trading' ? await lane.bringTrading('main') : await lane.bring('main', from);
  const [first, second] = await lane.race(
    tryOf(lane, one, 0, botId, version),
    tryOf(lane, two, 1, botId, version),
  );
  if (first === undefined || second === undefined) throw new Error('a race of two has two answers');
  return { first, second, botId };
}

const versioned =
  (from: From, one: Act, two: Act): Race =>
  async (lane) => {
    const { first, second } = await pair(lane, from, one, two);
    return oneWins([first, second]);
  };

/** Whatever the other does: the stop is accepted, and the bot ends stopped on both devices. */
const stopping =
  (from: From, other: Act, stop: 'stop' | 'hold' = 'stop'): Race =>
  async (lane) => {
    const { first, second, botId } = await pair(lane, from, stop, other);
    const problem = stopWins(first, second);
    if (problem !== undefined) return problem;
    // A hold keeps a position, if there is one.
    const ends = stop === 'stop' || other === 'stop' ? ['stopped'] : ['stopped', 'holding'];
    for (const device of lane.devices) {
      await device.until(`${ends.join(' or ')} after ${stop} against ${other}`, ({ bots }) =>
        ends.includes(bots[botId]?.state ?? ''),
      );
    }
    return undefined;
  };

/** Both want it flat; whoever comes first, it ends stopped. */
const stopAgainstClose: Race = async (lane) => {
  const { botId, accountId, symbol } = await lane.bringTrading('main');
  const [stop, close] = await lane.race(
    { device: lane.devices[0], op: 'bots.stop', action: 'stop', botId },
    {
      device: lane.devices[1],
      op: 'positions.close',
      action: 'close by hand',
      botId,
      args: { accountId, symbol },
    },
  );
  if (stop === undefined || !isAccepted(stop)) return `a stop was refused: ${stop?.error?.message}`;
  for (const device of lane.devices)
    await device.until('stopped after both', ({ bots }) => bots[botId]?.state === 'stopped');
  const isSettled = close !== undefined && (isAccepted(close) || close.error?.code === 'not_found');
  return isSettled ? undefined : `a close was refused: ${close?.error?.message}`;
};

/** A resume that comes before the pause does nothing; one that comes after is told of it. Paused either way. */
const pauseAgainstResume: Race = async (lane) => {
  const { first: pause, second: resume, botId } = await pair(lane, 'running', 'pause', 'resume');
  if (!isAccepted(pause)) return `a pause was refused: ${pause.error?.message}`;
  if (!isAccepted(resume)) {
    const problem = namesWinner(resume, pause);
    if (problem !== undefined) return problem;
  }
  for (const device of lane.devices)
    await device.until('paused after both', ({ bots }) => bots[botId]?.state === 'paused');
  return undefined;
};

/** Deleted or started, never both; whoever comes to a bot that is gone is told who removed it. */
const deletion: Race = async (lane) => {
  const { first, second, botId } = await pair(lane, 'stopped', 'delete', 'start');
  if (isAccepted(second)) return oneWins([first, second]);
  await lane.create('main');
  if (second.error?.code !== 'not_found') return `not told that the bot is gone: ${second.error?.message}`;
  const changedBy = second.error.details.deletedBy as { deviceId?: unknown } | undefined;
  return isAccepted(first) && changedBy?.deviceId === first.device.deviceId
    ? undefined
    : `nothing says who deleted ${botId}: ${second.error.message}`;
};

/** A name is taken once: two clones of one name, one bot. */
const clones: Race = async (lane) => {
  const { botId, version } = await lane.bring('main', 'stopped');
  const name = `clone ${randomUUID().slice(0, 12)}`;
  const wanted = (racer: 0 | 1): Try => ({
    device: lane.devices[racer],
    op: 'bots.clone',
    action: 'create',
    botId,
    args: { botId, name },
    expectedVersion: version,
  });
  const made = await lane.race(wanted(0), wanted(1));
  const [winner] = made.filter(isAccepted);
  const loser = made.find((one) => !isAccepted(one));
  if (winner === undefined || loser === undefined)
    return `two clones of one name: ${made.length} answers, no loser`;
  const cloneId = String(winner.result.botId);
  await insist(lane.devices[0], 'bots.delete', { botId: cloneId });
  const [denial] = denialsOf(loser);
  return denial?.limit === 'bot_name' && denial.figures.name === name
    ? undefined
    : `the loser was told ${loser.error?.message}`;
};

/** Two bots that cannot both run, started from two devices: one runs, the other is told which limit it met. */
const rivals =
  (one: 'main' | 'large', two: 'rival' | 'larger', limit: string): Race =>
  async (lane) => {
    const bots = [await lane.bring(one, 'stopped'), await lane.bring(two, 'stopped')];
    const made = await lane.race(
      ...bots.map(({ botId, version }, racer) => tryOf(lane, 'start', racer === 0 ? 0 : 1, botId, version)),
    );
    const loser = made.find((each) => !isAccepted(each));
    const problem =
      made.filter(isAccepted).length === 1 &&
      loser !== undefined &&
      denialsOf(loser).some((denial) => denial.limit === limit)
        ? undefined
        : `not one of two rivals runs: ${made.map(answerOf).join(' | ')}`;
    await lane.bring(one, 'stopped');
    await lane.bring(two, 'stopped');
    return problem;
  };

/** The same command from two devices is one command: one effect, and the same answer. */
const sameCommand: Race = async (lane) => {
  const { botId, version } = await lane.bring('main', 'stopped');
  const commandId = randomUUID();
  const args = { botId, name: `race ${commandId.slice(0, 12)}` };
  const wanted = (racer: 0 | 1): Try => ({
    device: lane.devices[racer],
    op: 'bots.update',
    action: 'update',
    botId,
    args,
    expectedVersion: version,
    commandId,
  });
  const [first, second] = await lane.race(wanted(0), wanted(1));
  return first?.seq === second?.seq && first?.seq !== null ? undefined : 'two answers to one command';
};

const answerOf = ({ error }: Attempt): string => (error === null ? 'accepted' : error.message);

/** All that two devices can get at each other's throat about, by name. */
export const RACES: Readonly<Record<string, Race>> = {
  'start against start': versioned('stopped', 'start', 'start'),
  'start against edit': versioned('stopped', 'start', 'edit'),
  'edit against edit': versioned('stopped', 'edit', 'edit'),
  'resume against resume': versioned('paused', 'resume', 'resume'),
  'stop against start': stopping('stopped', 'start'),
  'stop against stop': stopping('running', 'stop'),
  'stop against edit': stopping('running', 'edit'),
  'stop against pause': stopping('running', 'pause'),
  'stop against resume': stopping('paused', 'resume'),
  'stop against hold': stopping('running', 'stop', 'hold'),
  'hold against resume': stopping('paused', 'resume', 'hold'),
  'stop against edit, in a position': stopping('trading', 'edit'),
  'stop against hold, in a position': stopping('trading', 'stop', 'hold'),
  'stop against close by hand': stopAgainstClose,
  'pause against resume': pauseAgainstResume,
  'delete against start': deletion,
  'clone against clone': clones,
  'two bots on one symbol': rivals('main', 'rival', 'symbol_claimed'),
  'two bots over the whole account': rivals('large', 'larger', 'allocation'),
  'one command sent by both': sameCommand,
};
