import type { Words } from '../../shared/words/words.ts';
import { type Locale, preferences } from '../stores/preferences.svelte.ts';
import type { Dictionary } from './en.ts';

/** Everything that is said in one language: by the dashboard itself, and of what the server tells. */
export interface Language {
  texts: Dictionary;
  words: Words;
}

/** Each is a file of its own: only the one in use is fetched. */
const LOADERS: Record<Locale, () => Promise<Language>> = {
  en: async () => (await import('./english.ts')).english,
  ko: async () => (await import('./korean.ts')).korean,
};
const loaded: Partial<Record<Locale, Language>> = {};

/** Before anything is said in it. */
export async function loadLanguage(locale: Locale): Promise<void> {
  loaded[locale] ??= await LOADERS[locale]();
}

/** The last one asked for: one that comes late changes nothing any more. */
let wanted: Locale | undefined;

/** The page changes over once the language is here; where that cannot be had now, the next load of the page tries again. */
export async function chooseLanguage(locale: Locale): Promise<void> {
  wanted = locale;
  preferences.keepLocale(locale);
  await loadLanguage(locale);
  if (wanted === locale) preferences.useLocale(locale);
}

/** The chosen one. Read inside a view or a derived value, it follows a change of language. */
export function language(): Language {
  const chosen = loaded[preferences.locale];
  if (chosen === undefined) throw new Error(`the language ${preferences.locale} is not loaded`);
  return chosen;
}
