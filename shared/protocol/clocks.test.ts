import { expect, test } from 'vitest';
import { z } from 'zod';
import { tokensSchema } from './auth.ts';
import { requestEnvelopeSchema } from './clientMessage.ts';
import { ops } from './ops.ts';
import { deskJoinSchema } from './pushes.ts';
import { pushSchema } from './serverMessage.ts';

/** How fields that tell a time are named here. */
const TIME_NAME = /(^(ts|at|since|from|to|before|asOf|notAfter|dayOf)|Ts|At|Time|Until|Since|Times)$/;
const CLOCK = /^(Wall|Market) time: /;

interface Node {
  type?: string;
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
  additionalProperties?: Node | boolean;
}

interface Found {
  path: string;
  clock: string | undefined;
}

/** Every number in a schema, by its path, and the clock that it says it is by. */
function numbersOf(node: Node, path: string): Found[] {
  const { properties = {}, items, anyOf = [], oneOf = [], additionalProperties: values } = node;
  return [
    ...(node.type === 'integer' || node.type === 'number'
      ? [{ path, clock: CLOCK.exec(node.description ?? '')?.[1] }]
      : []),
    ...Object.entries(properties).flatMap(([name, value]) => numbersOf(value, `${path}.${name}`)),
    ...[...anyOf, ...oneOf].flatMap((member) => numbersOf(member, path)),
    ...(items === undefined ? [] : numbersOf(items, path)),
    ...(typeof values === 'object' ? numbersOf(values, path) : []),
  ];
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Node {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Node;
}

test('[MET-13] each field that tells a time says by which clock', () => {
  const found = [
    ...Object.entries(ops).flatMap(([name, op]) => [
      ...numbersOf(jsonSchema(op.args, 'input'), `${name} args`),
      ...numbersOf(jsonSchema(op.result, 'output'), name),
    ]),
    ...numbersOf(jsonSchema(pushSchema, 'output'), 'push'),
    ...numbersOf(jsonSchema(deskJoinSchema, 'output'), 'join'),
    ...numbersOf(jsonSchema(requestEnvelopeSchema, 'input'), 'request'),
    ...numbersOf(jsonSchema(tokensSchema, 'output'), 'tokens'),
  ];
  const names = (these: Found[]) => [...new Set(these.map(({ path }) => path))];
  const isTime = ({ path }: Found): boolean => TIME_NAME.test(path.slice(path.lastIndexOf('.') + 1));
  expect(names(found.filter(isTime)).length).toBeGreaterThan(100);
  expect(names(found.filter((one) => isTime(one) && one.clock === undefined))).toEqual([]);
  expect(names(found.filter((one) => !isTime(one) && one.clock !== undefined))).toEqual([]);
});
