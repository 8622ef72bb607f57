import { BitgetError } from '../errors/bitgetError.ts';

/** Far more than an account has: a list that never ends is none. */
const MOST_PAGES = 60;
export const PAGE = 100;

/** All pages of a list, as they come. One that is not full, or names no next one, is the last. */
export async function readPages<T>(
  page: (cursor: string | undefined) => Promise<{ rows: T[]; told: number; cursor: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const { rows, told, cursor: next } = await page(cursor);
    all.push(...rows);
    if (told < PAGE || next === null || next === cursor) return all;
    cursor = next;
  }
  throw new BitgetError({ kind: 'no_sense' }, { code: null, message: 'a list that does not end' });
}
