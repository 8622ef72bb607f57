import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { OPCODE } from '../../testing/frameReader.ts';
import { type BenchContext, type Benchmark, percentile } from '../benchmark.ts';
import { BenchProcess } from '../childProcess.ts';
import type { DeskExchanges } from '../core/deskExchanges.ts';
import { atMost, type Figure, figure } from '../figure.ts';
import { LeanSocket } from '../load/leanSocket.ts';
import { Replies } from '../load/replies.ts';
import { register } from '../load/trader.ts';
import { startServer } from '../serverProcess.ts';
import { withTempFolder } from '../tempFolder.ts';
import { MIGRATIONS } from './commits.ts';

const USERS = 100_000;
const AWAKE = 500;
/** Of those that sleep, who is asked for. */
const ASKED = 40;
const USERS_AT_A_TIME = 5_000;
/** Until what a start brings along has settled, and how long a quiet server is looked at, ms. */
const SETTLE_MS = 15_000;
const QUIET_MS = 30_000;
const READY_GOAL_MS = 1_500;
const IDLE_GOAL_PERCENT = 2;
const ANSWER_GOAL_MS = 50;
/** Clock ticks of /proc in a second. */
const TICKS_PER_SECOND = 100;

interface Measured {
  readyMs: number;
  /** Of one core, percent. */
  quiet: number;
  residentMb: number;
  answersMs: number[];
  /** The same asked again: by then its desk is awake. */
  againMs: number[];
}

function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 1).split(' ');
  return ((Number(user) + Number(system)) * 1_000) / TICKS_PER_SECOND;
}

function residentMb(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1]) / 1_024;
}

/** From the first byte that a device of a user whose desk sleeps sends to its whole desk, ms; the socket is open by then. */
async function firstAnswer(port: number, token: string): Promise<number> {
  const replies = new Replies();
  const socket = await LeanSocket.open({
    ...{ port, path: '/ws', localAddress: '127.3.0.1', onClose: () => replies.end() },
    onFrame: (opcode, data, start, end) => {
      if (opcode === OPCODE.text) replies.take(data.toString('utf8', start, end));
    },
  });
  const askedAt = performance.now();
  const admitted = await replies.ask(socket, 'session.authenticate', { token, viewVersion: VIEW_VERSION });
  const joined = await replies.ask(socket, 'subscribe', { channels: ['desk'] });
  const answeredAt = performance.now();
  socket.destroy();
  if (!admitted.ok || !joined.ok) throw new Error(`a sleeper was not answered: ${JSON.stringify(joined)}`);
  return answeredAt - askedAt;
}

/** So many users, of whom some have a position, in the folder of a server that was stopped; and the tokens of a few that have none. */
async function makeUsers(dataDir: string, users: number, context: BenchContext): Promise<string[]> {
  const maker = new BenchProcess<DeskExchanges>('deskMaker');
  try {
    await maker.ask('begin', { dataDir, migrations: MIGRATIONS });
    for (let from = 0; from < users; from += USERS_AT_A_TIME) {
      context.progress(`${from} of ${users} users are there`);
      await maker.ask('open', { from, to: Math.min(users, from + USERS_AT_A_TIME) });
    }
    await maker.ask('trade', { from: 0, to: AWAKE });
    await maker.ask('finish', {});
  } finally {
    await maker.end();
  }
  const server = await startServer(dataDir, { REGISTRATION: 'open' });
  try {
    const tokens: string[] = [];
    for (let n = 0; n < ASKED; n += 1) tokens.push(await register(server.port, n));
    return tokens;
  } finally {
    await server.stop();
  }
}

function measure(users: number, context: BenchContext): Promise<Measured> {
  return withTempFolder(async (dataDir) => {
    const tokens = await makeUsers(dataDir, users, context);
    context.progress(`a start with ${users} users`);
    const server = await startServer(dataDir);
    try {
      await delay(SETTLE_MS);
      const before = processorMs(server.pid);
      await delay(QUIET_MS);
      const quiet = ((processorMs(server.pid) - before) / QUIET_MS) * 100;
      const resident = residentMb(server.pid);
      const answersMs: number[] = [];
      for (const token of tokens) answersMs.push(await firstAnswer(server.port, token));
      const againMs: number[] = [];
      for (const token of tokens) againMs.push(await firstAnswer(server.port, token));
      return { readyMs: server.readyAfterMs, quiet, residentMb: resident, answersMs, againMs };
    } finally {
      await server.stop();
    }
  });
}

/** Many users of whom few have anything open, beside those few alone. */
async function run(context: BenchContext): Promise<Figure[]> {
  const few = await measure(AWAKE, context);
  const many = await measure(USERS, context);
  const note = `${USERS.toLocaleString('en-US')} users of whom ${AWAKE} have a position, the simulated venue in the same process`;
  const alone = (value: number, unit: string): string => `${AWAKE} users alone: ${value.toFixed(1)} ${unit}`;
  return [
    figure(
      'many desks: ready',
      many.readyMs,
      'ms',
      atMost(READY_GOAL_MS),
      `${note}; ${alone(few.readyMs, 'ms')}`,
    ),
    figure(
      'many desks: idle ones',
      many.quiet - few.quiet,
      '% of a core',
      atMost(IDLE_GOAL_PERCENT),
      `more than those with a position take; ${alone(few.quiet, '%')}`,
    ),
    figure('many desks: resident memory', many.residentMb, 'MB', null, alone(few.residentMb, 'MB')),
    figure(
      'many desks: first answer of a sleeper, p99',
      percentile(many.answersMs, 0.99),
      'ms',
      atMost(ANSWER_GOAL_MS),
      `p50 ${percentile(many.answersMs, 0.5).toFixed(1)} ms; authenticated, woken and its whole desk sent. Asked again, awake: p50 ${percentile(many.againMs, 0.5).toFixed(1)} ms, p99 ${percentile(many.againMs, 0.99).toFixed(1)} ms`,
    ),
  ];
}

export const manyDesks: Benchmark = { name: 'many-desks', fullOnly: true, run };
