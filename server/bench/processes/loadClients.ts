import { connect } from 'node:net';
import { OPCODE } from '../../testing/frameReader.ts';
import { answerRequests } from '../childProcess.ts';
import { LeanSocket } from '../load/leanSocket.ts';
import type { LoadExchanges, OpenRequest, TimedFrame, WatchRequest } from '../load/loadExchanges.ts';

/** How many sockets are being opened at a time. */
const OPENING_AT_ONCE = 100;
/** Longest wait for the reply to one step, ms. */
const STEP_LIMIT_MS = 30_000;
/** How often the count goes to the server that paces itself by it, ms. */
const REPORT_EVERY_MS = 2;
/** Timed frames that are kept. */
const MAX_WATCHED = 1_000_000;

let frames = 0;
let bytes = 0;
let closed = 0;
let watching: { marker: Buffer; fields: Buffer[]; timed: TimedFrame[]; missed: number } | null = null;

const wallTime = (): number => performance.timeOrigin + performance.now();

function countFrame(socket: number, data: Buffer, start: number, end: number): void {
  frames += 1;
  bytes += end - start;
  if (watching !== null) watchFrame(watching, socket, data.subarray(start, end));
}

function watchFrame(watch: NonNullable<typeof watching>, socket: number, payload: Buffer): void {
  const receivedAt = wallTime();
  if (payload.indexOf(watch.marker) < 0) return;
  const numbers = watch.fields.map((field) => numberAfter(payload, field));
  if (numbers.some(Number.isNaN) || watch.timed.length >= MAX_WATCHED) watch.missed += 1;
  else watch.timed.push([...numbers, socket, receivedAt]);
}

function numberAfter(payload: Buffer, field: Buffer): number {
  const at = payload.indexOf(field);
  if (at < 0) return Number.NaN;
  const from = at + field.length;
  return Number.parseFloat(payload.toString('latin1', from, from + 20));
}

/** One socket with the replies it waits for while it is being set up. */
async function openOne(options: OpenRequest, index: number): Promise<void> {
  let waiting: { contains: string; done: () => void } | null = null;
  let ready = false;
  const socket = await LeanSocket.open({
    port: options.port,
    path: options.path,
    localAddress: loopbackAddress(Math.floor(index / options.socketsPerAddress)),
    onFrame: (opcode, data, start, end) => {
      if (opcode !== OPCODE.text && opcode !== OPCODE.binary) return;
      if (ready) countFrame(index, data, start, end);
      else if (waiting !== null && data.toString('utf8', start, end).includes(waiting.contains))
        waiting.done();
    },
    onClose: () => {
      closed += 1;
    },
  });
  const token = options.tokens[index % Math.max(1, options.tokens.length)] ?? '';
  for (const step of options.steps) {
    const text = step.text.replaceAll('{index}', String(index)).replaceAll('{token}', token);
    const { replyContains } = step;
    if (replyContains === null) {
      socket.sendText(text);
      continue;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no reply with ${replyContains}`)), STEP_LIMIT_MS);
      waiting = {
        contains: replyContains,
        done: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      socket.sendText(text);
    });
  }
  ready = true;
}

/** 127.1.0.1, 127.1.0.2, …: all of 127/8 is this machine. */
function loopbackAddress(number: number): string {
  return `127.1.${Math.floor(number / 250)}.${(number % 250) + 1}`;
}

async function open(options: OpenRequest): Promise<LoadExchanges['open']['answer']> {
  const start = performance.now();
  let next = 0;
  let opened = 0;
  let firstFailure: string | null = null;
  const opener = async (): Promise<void> => {
    while (next < options.sockets) {
      const index = next;
      next += 1;
      try {
        await openOne(options, index);
        opened += 1;
      } catch (error) {
        firstFailure ??= error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, opener));
  if (options.reportPort !== null) startReporting(options.reportPort);
  const failed = options.sockets - opened;
  return { opened, failed, elapsedMs: performance.now() - start, firstFailure };
}

function startReporting(port: number): void {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let reported = -1;
  setInterval(() => {
    if (frames !== reported) socket.write(`${frames}\n`);
    reported = frames;
  }, REPORT_EVERY_MS);
}

function watch({ marker, fields }: WatchRequest): object {
  watching = {
    marker: Buffer.from(marker),
    fields: fields.map((field) => Buffer.from(field)),
    timed: [],
    missed: 0,
  };
  return {};
}

answerRequests<LoadExchanges>({
  open,
  reset: () => {
    frames = 0;
    bytes = 0;
    return {};
  },
  count: () => ({ frames, bytes, closed }),
  watch,
  watched: () => ({ timed: watching?.timed ?? [], missed: watching?.missed ?? 0 }),
});
