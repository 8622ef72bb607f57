import { type Locale, preferences } from '../stores/preferences.svelte.ts';
import { type Dictionary, en, type TextKey } from './en.ts';
import { ko } from './ko.ts';

export const dictionaries: Record<Locale, Dictionary> = { en, ko };

export type TextValues = Record<string, string | number>;

/** Puts values into a text's `{name}` places; a place without a value stays as it is. */
export function fillIn(text: string, values: TextValues): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A text in the chosen language. Read inside a view or a derived value, it follows a change of language. */
export function t(key: TextKey, values?: TextValues): string {
  const text = dictionaries[preferences.locale][key];
  return values === undefined ? text : fillIn(text, values);
}

/** The name of a limit as the engine spells it (`minimum_notional`); one we have no words for stays as it is. */
export function limitName(limit: string): string {
  const key = `limit.${limit}`;
  return Object.hasOwn(en, key) ? t(key as TextKey) : limit;
}
