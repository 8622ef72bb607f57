import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ALERT_CODES } from '../../shared/domain/alert.ts';
import { ERROR_CODES } from '../../shared/protocol/errors.ts';
import { FRAME_KINDS } from '../../shared/protocol/frames.ts';
import { OP_NAMES } from '../../shared/protocol/ops.ts';
import { protocolReference } from './lib/protocolReference.ts';
import { fieldsOf, jsonSchemaOf, typeText } from './lib/schemaText.ts';

const COMMITTED = fileURLToPath(new URL('../../docs/protocol.md', import.meta.url));

it('[WS-33] the committed reference is what the schemas say: else run npm run docs', () => {
  expect(readFileSync(COMMITTED, 'utf8')).toBe(protocolReference());
});

it('[WS-33] it names every op, frame kind, alert and error', () => {
  const reference = protocolReference();
  for (const name of [...OP_NAMES, ...FRAME_KINDS, ...ERROR_CODES, ...ALERT_CODES])
    expect(reference).toContain(`\`${name}\``);
});

it('[WS-33] types are said in a few words', () => {
  const schema = z.strictObject({
    side: z.enum(['buy', 'sell']),
    limit: z.number().int().min(1).max(1_000).default(100),
    tags: z.array(z.string().max(8)).optional(),
    inner: z.object({ a: z.string().nullable() }),
    any: z.record(z.string(), z.number()),
  });
  const json = jsonSchemaOf(schema, 'input');
  expect(fieldsOf(json)).toEqual([
    { name: 'side', type: '"buy" \\| "sell"', required: true, default: null },
    { name: 'limit', type: 'integer 1–1000', required: false, default: '100' },
    { name: 'tags', type: 'string of ≤ 8[]', required: false, default: null },
    { name: 'inner', type: '{ a: string \\| null }', required: true, default: null },
    { name: 'any', type: '{ [key]: number }', required: true, default: null },
  ]);
  expect(typeText(jsonSchemaOf(z.literal('accepted'), 'output'))).toBe('"accepted"');
});
