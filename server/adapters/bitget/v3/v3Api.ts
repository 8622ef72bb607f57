import type { RestCalls } from '../calls/restCalls.ts';
import type { FamilyApi } from '../venue/familyApi.ts';
import { V3Writes } from './orderWrites.ts';
import { privateSpeech } from './privateSpeech.ts';
import { V3Readings } from './readings.ts';

/** The unified API. */
export function v3Api(calls: RestCalls, now: () => number): FamilyApi {
  const readings = new V3Readings(calls, now);
  const writes = new V3Writes(calls, readings);
  return { family: 'v3', speech: privateSpeech, readings, writes };
}
