import { badRequest, type WireError } from '../../shared/protocol/errors.ts';

/** NUL, or half of a surrogate pair, as JSON writes them; a backslash before it may make it something else. */
const SUSPECT = /\\u(?:0000|[dD][89a-fA-F])/;
/** With `u` a pair is one character: only a half that stands alone is a surrogate. */
const UNFIT = /[\0\p{Surrogate}]/u;
const ALL_UNFIT = new RegExp(UNFIT, 'gu');
const NAMES = { nul: 'the character U+0000', half: 'half of a character' };
/** Characters of a path that are told. */
const MAX_PATH_CHARS = 80;

interface Place {
  value: unknown;
  key: string;
  within: Place | null;
}

/**
 * What is wrong with JSON that holds NUL or half of a surrogate pair anywhere: the database takes neither, refuses with
 * it whatever is stored in the same batch, and no text needs them. `json` is what `text` says. Undefined: it holds none.
 */
export function textProblem(text: string, json: unknown): WireError | undefined {
  // Almost no text has one: looking through the values is left to those that may. UTF-8 has no halves of its own.
  if (!SUSPECT.test(text)) return undefined;
  // A list instead of recursion: how deep it goes is the client's choice.
  const open: Place[] = [{ value: json, key: '', within: null }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, key } = place;
    const found = UNFIT.exec(key) ?? (typeof value === 'string' ? UNFIT.exec(value) : null);
    if (found !== null) {
      const name = found[0] === '\0' ? NAMES.nul : NAMES.half;
      return badRequest(pathOf(place), `must not hold ${name}`);
    }
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value))
      open.push({ value: member, key: name, within: place });
  }
  return undefined;
}

function pathOf(place: Place): string {
  const keys: string[] = [];
  for (let at: Place | null = place; at !== null; at = at.within) keys.unshift(at.key);
  const path = keys.slice(1).join('.').replaceAll(ALL_UNFIT, '');
  return path.length > MAX_PATH_CHARS ? `${path.slice(0, MAX_PATH_CHARS)}…` : path;
}
