import { FRAME_KINDS, type FrameKind } from '../../../shared/protocol/frames.ts';
import { isOpName, ops } from '../../../shared/protocol/ops.ts';
import { type PushName, pushes } from '../../../shared/protocol/pushes.ts';
import { HTTP_ROUTES } from '../../tools/lib/reference/httpRoutes.ts';
import { type JsonSchema, jsonSchemaOf, namedSchemas } from '../../tools/lib/reference/jsonSchemas.ts';
import { frameTypeName } from '../../tools/lib/reference/namedTypes.ts';
import { validatorOf } from './ajvValidators.mjs';
import type { Exchange, Exchanges, HttpExchange } from './exchanges.ts';

const ref = (name: string): string => `docs#/$defs/${name}`;
// Strict: a field that the reference does not name is as wrong as one that is missing.
const check = validatorOf(namedSchemas(ref, false));
const schemas = new Map<string, JsonSchema>();

/** Written once for each name: compiling is what takes time. */
function schema(name: string, make: () => JsonSchema): JsonSchema {
  const known = schemas.get(name) ?? make();
  schemas.set(name, known);
  return known;
}

const typeSchema = (name: string): JsonSchema => schema(`type ${name}`, () => ({ $ref: ref(name) }));

/** What of all that was exchanged is not as the schemas say. */
export function misfits({ exchanged, pushed, http }: Exchanges): string[] {
  return [
    ...exchanged.flatMap(exchangeMisfits),
    ...pushed.flatMap(pushMisfits),
    ...http.flatMap(httpMisfits),
  ];
}

export function exchangeMisfits({ request, reply }: Exchange): string[] {
  const name = String(request.op);
  if (reply.ok !== true) return told(`${name}, refused`, check(typeSchema('WireError'), reply.error));
  if (!isOpName(name)) return [`${name} is no op`];
  const { args, result } = ops[name];
  const argsSchema = schema(`args ${name}`, () => jsonSchemaOf(args, 'input', { ref }));
  const resultSchema = schema(`result ${name}`, () => jsonSchemaOf(result, 'output', { ref }));
  return [
    ...told(`args of ${name}`, check(argsSchema, request.args ?? {})),
    ...told(`result of ${name}`, check(resultSchema, reply.result)),
  ];
}

export function pushMisfits(push: Record<string, unknown>): string[] {
  const kind = String(push.kind);
  if (FRAME_KINDS.includes(kind as FrameKind))
    return told(`frame ${kind}`, check(typeSchema(frameTypeName(kind as FrameKind)), push));
  const name = `${String(push.ch).split(':')[0]}/${kind}`;
  if (!Object.hasOwn(pushes, name)) return [`${name} is no push`];
  const { message } = pushes[name as PushName];
  return told(
    `push ${name}`,
    check(
      schema(`push ${name}`, () => jsonSchemaOf(message, 'output', { ref })),
      push,
    ),
  );
}

export function httpMisfits({ route, body, status, answer }: HttpExchange): string[] {
  const known = HTTP_ROUTES.find(({ method, path }) => `${method} ${path}` === route);
  if (known === undefined) return [`${route} is no route`];
  const asked =
    known.body === null
      ? []
      : told(
          `body of ${route}`,
          check(
            schema(`body ${route}`, () => jsonSchemaOf(known.body ?? never(), 'input', { ref })),
            body,
          ),
        );
  const given =
    status === 200 || known.answer === null
      ? schema(`answer ${route}`, () => jsonSchemaOf(known.answer ?? never(), 'output', { ref }))
      : typeSchema('HttpError');
  return [...asked, ...told(`answer ${status} of ${route}`, check(given, answer))];
}

function told(what: string, problem: string | null): string[] {
  return problem === null ? [] : [`${what}: ${problem}`];
}

function never(): never {
  throw new Error('there is no schema');
}
