import { formatDateTime } from '../format/time.ts';

/** Ids as the server makes them: hex of 16 digits and more, with or without dashes. */
const ID = /\b(?=[0-9a-f-]*\d)[0-9a-f]{8}(?:-?[0-9a-f]{4}){2,}[0-9a-f]*\b/gi;
/** A moment as a program says it, ms since 1970, of this century. */
const MOMENT = /\b[12]\d{12}\b/g;

/** Whether a sentence of the server's names things as programs do. */
export const isMachineTalk = (text: string): boolean => text.search(ID) >= 0 || text.search(MOMENT) >= 0;

/** A sentence of the server's without what only programs can read. */
export const plainWords = (text: string, locale: string): string =>
  text
    .replace(MOMENT, (ms) => formatDateTime(Number(ms), locale))
    .replace(ID, '')
    .replace(/ {2,}/g, ' ')
    .replace(/ ([,.;:)])/g, '$1')
    .trim();
