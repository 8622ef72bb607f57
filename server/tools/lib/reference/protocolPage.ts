import { ALERT_CODES, ALERT_KINDS } from '../../../../shared/domain/alert.ts';
import { requestEnvelopeSchema } from '../../../../shared/protocol/clientMessage.ts';
import { CLOSE } from '../../../../shared/protocol/closeCodes.ts';
import { FRAME_KINDS, type FrameKind, frameSchemas } from '../../../../shared/protocol/frames.ts';
import { PUSH_NAMES, type PushName, pushes } from '../../../../shared/protocol/pushes.ts';
import { SUBPROTOCOL, VIEW_VERSION } from '../../../../shared/protocol/version.ts';
import { GATEWAY_LIMITS } from '../../../gateway/limits.ts';
import {
  PAST_READ_MS,
  PAST_READS_PER_CONNECTION,
  PAST_READS_PER_USER,
} from '../../../runtime/barHub/limits.ts';
import type { Examples } from './examples.ts';
import { OF_ITSELF, readFieldNotes } from './fieldNotes.ts';
import { jsonSchemaOf } from './jsonSchemas.ts';
import { blocks, inCell, jsonBlock, rateTable, schemaText, table, toTypes } from './markdown.ts';
import { frameTypeName, NAMED_TYPES } from './namedTypes.ts';
import { classTable } from './opsPage.ts';
import { fieldRows } from './typeText.ts';

const L = GATEWAY_LIMITS;

/** What each name in a subscribe stands for. */
export const CHANNELS: ReadonlyArray<readonly [name: string, what: string]> = [
  [
    'desk',
    'everything that happens at your desk, in order and without a gap: [frames](#frames-on-desk) and `head`',
  ],
  ['pnl', 'what your accounts are worth; takes `intervalMs`'],
  ['devices', 'your devices, and how far each has acknowledged'],
  ['markets:<venue>', 'the instruments of a venue, such as `markets:sim`'],
  ['ticker:<venue>.<symbol>', 'prices, such as `ticker:sim.BTCUSDT`; takes `intervalMs`'],
  ['candles:<venue>.<symbol>.<interval>', 'bars, such as `candles:sim.BTCUSDT.1m`; takes `intervalMs`'],
  ['log:<botId>', 'what a bot of yours says'],
];

/** What a client does after each close code. */
const CLOSE_TEXT: Record<keyof typeof CLOSE, string> = {
  restarting: 'The server ends. Wait `reconnectAfterMs` of `server.restarting`, then connect again.',
  slowReader: `You read too slowly: more than ${L.closeAboveBytes / 1_048_576} MB waited for you. Connect again and resume.`,
  tokenExpired: 'Your access token has ended. POST /auth/refresh, then connect again.',
  resync: 'What you were sent can no longer be trusted. Connect again; a snapshot follows.',
  overloaded:
    'The server has no room, or could not check your token in time. Connect again, a second later at the earliest.',
  flooding: 'You sent too much at once. Connect again, a second later at the earliest, and send more slowly.',
  unauthenticated: 'No valid token within 5 s. Refresh once; refused again: log in.',
  revoked: 'This login was ended, by a logout or by revoking the device. Log in.',
  protocolViolation: `You sent more than ${L.malformedFrames} frames in ${L.malformedWindowMs / 1_000} s that are no request (no JSON object, no \`id\`, binary, too large), each answered with \`bad_request\` or \`too_large\`; or another user’s token. Mend the client.`,
  connectionLimit:
    'Too many connections of this user or address. Close others; try again after half a minute.',
};

