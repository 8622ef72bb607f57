/** Ids are words or numbers as it comes. */
const ID = /(^|\b)(\w*orderId|\w*clientOid|\w*Id|posId)$/i;

/**
 * Where `ours` differs from a documented payload in its keys or in what kind of value it has: a text that is a number, one
 * that is a word, a true number, an object, a list. Empty texts, nulls and empty lists go with all.
 */
export function differences(documented: unknown, ours: unknown, path = ''): string[] {
  if (documented === null || ours === null) return [];
  if (Array.isArray(documented)) {
    if (!Array.isArray(ours)) return [`${path}: no list`];
    const [first] = documented;
    if (first === undefined) return [];
    if (path !== '' && isRow(first))
      return first.flatMap((cell, index) =>
        differences(cell, (ours[0] as unknown[])[index], `${path}[${index}]`),
      );
    return [...new Set(ours.flatMap((one) => differences(first, one, `${path}[]`)))];
  }
  if (typeof documented === 'object') {
    if (typeof ours !== 'object' || Array.isArray(ours)) return [`${path}: no object`];
    const theirs = new Map(Object.entries(documented));
    const mine = new Map(Object.entries(ours));
    return [
      ...[...theirs.keys()].filter((key) => !mine.has(key)).map((key) => `${path}.${key} is missing`),
      ...[...mine.keys()].filter((key) => !theirs.has(key)).map((key) => `${path}.${key} is not documented`),
      ...[...theirs].flatMap(([key, value]) =>
        mine.has(key) ? differences(value, mine.get(key), `${path}.${key}`) : [],
      ),
    ];
  }
  if (typeof documented !== typeof ours) return [`${path}: a ${typeof ours}, not a ${typeof documented}`];
  if (typeof documented !== 'string' || typeof ours !== 'string') return [];
  if (documented === '' || ours === '' || ID.test(path)) return [];
  return kindOf(documented) === kindOf(ours) ? [] : [`${path}: ${ours} is not like ${documented}`];
}

const kindOf = (text: string): 'number' | 'word' => (/^-?\d+(\.\d+)?$/.test(text) ? 'number' : 'word');

/** A list of lists: rows without names. */
const isRow = (value: unknown): value is unknown[] => Array.isArray(value);

/** How many entries the list of an answer has, wherever it lies. */
export function rowsOf(answer: unknown): number {
  const data = (answer as { data: unknown }).data;
  const lists = [data, ...(typeof data === 'object' && data !== null ? Object.values(data) : [])];
  return lists.reduce((most: number, list) => Math.max(most, Array.isArray(list) ? list.length : 0), 0);
}
