import type { z } from 'zod';
import { ALERT_CODES, ALERT_KINDS } from '../../../shared/domain/alert.ts';
import { requestEnvelopeSchema } from '../../../shared/protocol/clientMessage.ts';
import { CLOSE } from '../../../shared/protocol/closeCodes.ts';
import { ERROR_CODES, wireError } from '../../../shared/protocol/errors.ts';
import { FRAME_KINDS, frameData } from '../../../shared/protocol/frames.ts';
import type { OpClass } from '../../../shared/protocol/ops/define.ts';
import { OP_NAMES, ops } from '../../../shared/protocol/ops.ts';
import { SUBPROTOCOL, VIEW_VERSION } from '../../../shared/protocol/version.ts';
import { GATEWAY_LIMITS, type Rate } from '../../gateway/limits.ts';
import { fieldsOf, jsonSchemaOf, typeText } from './schemaText.ts';

const CLASS_TEXT: Record<OpClass, string> = {
  session: 'about the connection itself',
  read: 'changes nothing; takes neither `commandId`, `expectedVersion` nor `validUntil`',
  command: 'changes something; `commandId` required, `expectedVersion` and `validUntil` allowed',
  exposure: 'can add exposure; `commandId` and `validUntil` required, `expectedVersion` allowed',
  exit: 'stops, cancels, closes; `commandId` required, nothing else allowed; a rate budget of its own',
};
const CLASSES = Object.keys(CLASS_TEXT) as OpClass[];

/** The reference of the wire as Markdown, from the schemas that the server itself checks by. */
export function protocolReference(): string {
  const parts = [
    '# Protocol reference',
    'Written by `npm run docs` from shared/protocol; do not edit. Field types: `decimal` is a string such as `"0.25"`; times are integer milliseconds since 1970.',
    `WebSocket at \`/ws\`, JSON text frames, subprotocol \`${SUBPROTOCOL}\`, view version ${VIEW_VERSION}.`,
    '## Requests',
    'Strict: an unknown field or op, or a wrong type, is refused with `bad_request`, which names the path.',
    argsTable(requestEnvelopeSchema),
    ...CLASSES.map((opClass) => `- **${opClass}**: ${CLASS_TEXT[opClass]}`),
    'Replies: `{ id, ok: true, result }` or `{ id, ok: false, error: { code, message, retryable, details? } }`. An error with `id` `""` answers a frame in which no id could be read.',
    ...CLASSES.flatMap((opClass) => [
      `## Ops: ${opClass}`,
      ...OP_NAMES.filter((name) => ops[name].class === opClass).map(opText),
    ]),
    '## Frames on `desk`',
    'Each is `{ ch: "desk", epoch, seq, kind, ts, by: { kind, userId, deviceId }, cause, data }`, in the order of `seq`, without a gap. Beside them `{ ch: "desk", kind: "head", epoch, seq }`.',
    ['| kind | data |', '| --- | --- |', ...FRAME_KINDS.map(frameRow)].join('\n'),
    '## Alerts',
    'A `condition` is so until its cause ends and cannot be dismissed before; `news` has happened, and goes with `alerts.dismiss` at the latest.',
    [
      '| code | stands | until |',
      '| --- | --- | --- |',
      ...ALERT_CODES.map(
        (code) => `| \`${code}\` | ${ALERT_KINDS[code].stands} | ${ALERT_KINDS[code].until} |`,
      ),
    ].join('\n'),
    '## Errors',
    ERROR_CODES.map((code) => `- \`${code}\`${wireError(code, '').retryable ? ' (retryable)' : ''}`).join(
      '\n',
    ),
    '## Close codes',
    'Below 4500: connect again. From 4500: not without new credentials, or later.',
    Object.entries(CLOSE)
      .map(([name, code]) => `- ${code} \`${name}\``)
      .join('\n'),
    '## What a connection may send',
    'Requests beyond these rates are answered `rate_limited` with `details.retryAfterMs`; exits have budgets of their own. `session.authenticate` tells the figures in force.',
    rateTable([
      ['requests of a connection', GATEWAY_LIMITS.connectionRate],
      ['requests of a user', GATEWAY_LIMITS.userRate],
      ['requests of an address', GATEWAY_LIMITS.addressRate],
      ['exits of a connection', GATEWAY_LIMITS.exitConnectionRate],
      ['exits of a user', GATEWAY_LIMITS.exitUserRate],
    ]),
    `Beyond that, whatever a connection sends is counted before it is read: each frame (requests good and bad, acks, pings, pongs) as one, and one more per ${GATEWAY_LIMITS.inputBytesPerToken / 1_024} KB. Who goes on past \`rate_limited\` until this budget is spent gets one last \`rate_limited\` with id \`""\`, then close ${CLOSE.flooding}: come back a second later at the earliest, and send more slowly. The budget of an address closes only those that have not authenticated. HTTP requests beyond theirs (upgrades count, and large answers count more) get 429 with \`Retry-After\`, and the connection is closed.`,
    rateTable([
      ['frames of a connection', GATEWAY_LIMITS.inputRate],
      ['frames of an address', GATEWAY_LIMITS.addressInputRate],
      ['HTTP requests of an address', GATEWAY_LIMITS.httpRate],
    ]),
  ];
  return `${joined(parts)}\n`;
}

function opText(name: (typeof OP_NAMES)[number]): string {
  const op = ops[name];
  return joined([
    `### \`${name}\``,
    op.summary,
    argsTable(op.args),
    `Result: ${code(typeText(jsonSchemaOf(op.result, 'output')))}`,
  ]);
}

function argsTable(schema: z.ZodType): string {
  const fields = fieldsOf(jsonSchemaOf(schema, 'input')) ?? [];
  if (fields.length === 0) return 'No arguments.';
  const rows = fields.map(({ name, type, required, default: given }) => {
    const need = required ? 'required' : given === null ? 'optional' : `default ${code(given)}`;
    return `| \`${name}\` | ${type} | ${need} |`;
  });
  return ['| field | type | |', '| --- | --- | --- |', ...rows].join('\n');
}

function frameRow(kind: (typeof FRAME_KINDS)[number]): string {
  const fields = fieldsOf(jsonSchemaOf(frameData[kind], 'output')) ?? [];
  return `| \`${kind}\` | ${fields.map(({ name, required }) => `${name}${required ? '' : '?'}`).join(', ') || 'nothing'} |`;
}

function code(text: string): string {
  return `\`${text.replaceAll('\\|', '|')}\``;
}

/** Blocks apart by an empty line; the rows of a list together. */
function joined(parts: readonly string[]): string {
  return parts.reduce((text, part) => {
    const isList = part.startsWith('- ') && text.slice(text.lastIndexOf('\n') + 1).startsWith('- ');
    return `${text}${isList ? '\n' : '\n\n'}${part}`;
  });
}

function rateTable(rows: ReadonlyArray<readonly [what: string, rate: Rate]>): string {
  const lines = rows.map(([what, { perSecond, burst }]) => `| ${what} | ${perSecond} | ${burst} |`);
  return ['| what | per second | at once |', '| --- | --- | --- |', ...lines].join('\n');
}