/** docs/protocol.md: the connection, channels, pushes, frames, alerts, closes, limits. */
export function protocolPage(examples: Examples): string {
  return blocks([
    '# The protocol',
    'Written by `npm run docs` from the schemas; do not edit. Every example was exchanged with a server by a test.',
    table(
      ['page', 'holds'],
      [
        [
          '[First client in ten minutes](first-client.md)',
          'log in, connect, see prices, place an order: curl, Node, Python',
        ],
        ['[HTTP routes](http.md)', 'register, log in, refresh, log out, health'],
        ['[Ops](ops.md)', 'every request, its result, an example of each'],
        ['[Types](types.md)', 'orders, positions, bots and all else, each once'],
        ['[Resume, acks and the hash](resume.md)', 'how a view stays whole over cuts, and how to prove it'],
        ['[Errors and retries](errors.md)', 'what to do after each code'],
        ['[Clocks](clocks.md)', 'which time is in which field'],
        [
          '[asyncapi.json](asyncapi.json), [openapi.json](openapi.json), [schemas.json](schemas.json)',
          'the same for machines',
        ],
      ],
    ),
    '## The connection',
    `WebSocket at \`/ws\`, JSON text frames, subprotocol \`${SUBPROTOCOL}\` (may be left out; another one is refused with HTTP 400), view version ${VIEW_VERSION}. Browsers must come from the server’s own origin or a listed one; programs send no Origin.`,
    [
      '1. Open the socket.',
      '2. Send `session.authenticate` with an access token within 5 s. Wait for its reply.',
      '3. Send `subscribe` with `desk` and whatever else you want. The reply holds your view.',
      '4. Read. Let your library take frames of up to 16 MB: a snapshot is one frame. `ping` when nothing came for 12 s; after 30 s of silence connect anew. The server sends WebSocket pings too, which libraries answer by themselves.',
      '5. When the access token is about to end (`expiresAt`, or the push `session.expiring`): POST /auth/refresh, then `session.refresh`.',
    ].join('\n'),
    'Name your program with `device` at the login or in `session.authenticate`: an `id` that you made up once and keep, a `name` and a `kind` for people. Without it the socket counts as the device of the login. A person sees devices in `devices` and can revoke each.',
    '## Requests and replies',
    'A request is one JSON object. It is read strictly: an unknown field or op, or a wrong type, is refused with `bad_request`, which names the path.',
    schemaText(jsonSchemaOf(requestEnvelopeSchema, 'input', { notes: envelopeNotes() }), toTypes, ''),
    'The class of an op says which of these its requests take:',
    classTable(),
    'A preview (`preview: true` of `orders.submit`, `emergency.stop`, `admin.emergencyStop`) changes nothing: it needs neither `commandId` nor `validUntil`.',
    'Each request gets one reply, `{ id, ok: true, result }` or `{ id, ok: false, error }` with a [WireError](types.md#wireerror). Replies may come in another order than requests. An error with `id` `""` answers a frame in which no id could be read.',
    '**`accepted` means durable.** A command is answered once what it decided is written to the log, at `seq`. What the venue then does comes as frames: an order that was accepted may still be rejected, and a bot that was told to stop is `stopping` first. The reply may come before or after the frames it is about; wait until your view has reached `seq` to see its effect.',
    '**Sending again is safe.** The same `commandId` with the same op and arguments gets the first answer and has no second effect, over restarts too. With other arguments it is refused with `command_id_reused`.',
    'An account is in one-way mode: one position per account and symbol. An order of the other side reduces it, and opens the other direction with what is left over, unless `reduceOnly` is set.',
    'Sizes and prices are never rounded for you. A size that is no multiple of `sizeStep`, or a price that is none of `tickSize`, is denied, and the denial names the step.',
    '`size` of `orders.amend` is the new size of the whole order, what has filled already included.',
    '## Refusals',
    'One of each that a test met. [Errors and retries](errors.md) says what to do.',
    ...Object.entries(examples.errors).flatMap(([code, { request, reply }]) => [
      `### \`${code}\``,
      jsonBlock(request, reply),
    ]),
    '## Channels',
    `A connection may be in ${L.channelsPerConnection} channels. \`subscribe\` joins all of the named ones or none; its reply comes before anything of them, once all of them are ready. Join \`desk\` by a \`subscribe\` of its own: the history of candles may take seconds to read, and holds up what is named beside it, nothing else. Joining again is allowed: it changes \`intervalMs\`, and for \`desk\` it gives what you missed. \`intervalMs\` (100 to 60,000, rounded up to 100, 250, 500, 1000, 2000, 5000, 10000, 30000 or 60000) asks for at most one push in that time, bars that close excepted, which come at once; without it you get the newest of each turn of the server’s loop.`,
    table(
      ['channel', 'tells'],
      CHANNELS.map(([name, what]) => [`\`${name}\``, what]),
    ),
    '## Pushes',
    'A push has no `id`. Besides the frames of `desk` there are these; those with `ch: "session"` come without a subscription. Ignore kinds that you do not know.',
    ...PUSH_NAMES.map((name) => pushText(name, examples)),
    '## Frames on `desk`',
    'Frames come in the order of `seq`, without a gap, each with the changed entity in full. [Resume, acks and the hash](resume.md) says how they are folded into a view. Around the `data` of every kind is the same:',
    frameEnvelope(),
    table(
      ['kind', '`data`', ''],
      FRAME_KINDS.map((kind) => frameRow(kind)),
    ),
    ...FRAME_KINDS.flatMap((kind) => {
      const example = examples.frames[kind];
      return example === undefined ? [] : [`### \`${kind}\``, jsonBlock(example)];
    }),
    '## Alerts',
    'A `condition` is so until its cause ends and cannot be dismissed before; `news` has happened, and goes with `alerts.dismiss` at the latest.',
    table(
      ['code', 'stands', 'until'],
      ALERT_CODES.map((name) => [`\`${name}\``, ALERT_KINDS[name].stands, ALERT_KINDS[name].until]),
    ),
    '## Close codes',
    'Below 4500: connect again, after a random share of min(30 s, 0.5 s × 2^attempt). From 4500: not without the named change. Treat codes you do not know by the same rule.',
    table(
      ['code', 'name', 'what to do'],
      (Object.keys(CLOSE) as (keyof typeof CLOSE)[]).map((name) => [
        String(CLOSE[name]),
        `\`${name}\``,
        CLOSE_TEXT[name],
      ]),
    ),
    ...limitTexts(),
  ]);
}

