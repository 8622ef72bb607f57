import { en } from './en.ts';
import { formatOf } from './format.ts';
import type { Tongue } from './say.ts';

/** For the wire, logs and command lines. */
export const inEnglish: Tongue = { words: en, format: formatOf('en') };
