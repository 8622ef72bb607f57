import { requestEnvelopeSchema } from '../../../../shared/protocol/clientMessage.ts';
import { FRAME_KINDS } from '../../../../shared/protocol/frames.ts';
import { OP_NAMES, type OpName, ops } from '../../../../shared/protocol/ops.ts';
import { PUSH_NAMES, type PushName, pushes } from '../../../../shared/protocol/pushes.ts';
import { SUBPROTOCOL } from '../../../../shared/protocol/version.ts';
import { VERSIONED } from '../../../gateway/parseRequest.ts';
import type { Examples } from './examples.ts';
import { type JsonSchema, jsonSchemaOf, namedSchemas } from './jsonSchemas.ts';
import { frameTypeName } from './namedTypes.ts';
import { argsNotes, resultNotes } from './opsPage.ts';

const ref = (name: string): string => `#/components/schemas/${name}`;
/** Names of AsyncAPI are letters, digits, dots, dashes and underscores. */
const id = (name: string): string => name.replaceAll('/', '.');

/** docs/asyncapi.json: the socket, as AsyncAPI 3. */
export function asyncApi(examples: Examples, version: string): object {
  const messages = {
    ...Object.fromEntries(OP_NAMES.flatMap((name) => opMessages(name, examples))),
    ...Object.fromEntries(PUSH_NAMES.map((name) => pushMessage(name, examples))),
    ...Object.fromEntries(FRAME_KINDS.map((kind) => frameMessage(kind, examples))),
    refusal: {
      title: 'Refusal',
      summary: 'The reply to a request that was refused.',
      payload: object({
        id: { type: 'string' },
        ok: { type: 'boolean', const: false },
        error: { $ref: ref('WireError') },
      }),
    },
  };
  const inChannel = (name: string): { $ref: string } => ({ $ref: `#/channels/socket/messages/${name}` });
  const names = Object.keys(messages);
  const unasked = names.filter((name) => !name.endsWith('.request') && !name.endsWith('.reply'));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Fillwire',
      version,
      description:
        'Everything over the WebSocket. Written by `npm run docs`; docs/protocol.md says it in words.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      local: {
        host: '127.0.0.1:8710',
        protocol: 'ws',
        description: `Subprotocol ${SUBPROTOCOL}, which may be left out.`,
      },
    },
    channels: {
      socket: {
        address: '/ws',
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      ...Object.fromEntries(
        OP_NAMES.map((name) => [
          name,
          {
            action: 'receive',
            channel: { $ref: '#/channels/socket' },
            summary: ops[name].summary,
            messages: [inChannel(`${name}.request`)],
            reply: {
              channel: { $ref: '#/channels/socket' },
              messages: [inChannel(`${name}.reply`), inChannel('refusal')],
            },
          },
        ]),
      ),
      push: {
        action: 'send',
        channel: { $ref: '#/channels/socket' },
        summary: 'Whatever the server says unasked.',
        messages: unasked.map(inChannel),
      },
    },
    components: { messages, schemas: namedSchemas(ref, true) },
  };
}

function opMessages(name: OpName, examples: Examples): [string, object][] {
  const { args, result, class: opClass, summary } = ops[name];
  const example = examples.ops[name];
  const shown = (payload: unknown) => (payload === undefined ? {} : { examples: [{ payload }] });
  return [
    [
      `${name}.request`,
      { title: name, summary, payload: requestSchema(name, opClass, args), ...shown(example?.request) },
    ],
    [
      `${name}.reply`,
      {
        title: `Reply to ${name}`,
        payload: object({
          id: { type: 'string' },
          ok: { type: 'boolean', const: true },
          result: jsonSchemaOf(result, 'output', { ref, open: true, notes: resultNotes(name) }),
        }),
        ...shown(example?.reply),
      },
    ],
  ];
}

/** The envelope as the server reads it: with what the class of the op takes, and nothing else. */
function requestSchema(
  name: OpName,
  opClass: (typeof ops)[OpName]['class'],
  args: (typeof ops)[OpName]['args'],
): JsonSchema {
  const envelope = jsonSchemaOf(requestEnvelopeSchema, 'input', { ref }).properties ?? {};
  const isCommand = opClass === 'command' || opClass === 'exposure' || opClass === 'exit';
  const { commandId = {}, expectedVersion = {}, validUntil = {}, id: requestId = {} } = envelope;
  const guards = [...(isCommand ? ['commandId'] : []), ...(opClass === 'exposure' ? ['validUntil'] : [])];
  const mayPreview = 'preview' in args.shape;
  return {
    type: 'object',
    properties: {
      id: requestId,
      op: { type: 'string', const: name },
      args: jsonSchemaOf(args, 'input', { ref, notes: argsNotes(name) }),
      ...(isCommand ? { commandId } : {}),
      ...(isCommand && opClass !== 'exit' ? { validUntil } : {}),
      ...(VERSIONED.has(name) ? { expectedVersion } : {}),
    },
    required: ['id', 'op', ...(args.safeParse({}).success ? [] : ['args']), ...(mayPreview ? [] : guards)],
    // A preview changes nothing, and needs neither id nor deadline.
    ...(mayPreview ? { anyOf: [{ required: guards }, PREVIEW] } : {}),
    additionalProperties: false,
  };
}

const PREVIEW: JsonSchema = {
  properties: {
    args: {
      type: 'object',
      properties: { preview: { type: 'boolean', const: true } },
      required: ['preview'],
    },
  },
  required: ['args'],
};

function pushMessage(name: PushName, examples: Examples): [string, object] {
  const { summary, message } = pushes[name];
  const payload = examples.pushes[name];
  return [
    id(name),
    {
      title: name,
      summary,
      payload: jsonSchemaOf(message, 'output', { ref, open: true }),
      ...(payload === undefined ? {} : { examples: [{ payload }] }),
    },
  ];
}

function frameMessage(kind: (typeof FRAME_KINDS)[number], examples: Examples): [string, object] {
  const payload = examples.frames[kind];
  return [
    `desk.${kind}`,
    {
      title: kind,
      payload: { $ref: ref(frameTypeName(kind)) },
      ...(payload === undefined ? {} : { examples: [{ payload }] }),
    },
  ];
}

function object(properties: Record<string, JsonSchema>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) };
}
