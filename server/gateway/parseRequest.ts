import { type RequestEnvelope, requestEnvelopeSchema } from '../../shared/protocol/clientMessage.ts';
import { badRequest, type WireError } from '../../shared/protocol/errors.ts';
import type { OpClass } from '../../shared/protocol/ops/define.ts';
import { isOpName, OP_NAMES, type OpArgs, type OpName, ops } from '../../shared/protocol/ops.ts';
import { misfit } from './issueText.ts';
import { textProblem } from './textProblem.ts';

/** A request whose op is known and whose arguments fit it. */
export type Request = {
  [O in OpName]: {
    id: string;
    op: O;
    class: OpClass;
    args: OpArgs<O>;
    commandId: string | null;
    expectedVersion: number | null;
    validUntil: number | null;
  };
}[OpName];

export type ParsedRequest =
  | { ok: true; request: Request }
  /** `malformed`: not even a request; `id` is '' where none could be read. */
  | { ok: false; id: string; error: WireError; malformed: boolean };

/** Reads a text frame from a client, strictly: what is not understood in full is refused in full. */
export function parseRequest(text: string): ParsedRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return malformed('', 'the frame is not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return malformed('', 'the frame is not a JSON object such as {"id":"1","op":"ping"}');
  }
  const id =
    'id' in json && typeof json.id === 'string' && json.id.length > 0 && json.id.length <= 64 ? json.id : '';
  // A key that got into the place of a name, say, comes back to nobody either.
  const names = !('op' in json && json.op === 'accounts.setKeys');
  const unfit = textProblem(text, json);
  if (unfit !== undefined) {
    const error = names ? unfit : badRequest('', 'must hold neither U+0000 nor half of a character');
    return { ok: false, id, error, malformed: id === '' };
  }
  const envelope = requestEnvelopeSchema.safeParse(json);
  if (!envelope.success) {
    const error = misfit(envelope.error, requestEnvelopeSchema, '', names);
    return { ok: false, id, error, malformed: id === '' };
  }
  return parseArgs(envelope.data, names);
}

function parseArgs(envelope: RequestEnvelope, names: boolean): ParsedRequest {
  const { id, op } = envelope;
  const refuse = (error: WireError): ParsedRequest => ({ ok: false, id, error, malformed: false });
  if (!isOpName(op)) {
    const group = OP_NAMES.filter((name) => name.split('.')[0] === op.split('.')[0]);
    const allowed = group.length > 0 ? group : OP_NAMES;
    return refuse(badRequest('op', `there is no op ${JSON.stringify(op)}`, allowed));
  }
  const definition = ops[op];
  const args = definition.args.safeParse(envelope.args);
  if (!args.success) return refuse(misfit(args.error, definition.args, 'args', names));
  // Op and arguments were just matched by the op's own schema, which TypeScript cannot follow through the table.
  const request = {
    id,
    op,
    class: definition.class,
    args: args.data,
    commandId: envelope.commandId ?? null,
    expectedVersion: envelope.expectedVersion ?? null,
    validUntil: envelope.validUntil ?? null,
  } as Request;
  const problem = envelopeProblem(request);
  return problem === undefined ? { ok: true, request } : refuse(problem);
}

/** A preview changes nothing: it needs no command id and no deadline. */
export function isPreview(request: Request): boolean {
  const { op } = request;
  const mayPreview = op === 'orders.submit' || op === 'emergency.stop' || op === 'admin.emergencyStop';
  return mayPreview && request.args.preview;
}

/** Commands on what has a version; a version sent with another would guard nothing. */
export const VERSIONED: ReadonlySet<OpName> = new Set([
  'accounts.update',
  'limits.set',
  'bots.update',
  'bots.clone',
  'bots.delete',
  'bots.start',
  'bots.resume',
]);

/** What the class of the op asks of the envelope. */
function envelopeProblem(request: Request): WireError | undefined {
  const { op, class: opClass, commandId, expectedVersion, validUntil } = request;
  const isCommand = opClass === 'command' || opClass === 'exposure' || opClass === 'exit';
  if (!isCommand) {
    if (commandId !== null) return badRequest('commandId', `${op} changes nothing and takes no commandId`);
    if (expectedVersion !== null)
      return badRequest('expectedVersion', `${op} changes nothing and takes none`);
    if (validUntil !== null) return badRequest('validUntil', `${op} changes nothing and takes none`);
    return undefined;
  }
  if (opClass === 'exit') {
    const why = `${op} never expires and never loses a race: it takes none`;
    if (expectedVersion !== null) return badRequest('expectedVersion', why);
    if (validUntil !== null) return badRequest('validUntil', why);
  }
  if (expectedVersion !== null && !VERSIONED.has(op))
    return badRequest('expectedVersion', `${op} is about nothing that has a version: it takes none`);
  if (isPreview(request)) return undefined;
  if (commandId === null)
    return badRequest('commandId', `${op} is a command: a unique id of 8 to 64 characters is required`);
  if (opClass === 'exposure' && validUntil === null) {
    return badRequest(
      'validUntil',
      `${op} can add exposure: the server time (ms) after which it must not run is required`,
    );
  }
  return undefined;
}

function malformed(id: string, message: string): ParsedRequest {
  return { ok: false, id, error: badRequest('', message), malformed: true };
}
