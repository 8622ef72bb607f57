/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** Bounds of one log line: what lies beyond is cut, so that no value can flood the log. */
const MAX_DEPTH = 8;
const MAX_ENTRIES = 100;
const MAX_TEXT_CHARS = 8_192;

/** Names of members that hold secrets, without case and separators. */
const SECRET_NAME =
  /passw|passphrase|secret|token|authorization|cookie|apikey|privatekey|encryptionkey|signingkey|accesskey|^keys?$|jwt|credential|bearer|otp$|^pin$|backupcode|recoverycode|signature/;

/** Secrets inside text: credentials in addresses, bearer headers, signed tokens, `name=value` and `name: value`. */
const SECRETS_IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*:[^\s@]*@/gi, `$1${REDACTED}@`],
  // What a database was given, where its error came as text.
  [/(\bFailed query: [\s\S]*?\nparams: )[\s\S]*/g, `$1${REDACTED}`],
  [/\$argon2\w*\$[^\s,'")]*/g, REDACTED],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${REDACTED}`],
  [
    /((?:password|passphrase|passwd|secret|token|api[-_]?key|cookie|authorization|signature)["']?\s*[=:]\s*)(?!\[redacted\])("[^"]*"|'[^']*'|[^\s"'&,;})\]]+)/gi,
    `$1${REDACTED}`,
  ],
];

/** The text without the secrets that can be told by their form. */
export function redactText(text: string): string {
  const bounded =
    text.length > MAX_TEXT_CHARS ? `${text.slice(0, MAX_TEXT_CHARS)}… (${text.length} characters)` : text;
  return SECRETS_IN_TEXT.reduce(
    (known, [pattern, replacement]) => known.replace(pattern, replacement),
    bounded,
  );
}

const isSecretName = (name: string): boolean => SECRET_NAME.test(name.toLowerCase().replace(/[-_.\s]/g, ''));

/** A plain copy of `value` for the log, without secrets at any depth, errors and their causes included. */
export function redact(value: unknown): unknown {
  return copy(value, 0, new Set());
}

function copy(value: unknown, depth: number, ancestors: Set<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[deeper]';
  ancestors.add(value);
  const result = copyObject(value, depth, ancestors);
  ancestors.delete(value);
  return result;
}

function copyObject(value: object, depth: number, ancestors: Set<object>): unknown {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof Error) return copyMembers(errorMembers(value), depth, ancestors);
  if (value instanceof Map)
    return copyMembers(
      [...value].map(([key, member]) => [String(key), member]),
      depth,
      ancestors,
    );
  if (Array.isArray(value) || value instanceof Set) return copyItems([...value], depth, ancestors);
  return copyMembers(membersOf(value), depth, ancestors);
}

function copyItems(items: unknown[], depth: number, ancestors: Set<object>): unknown[] {
  const kept = items.slice(0, MAX_ENTRIES).map((item) => copy(item, depth + 1, ancestors));
  if (items.length > MAX_ENTRIES) kept.push(`… (${items.length} items)`);
  return kept;
}

function copyMembers(
  members: [string, unknown][],
  depth: number,
  ancestors: Set<object>,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of members.slice(0, MAX_ENTRIES)) {
    const hidden =
      isSecretName(name) && member !== null && member !== undefined && typeof member !== 'boolean';
    result[name] = hidden ? REDACTED : copy(member, depth + 1, ancestors);
  }
  if (members.length > MAX_ENTRIES) result['…'] = `${members.length} members`;
  return result;
}

/** Own members; a getter that throws is left out rather than losing the line. */
function membersOf(value: object): [string, unknown][] {
  return Object.keys(value).flatMap((name): [string, unknown][] => {
    try {
      return [[name, Reflect.get(value, name)]];
    } catch {
      return [];
    }
  });
}

/** Members of database errors that repeat what the database was given. */
const GIVEN = ['params', 'parameters', 'args'];
const REPEATS_GIVEN = [...GIVEN, 'types', 'detail', 'where', 'internal_query'];
/** Shorter values are cut with the list of parameters only: as text they could be anything. */
const MIN_CUT_CHARS = 4;

function errorMembers(error: Error): [string, unknown][] {
  const omitted = ['name', 'message', 'stack', 'cause', ...REPEATS_GIVEN];
  const own = membersOf(error).filter(([name]) => !omitted.includes(name));
  const given = givenTexts(error);
  const clean = (text: string | undefined) =>
    text === undefined ? undefined : given.reduce((cut, value) => cut.replaceAll(value, REDACTED), text);
  const members: [string, unknown][] = [
    ['type', error.name],
    ['message', clean(error.message)],
    ['stack', clean(error.stack)],
    ...own,
  ];
  if (error.cause !== undefined) members.push(['cause', causeWithout(error.cause, given)]);
  if (error instanceof AggregateError) members.push(['errors', error.errors]);
  return members;
}

/** The texts among what a database was given, the longest first: one may be part of another. */
function givenTexts(error: Error): string[] {
  const texts = GIVEN.flatMap((name) => textsIn(Reflect.get(error, name)));
  return [...new Set(texts)]
    .filter((text) => text.length >= MIN_CUT_CHARS)
    .sort((a, b) => b.length - a.length);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}

/** The database's own error names values too, and does not know which statement they came from. */
function causeWithout(cause: unknown, given: readonly string[]): unknown {
  if (!(cause instanceof Error) || given.length === 0) return cause;
  const members = Object.fromEntries(errorMembers(cause));
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== 'string') continue;
    members[name] = given.reduce((cut, text) => cut.replaceAll(text, REDACTED), value);
  }
  return members;
}
