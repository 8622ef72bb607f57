import { type Locale, preferences } from '../stores/preferences.svelte.ts';
import { type Dictionary, en, type TextKey } from './en.ts';
import { figureText } from './figureText.ts';
import { ko } from './ko.ts';
import { koServer, koServerNaming } from './koServer.ts';
import { plainWords } from './plainWords.ts';

export const dictionaries: Record<Locale, Dictionary> = { en, ko };

const BREACH = /^(\w+)(?: over all accounts of the (\w+) book)?: (\S+(?: %)?) of (\S+(?: %)?)$/;

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
export const limitName = (limit: string): string => lookUp(`limit.${limit}`, limit);

/** A device as `describeDevice` calls it (`Chrome on Mac`) in the chosen language; a name of its own stays as it is. */
export function deviceLabel(name: string): string {
  const [, browser, system] = /^(.+) on (.+)$/.exec(name) ?? [];
  if (browser === undefined || system === undefined) return name;
  return t('device.on', { browser, system: lookUp(`system.${system}`, system) });
}

/** The name of a strategy; `fallback` for one we have no words for. */
export const strategyName = (id: string, fallback: string = id): string => lookUp(`strategy.${id}`, fallback);

/** The label of a strategy's parameter; `fallback` for one we have no words for. */
export const paramLabel = (name: string, fallback: string): string => lookUp(`param.${name}`, fallback);

/** The unit beside a value (`bars`, `min`); one we have no words for, such as `%`, stays as it is. */
export const unitLabel = (unit: string): string => lookUp(`unit.${unit}`, unit);

/** One of a parameter's choices (`both`); one we have no words for stays as it is. */
export const choiceLabel = (choice: string): string => lookUp(`choice.${choice}`, choice);

/** What was done to a bot, as the engine names it (`update`); one we have no words for stays as it is. */
export const changeName = (action: string): string => lookUp(`change.${action}`, action);

/** The same as what has been done (`Edited`). */
export const didName = (action: string): string => lookUp(`did.${action}`, changeName(action));

/** A sentence of the server's in the chosen language; one we have no words for stays as it is. */
export function serverText(text: string): string {
  const { locale } = preferences;
  return breachText(text) ?? plainWords(locale === 'ko' ? koOf(text) : text, locale);
}

/** `daily_loss: -443.39890684 of -400`: why a limit has stopped a bot. */
function breachText(text: string): string | undefined {
  const [, limit = '', book, actual = '', allowed = ''] = BREACH.exec(text) ?? [];
  if (!Object.hasOwn(en, `limit.${limit}`)) return undefined;
  const words = { limit: limitName(limit), actual: figureText(actual), allowed: figureText(allowed) };
  const said = t('alerts.breach', words);
  return book === undefined ? said : `${t('limits.ofBook', { book: lookUp(`book.${book}`, book) })}: ${said}`;
}

function koOf(text: string): string {
  if (Object.hasOwn(koServer, text)) return koServer[text] ?? text;
  for (const [said, korean] of koServerNaming) {
    const [, named] = said.exec(text) ?? [];
    if (named !== undefined) return fillIn(korean, { named });
  }
  return text;
}

function lookUp(key: string, fallback: string): string {
  return Object.hasOwn(en, key) ? t(key as TextKey) : fallback;
}
