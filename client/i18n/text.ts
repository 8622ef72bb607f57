import type { TextKey } from './en.ts';
import { language } from './language.ts';

export type TextValues = Record<string, string | number>;

/** Puts values into a text's `{name}` places; a place without a value stays as it is. */
export function fillIn(text: string, values: TextValues): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A text in the chosen language; follows a change of language as that does. */
export function t(key: TextKey, values?: TextValues): string {
  // Where a newer server names a state or a stage that we have no words for, its name says more than nothing.
  const text = textOf(key) ?? key.slice(key.indexOf('.') + 1);
  return values === undefined ? text : fillIn(text, values);
}

const textOf = (key: string): string | undefined => (language().texts as Record<string, string>)[key];
const lookUp = (key: string, fallback: string): string => textOf(key) ?? fallback;

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

/** What a strategy does, in a sentence; `fallback` for one we have no words for. */
export const strategySummary = (id: string, fallback: string): string => lookUp(`summary.${id}`, fallback);

/** One of its ready settings; `fallback` for one we have no words for. */
export const presetName = (strategy: string, id: string, fallback: string): string =>
  lookUp(`preset.${strategy}.${id}`, lookUp(`preset.${id}`, fallback));

/** What a parameter of a strategy is; `fallback` for one we have no words for. */
export const paramHelp = (strategy: string, name: string, fallback: string): string =>
  lookUp(`help.${strategy}.${name}`, lookUp(`help.${name}`, fallback));

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
