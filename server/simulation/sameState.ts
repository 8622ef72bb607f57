/**
 * Whether two states say the same, maps and sets in the same order; what is the same object is not looked into.
 * Absent and undefined are alike, as in JSON.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Map) return b instanceof Map && isSameList([...a], [...b]);
  if (a instanceof Set) return b instanceof Set && isSameList([...a], [...b]);
  if (Array.isArray(a)) return Array.isArray(b) && isSameList(a, b);
  if (b instanceof Map || b instanceof Set || Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (!isSame(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && !(key in left)) return false;
  return true;
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!isSame(a[index], b[index])) return false;
  return true;
}

/** The value, which nobody can change from here on. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const key in value) freeze(value[key]);
  return Object.freeze(value);
}
