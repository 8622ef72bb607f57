/** Checks values against JSON Schemas whose references lead to `docs#/$defs/<name>`: what does not fit, or null. */
export function validatorOf(
  definitions: Record<string, object>,
): (schema: object, value: unknown) => string | null;
/** What is wrong with an OpenAPI document, by its own parser; null: nothing. */
export function openApiProblem(document: object): Promise<string | null>;
/** What is wrong with an AsyncAPI 3 document, by its official schema; null: nothing. */
export function asyncApiProblem(document: object): string | null;
/** What is wrong with a JSON Schema (2020-12); null: nothing. */
export function jsonSchemaProblem(document: object): string | null;
