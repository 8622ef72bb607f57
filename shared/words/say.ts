import type { Cause } from '../domain/cause.ts';
import type { Decimal } from '../domain/decimal.ts';
import type { Denial } from '../domain/denial.ts';
import { chosenKinds, FAMILIES, type FamilyName, type ToldOf } from './families.ts';
import type { Format } from './format.ts';
import type { Words } from './words.ts';

/** A language, and how it writes figures. */
export interface Tongue {
  words: Words;
  format: Format;
}

/** What is told, as a sentence. */
export function say<F extends FamilyName>(tongue: Tongue, family: F, told: ToldOf[F]): string {
  const { code, figures } = told as { code: string; figures?: Record<string, unknown> };
  const kinds: Record<string, Record<string, string>> = FAMILIES[family];
  const sentences: Record<string, string> = tongue.words[family];
  const sentence = sentences[code];
  // From a newer server: its code says more than nothing.
  if (sentence === undefined) return tongue.words.newer.replace('{code}', code);
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const kind = kinds[code]?.[name];
    if (kind === undefined) return place;
    const value = figures?.[name];
    // Told otherwise by a newer server: the rest of the sentence still holds.
    return value === undefined ? '–' : sayFigure(tongue, kind, value);
  });
}

export const sayDenial = (tongue: Tongue, { limit, figures }: Denial): string =>
  say(tongue, 'denial', { code: limit, figures } as ToldOf['denial']);

/** What stands inside other sentences, by itself. */
export const asSentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** One of a few, in words. */
export function sayChoice<K extends keyof Words['choice']>(
  { words }: Tongue,
  kind: K,
  value: keyof Words['choice'][K] & string,
): string {
  const choices: Record<string, string> = words.choice[kind];
  return choices[value] ?? value;
}

type Row = { symbol: string; size: Decimal; cause?: Cause };

function sayRow(tongue: Tongue, { symbol, size, cause }: Row): string {
  const { words, format } = tongue;
  const figures = { symbol, size: format.decimal(size), cause: cause && say(tongue, 'cause', cause) };
  const pattern = cause === undefined ? words.sized : words.left;
  return pattern.replace(/\{(\w+)\}/g, (place, name: keyof typeof figures) => figures[name] ?? place);
}

function sayFigure(tongue: Tongue, kind: string, value: unknown): string {
  const { format } = tongue;
  switch (kind) {
    case 'decimal':
      return format.decimal(value as Decimal);
    case 'count':
      return format.count(value as number);
    case 'duration':
      return format.duration(value as number);
    case 'moment':
      return format.moment(value as number);
    case 'denial':
      return sayDenial(tongue, value as Denial);
    case 'denials':
      return (value as Denial[]).map((denial) => sayDenial(tongue, denial)).join('; ');
    case 'left':
    case 'sizes':
      return (value as Row[]).map((row) => sayRow(tongue, row)).join(', ');
    case 'price':
      return value === null ? tongue.words.atMarket : format.decimal(value as Decimal);
    case 'breach':
    case 'cause':
    case 'foreign':
      return say(tongue, kind, value as never);
    default:
      if (Object.hasOwn(chosenKinds, kind))
        return sayChoice(tongue, kind as keyof Words['choice'], value as never);
      return String(value);
  }
}
