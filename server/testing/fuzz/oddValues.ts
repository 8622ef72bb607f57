import { z } from 'zod';
import { OP_NAMES, type OpName, ops } from '../../../shared/protocol/ops.ts';
import type { Random } from '../../simulation/random.ts';

/** 1 January 2100, ms. */
const FAR_FUTURE = 4_102_444_800_000;

/** The part of JSON Schema that the schemas of ops are made of. */
interface JsonSchema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
}

/** These end the login that the others are sent with, or wait for what never comes. */
const ENDS_LOGIN: ReadonlySet<OpName> = new Set(['session.authenticate', 'devices.revoke']);
const OPS = OP_NAMES.filter((op) => !ENDS_LOGIN.has(op));

const argsOf = new Map<OpName, JsonSchema>();
for (const op of OPS)
  argsOf.set(op, z.toJSONSchema(ops[op].args, { io: 'input', unrepresentable: 'any' }) as JsonSchema);

const ODD_TEXT = [
  '',
  ' ',
  '\0',
  'a\0b',
  '__proto__',
  'constructor',
  'NaN',
  '1e999',
  '-0',
  '0x10',
  '1_000',
  '٣',
  '\ud800',
  '\u202e',
  '🏦'.repeat(40),
  "'; DROP TABLE users; --",
  '../../etc/passwd',
  '%00',
  '{{7*7}}',
  'x'.repeat(5_000),
  '9'.repeat(400),
];
const ODD_NUMBERS = [0, -0, -1, 0.1, 1e-320, 1e308, 2 ** 31, 2 ** 53, -(2 ** 63), Number.MAX_SAFE_INTEGER];
/** What stands in a field of this name; amounts in all the others. */
const LIKELY_TEXT: Record<string, readonly string[]> = {
  symbol: ['BTCUSDT', 'ETHUSDT', 'XRPUSDT', 'NONEUSDT'],
  venue: ['sim', 'bitget'],
  interval: ['1m', '5m'],
  strategy: ['momentum', 'conservative', 'none'],
  name: ['A name'],
  timeZone: ['Asia/Seoul', 'Mars/Olympus'],
  channels: ['desk', 'pnl', 'devices', 'ticker:sim.BTCUSDT', 'candles:sim.BTCUSDT.1m', 'log:none', 'nothing'],
};
const AMOUNTS = ['1', '0.01', '20', '50000', '0', '-1'];

/** Anything that JSON can say. */
export function oddValue(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 3 ? 6 : 9);
  if (kind === 0) return null;
  if (kind === 1) return random.chance(0.5);
  if (kind === 2) return random.pick(ODD_NUMBERS);
  if (kind <= 4) return random.pick(ODD_TEXT);
  if (kind === 5) return random.pick(AMOUNTS);
  if (kind === 6) return nested(random.between(1, 2_000));
  const values = Array.from({ length: random.below(5) }, () => oddValue(random, depth + 1));
  if (kind === 7) return values;
  return Object.fromEntries(values.map((value) => [random.pick(ODD_TEXT), value]));
}

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

/** A request of some op: of the right shape, or odd in a place or two. `ids`: of what is there. */
export function request(random: Random, id: string, ids: readonly string[]): Record<string, unknown> {
  const op = random.pick(OPS);
  const oddness = random.chance(0.5) ? 0 : 0.06;
  const args = likelyValue(argsOf.get(op) ?? {}, '', { random, oddness, ids });
  const frame: Record<string, unknown> = { id, op, args };
  if (oddness === 0) {
    const opClass = ops[op].class;
    if (opClass !== 'read' && opClass !== 'session') frame.commandId = `fuzz-${id}-${random.below(1_000)}`;
    if (opClass === 'exposure') frame.validUntil = FAR_FUTURE;
    return frame;
  }
  if (random.chance(0.8)) frame.commandId = `fuzz-${id}-${random.below(1_000)}`;
  if (random.chance(0.6)) frame.validUntil = random.chance(0.9) ? FAR_FUTURE : oddValue(random);
  if (random.chance(0.1)) frame.expectedVersion = random.chance(0.5) ? 1 : oddValue(random);
  if (random.chance(0.05)) frame[random.pick(ODD_TEXT)] = oddValue(random);
  if (random.chance(0.03)) frame.op = oddValue(random);
  if (random.chance(0.03)) frame.args = oddValue(random);
  return frame;
}

interface Likely {
  random: Random;
  /** How often something else stands in a place. */
  oddness: number;
  ids: readonly string[];
}

/** `name`: of the field it is for. */
function likelyValue(schema: JsonSchema, name: string, likely: Likely): unknown {
  const { random, oddness, ids } = likely;
  if (random.chance(oddness)) return oddValue(random);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return likelyValue(random.pick(choices), name, likely);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  switch (schema.type) {
    case 'object': {
      const required = new Set(schema.required);
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => required.has(key) || random.chance(0.4))
          .map(([key, value]) => [key, likelyValue(value, key, likely)]),
      );
    }
    case 'array':
      return Array.from({ length: random.between(1, 3) }, () =>
        likelyValue(schema.items ?? {}, name, likely),
      );
    case 'integer':
    case 'number':
      return random.between(schema.minimum ?? -1, Math.min(schema.maximum ?? 1_000, 1_000_000));
    case 'boolean':
      return random.chance(0.5);
    case 'string':
      return random.pick(/Ids?$/.test(name) ? ids : (LIKELY_TEXT[name] ?? AMOUNTS));
    default:
      return oddValue(random);
  }
}
