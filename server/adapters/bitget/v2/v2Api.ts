import type { RestCalls } from '../calls/restCalls.ts';
import type { FamilyApi } from '../venue/familyApi.ts';
import { V2Writes } from './orderWrites.ts';
import { privateSpeech } from './privateSpeech.ts';
import { V2Readings } from './readings.ts';

/** The classic API. */
export function v2Api(calls: RestCalls, now: () => number): FamilyApi {
  const readings = new V2Readings(calls, now);
  const writes = new V2Writes(calls, readings, now);
  return { family: 'v2', speech: privateSpeech, readings, writes };
}