function envelopeNotes() {
  return readFieldNotes('shared/protocol/clientMessage.ts').get('requestEnvelopeSchema') ?? new Map();
}

function pushText(name: PushName, examples: Examples): string {
  const { summary, message } = pushes[name];
  const [channel = '', kind = ''] = name.split('/');
  const { data } = message.shape as { data?: Parameters<typeof jsonSchemaOf>[0] };
  const example = examples.pushes[name];
  return blocks([
    `### \`${kind}\` on \`${channel}\``,
    summary,
    data === undefined ? '' : dataText(data),
    example === undefined ? '' : jsonBlock(example),
  ]).trimEnd();
}

function dataText(data: Parameters<typeof jsonSchemaOf>[0]): string {
  const schema = jsonSchemaOf(data, 'output');
  const text = schemaText(schema, toTypes, '`data` is `{}`.');
  return text.startsWith('|') ? text : `\`data\`: ${text}`;
}

function frameEnvelope(): string {
  const notes = readFieldNotes('shared/protocol/frames.ts').get('frameOf') ?? new Map();
  const { properties = {}, ...rest } = jsonSchemaOf(frameSchemas.Internal, 'output', {
    notes,
    own: frameTypeName('Internal'),
  });
  const { data: _, kind: __, ...around } = properties;
  return schemaText({ ...rest, properties: around }, toTypes, '');
}

function frameRow(kind: FrameKind): string[] {
  const schema = jsonSchemaOf(frameSchemas[kind].shape.data, 'output');
  const rows = fieldRows(schema, toTypes) ?? [];
  const data = rows
    .map(({ path, type, required }) => `\`${path}\`${required ? '' : '?'}: ${type}`)
    .join(', ');
  const note = NAMED_TYPES.find(({ name }) => name === frameTypeName(kind))?.notes.get(OF_ITSELF) ?? '';
  return [`\`${kind}\``, data === '' ? '`{}`' : data, inCell(note)];
}

function limitTexts(): string[] {
  return [
    '## What a connection may send',
    'Requests beyond these rates are answered `rate_limited` with `details.retryAfterMs`; exits have budgets of their own. `limits` in the reply to `session.authenticate` has the figures in force of a connection, but for the exits that may wait; those of a user and of an address, and these, stand only here. How often one may log in and refresh [stands with the routes](http.md#how-often).',
    rateTable([
      ['requests of a connection', L.connectionRate],
      ['requests of a user', L.userRate],
      ['requests of an address', L.addressRate],
      ['exits of a connection', L.exitConnectionRate],
      ['exits of a user', L.exitUserRate],
    ]),
    `At most ${L.outstandingRequests} requests of a connection may wait for their reply, and ${L.outstandingExits} exits. A frame may have ${L.frameBytes / 1_024} KB.`,
    `\`market.candles\` for bars that nobody has looked at lately are read from the venue, after all that bots and charts of the present need. A connection may wait for ${PAST_READS_PER_CONNECTION} of those at a time, a user for ${PAST_READS_PER_USER}; users take turns. One more is \`rate_limited\`; what was not read within ${PAST_READ_MS / 1_000} s is \`unavailable\`, and goes on where it ended when you ask again. What a connection asked for is not read once it is gone.`,
    `Beyond that, whatever a connection sends is counted before it is read: each frame (requests good and bad, acks, pings, pongs) as one, and one more per ${L.inputBytesPerToken / 1_024} KB. Who goes on past \`rate_limited\` until this budget is spent gets one last \`rate_limited\` with id \`""\`, then close ${CLOSE.flooding}. The budget of an address closes only those that have not authenticated. HTTP requests beyond theirs (upgrades count, and large answers count more) get 429 with \`Retry-After\`, and the connection is closed.`,
    rateTable([
      ['frames of a connection', L.inputRate],
      ['frames of an address', L.addressInputRate],
      ['HTTP requests of an address', L.httpRate],
      ['new connections of an address', L.newConnectionRate],
    ]),
    `New connections beyond their rate, and more than ${L.httpConnections} of one server that are no WebSocket, are closed before anything is read of them. Behind a proxy their rate is the proxy's matter.`,
  ];
}
