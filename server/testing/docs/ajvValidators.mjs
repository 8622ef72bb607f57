// Plain JavaScript: the packages are for tests only, and what is checked with them is untyped by nature.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileErrors, validate as validateOpenApi } from '@readme/openapi-parser';
import Ajv7 from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const require = createRequire(import.meta.url);
const FORMATS = { decimal: true };
const options = { allErrors: true, strict: false, formats: FORMATS };

/** @see ajvValidators.d.mts */
export function validatorOf(definitions) {
  const ajv = new Ajv2020.default(options);
  ajv.addSchema({ $id: 'docs', $defs: definitions });
  const known = new Map();
  return (schema, value) => {
    let validate = known.get(schema);
    if (validate === undefined) {
      validate = ajv.compile(schema);
      known.set(schema, validate);
    }
    return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: '' }).slice(0, 500);
  };
}

/** @see ajvValidators.d.mts */
export async function openApiProblem(document) {
  const result = await validateOpenApi(structuredClone(document));
  return result.valid ? null : compileErrors(result);
}

/** @see ajvValidators.d.mts */
export function asyncApiProblem(document) {
  const schema = JSON.parse(
    readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json'), 'utf8'),
  );
  const ajv = new Ajv7.default({ ...options, unicodeRegExp: false });
  addFormats.default(ajv);
  return ajv.validate(schema, document) ? null : ajv.errorsText(ajv.errors).slice(0, 1000);
}

/** @see ajvValidators.d.mts */
export function jsonSchemaProblem(document) {
  const ajv = new Ajv2020.default(options);
  return ajv.validateSchema(document) ? null : ajv.errorsText(ajv.errors).slice(0, 1000);
}
