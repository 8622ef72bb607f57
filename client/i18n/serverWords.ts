import type { Breach } from '../../shared/domain/account.ts';
import type { LatchReason } from '../../shared/domain/accountStatus.ts';
import type { Alert } from '../../shared/domain/alert.ts';
import type { BotNote } from '../../shared/domain/botNote.ts';
import type { BotReason } from '../../shared/domain/botReason.ts';
import { toldBreach } from '../../shared/domain/breach.ts';
import type { Cause } from '../../shared/domain/cause.ts';
import type { Denial } from '../../shared/domain/denial.ts';
import type { ForeignFound } from '../../shared/domain/foreignFound.ts';
import { type Format, formatOf } from '../../shared/words/format.ts';
import { asSentence, say, sayChoice, sayDenial, type Tongue } from '../../shared/words/say.ts';
import { type Locale, preferences } from '../stores/preferences.svelte.ts';
import { language } from './language.ts';

const FORMATS: Record<Locale, Format> = { en: formatOf('en'), ko: formatOf('ko') };
const tongue = (): Tongue => ({ words: language().words, format: FORMATS[preferences.locale] });

export const alertText = (alert: Alert): string => asSentence(say(tongue(), 'alert', alert));
export const noteText = (note: BotNote): string => say(tongue(), 'note', note);
export const reasonText = (reason: BotReason): string => asSentence(say(tongue(), 'botReason', reason));
export const denialText = (denial: Denial): string => asSentence(sayDenial(tongue(), denial));
export const breachText = (breach: Breach): string =>
  asSentence(say(tongue(), 'breach', toldBreach('account', breach)));

/** The following stand inside other sentences. */
export const causeText = (cause: Cause): string => say(tongue(), 'cause', cause);
export const foreignText = (found: ForeignFound): string => say(tongue(), 'foreign', found);
export const latchText = (reason: LatchReason): string => sayChoice(tongue(), 'latch', reason);
