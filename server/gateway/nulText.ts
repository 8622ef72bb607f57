import { badRequest, type WireError } from '../../shared/protocol/errors.ts';

/** NUL as JSON writes it; a backslash before it may make it something else. */
const NUL_ESCAPE = '\\u0000';
/** Characters of a path that are told. */
const MAX_PATH_CHARS = 80;

interface Place {
  value: unknown;
  key: string;
  within: Place | null;
}

/**
 * What is wrong with JSON that holds NUL anywhere: no database takes that character, and no text needs it. `json` is
 * what `text` says. Undefined: it holds none.
 */
export function nulProblem(text: string, json: unknown): WireError | undefined {
  // Almost no text has one: looking through the values is left to those that may.
  if (!text.includes(NUL_ESCAPE)) return undefined;
  // A list instead of recursion: how deep it goes is the client's choice.
  const open: Place[] = [{ value: json, key: '', within: null }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, key } = place;
    if (key.includes('\0') || (typeof value === 'string' && value.includes('\0')))
      return badRequest(pathOf(place), 'must not hold the character U+0000');
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value))
      open.push({ value: member, key: name, within: place });
  }
  return undefined;
}

function pathOf(place: Place): string {
  const keys: string[] = [];
  for (let at: Place | null = place; at !== null; at = at.within) keys.unshift(at.key);
  const path = keys.slice(1).join('.').replaceAll('\0', '');
  return path.length > MAX_PATH_CHARS ? `${path.slice(0, MAX_PATH_CHARS)}…` : path;
}
