import { en as words } from '../../shared/words/en.ts';
import { en as texts } from './en.ts';
import type { Language } from './language.ts';

export const english: Language = { texts, words };
