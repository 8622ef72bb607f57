import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { errorDetails } from '../domain/errorDetails.ts';
import { canonicalJson } from '../view/hashView.ts';
import { requestEnvelopeSchema } from './clientMessage.ts';
import { CLOSE } from './closeCodes.ts';
import { frameData } from './frames.ts';
import { ops } from './ops.ts';
import { pushes } from './pushes.ts';
import { SUBPROTOCOL, VIEW_VERSION } from './version.ts';

/**
 * What the wire looked like when somebody last said that it is version 1. Where this fails, the wire has changed:
 * only additions that old clients ignore keep the version; then put the new hash here, with a line in CHANGELOG.md.
 */
const PINNED = {
  subprotocol: 'fillwire.v1.json',
  viewVersion: 1,
  hash: '586d8af271f0b2e187fbeb5866706f2b1dc2242a837d77169b36d1eb261cad2d',
};

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}

/** By name, so that the order in which they are written does not matter. */
function mapped<T extends object>(table: Record<string, T>, describe: (entry: T) => unknown): object {
  return Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, describe(entry)]));
}

function wireHash(): string {
  const wire = {
    envelope: jsonSchema(requestEnvelopeSchema, 'input'),
    ops: mapped(ops, (op) => [op.class, jsonSchema(op.args, 'input'), jsonSchema(op.result, 'output')]),
    frames: mapped(frameData, (data) => jsonSchema(data, 'output')),
    pushes: mapped(pushes, ({ message }) => jsonSchema(message, 'output')),
    errors: mapped(errorDetails, (details) => jsonSchema(details, 'output')),
    closes: CLOSE,
  };
  return createHash('sha256').update(canonicalJson(wire)).digest('hex');
}

it('[WS-32] the schemas are those that the protocol’s version was given to', () => {
  expect({ subprotocol: SUBPROTOCOL, viewVersion: VIEW_VERSION, hash: wireHash() }).toEqual(PINNED);
});
