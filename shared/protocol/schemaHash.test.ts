import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { canonicalJson } from '../view/hashView.ts';
import { requestEnvelopeSchema } from './clientMessage.ts';
import { CLOSE } from './closeCodes.ts';
import { ERROR_CODES } from './errors.ts';
import { frameData } from './frames.ts';
import { ops } from './ops.ts';
import { SUBPROTOCOL, VIEW_VERSION } from './version.ts';

/**
 * What the wire looked like when somebody last said that it is version 1. Where this fails, the wire has changed:
 * only additions that old clients ignore keep the version; then put the new hash here, with a line in CHANGELOG.md.
 */
const PINNED = {
  subprotocol: 'fillwire.v1.json',
  viewVersion: 1,
  hash: '2bd5d1530e85f295264d5a1c1505fbeb6e6c877eeb773570a5194d8fc663bca4',
};

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}

function wireHash(): string {
  const wire = {
    envelope: jsonSchema(requestEnvelopeSchema, 'input'),
    ops: Object.entries(ops).map(([name, op]) => [
      name,
      op.class,
      jsonSchema(op.args, 'input'),
      jsonSchema(op.result, 'output'),
    ]),
    frames: Object.entries(frameData).map(([kind, data]) => [kind, jsonSchema(data, 'output')]),
    errors: ERROR_CODES,
    closes: CLOSE,
  };
  return createHash('sha256').update(canonicalJson(wire)).digest('hex');
}

it('[WS-32] the schemas are those that the protocol’s version was given to', () => {
  expect({ subprotocol: SUBPROTOCOL, viewVersion: VIEW_VERSION, hash: wireHash() }).toEqual(PINNED);
});
