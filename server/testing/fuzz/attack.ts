import { ERROR_CODES, type ErrorCode } from '../../../shared/protocol/errors.ts';
import type { Reply } from '../../../shared/protocol/serverMessage.ts';
import { VIEW_VERSION } from '../../../shared/protocol/version.ts';
import type { Random } from '../../simulation/random.ts';
import { eventually } from '../e2e/eventually.ts';
import { FrameReader, OPCODE } from '../frameReader.ts';
import { clientFrame, RawSocket } from '../rawSocket.ts';
import { httpRequest, mangled, noise, oddFrame, textFrame } from './oddBytes.ts';

export const ATTACKS = ['stranger', 'user', 'flood', 'frames', 'http', 'bytes'] as const;
export type AttackKind = (typeof ATTACKS)[number];

export interface Target {
  port: number;
  /** A login for those that authenticate. */
  token: string;
  /** What requests may name: ids of that user's, and of others. */
  ids: readonly string[];
  /** Where it comes from: an address of 127.0.0.0/8 of its own, with a budget of its own. */
  localAddress: string;
}

/** What one connection sent and what it was told. */
export interface Attack {
  inputs: number;
  /** Replies by error code; `ok` for those accepted. */
  replies: Map<ErrorCode | 'ok', number>;
  /** Sentences about what must not be. */
  faults: string[];
}

/** Fewer than a connection's budget, so that they are looked at; a flood is far more. */
const INPUTS = 90;
const FLOOD_INPUTS = 5_000;
const ODD_FRAMES = 5;
/** HTTP answers at a connection until it closes it. */
const REQUESTS = 20;
/** An error names a few faults and quotes little of what was sent. */
const ERROR_BYTES = 8_192;

/** Sends one connection's worth of odd input and waits until it is answered or cut off. */
export async function attack(kind: AttackKind, target: Target, random: Random): Promise<Attack> {
  const result: Attack = { inputs: 0, replies: new Map(), faults: [] };
  const send = (raw: RawSocket, inputs: readonly Buffer[]): void => {
    result.inputs += inputs.length;
    raw.socket.write(Buffer.concat(inputs));
  };
  const many = (count: number, make: (n: number) => Buffer): Buffer[] =>
    Array.from({ length: count }, (_, n) => make(n));
  const { port, localAddress } = target;

  if (kind === 'http' || kind === 'bytes') {
    const raw = await RawSocket.connect(port, localAddress);
    send(
      raw,
      kind === 'http'
        ? many(REQUESTS, () => httpRequest(random))
        : many(REQUESTS, () =>
            random.chance(0.5) ? noise(random, 400) : mangled(httpRequest(random), random),
          ),
    );
    raw.socket.end();
    await raw.closed();
    return result;
  }

  const raw = await RawSocket.upgraded(port, [], localAddress);
  let isSynced = false;
  const reader = new FrameReader((opcode, data, start, end) => {
    if (opcode !== OPCODE.text) return;
    isSynced = takeReply(data.toString('utf8', start, end), result) || isSynced;
  });
  const upgrade = raw.received.indexOf('\r\n\r\n') + 4;
  const first = raw.received.subarray(upgrade);
  reader.push(first, first.length);
  raw.socket.on('data', (chunk) => reader.push(chunk, chunk.length));
  const sync = clientFrame(OPCODE.text, JSON.stringify({ id: SYNC, op: 'ping', args: {} }));
  const isOver = () => isSynced || raw.isClosed;

  if (kind === 'user') {
    const args = { token: target.token, viewVersion: VIEW_VERSION };
    raw.socket.write(
      clientFrame(OPCODE.text, JSON.stringify({ id: SYNC, op: 'session.authenticate', args })),
    );
    await eventually('the login is answered', isOver);
    isSynced = false;
  }
  const make = (n: number): Buffer =>
    kind === 'frames' ? oddFrame(random) : textFrame(random, `f${n}`, target.ids);
  send(
    raw,
    kind === 'flood'
      ? Array<Buffer>(FLOOD_INPUTS).fill(make(0))
      : many(kind === 'frames' ? ODD_FRAMES : INPUTS, make),
  );
  // An odd frame may have left the server waiting for the rest of it.
  if (kind === 'frames') raw.socket.end();
  else raw.socket.write(sync);
  await eventually(`a connection of kind ${kind} is answered to its end or closed`, isOver);
  raw.socket.destroy();
  return result;
}

const SYNC = 'sync';
const CODES: ReadonlySet<string> = new Set(ERROR_CODES);

/** True for the reply to the last request. */
function takeReply(text: string, { replies, faults }: Attack): boolean {
  let message: Reply | { ch: string };
  try {
    message = JSON.parse(text);
  } catch {
    faults.push(`no JSON: ${text.slice(0, 200)}`);
    return false;
  }
  if (!('ok' in message)) return false;
  const code = message.ok ? 'ok' : message.error.code;
  replies.set(code, (replies.get(code) ?? 0) + 1);
  if (!message.ok) {
    if (!CODES.has(code) || code === 'internal') faults.push(`told ${text.slice(0, 500)}`);
    if (text.length > ERROR_BYTES) faults.push(`an error of ${text.length} bytes: ${text.slice(0, 200)}`);
  }
  return message.id === SYNC;
}
