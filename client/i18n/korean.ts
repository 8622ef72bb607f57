import { ko as words } from '../../shared/words/ko.ts';
import { ko as texts } from './ko.ts';
import type { Language } from './language.ts';

export const korean: Language = { texts, words };
