import type { LatchReason } from '../../../shared/domain/accountStatus.ts';
import type { ToldAlert } from '../../../shared/domain/alert.ts';
import type { BotReason } from '../../../shared/domain/botReason.ts';
import {
  because,
  CAUSES,
  type Cause,
  type CauseCode,
  type VenueRefusal,
  venueEndingSchema,
  venueRefusalSchema,
} from '../../../shared/domain/cause.ts';
import { type Decimal, parseDecimal } from '../../../shared/domain/decimal.ts';
import type { ForeignFound } from '../../../shared/domain/foreignFound.ts';

/*
 * Sentences that version 1 of the log has where there are codes now. Those that this server goes by are among them: what an
 * order waits for, why it was refused. Of the others those that can be told in every language; the rest stays as it is.
 */

/** Causes that have no figures, by what they were called. */
const CAUSE_OF: Readonly<Record<string, CauseCode>> = {
  'it waits for its leverage to be set at the venue': 'awaits_settings',
  'it has ended at the venue; the fills it reports are awaited': 'awaits_fills',
  'the venue took it and neither fills it nor gives it up': 'hangs',
  'the venue took it and gave it up with nothing filled': 'gave_up',
  'the venue never received it': 'never_received',
  'it never arrived': 'never_received',
  'the venue no longer knows it': 'forgotten',
  'the venue does not show it': 'forgotten',
  'no answer, and the venue cannot be asked': 'unaskable',
  'nobody can tell': 'unaskable',
  'sent by npm run panic': 'by_panic',
  'comparing with the venue after a restart': 'restarting',
  resetting: 'resetting',
  'the position that it was for is gone': 'position_gone',
  'its desk stands still': 'desk_stands_still',
  'its time passed while it waited to be sent': 'too_late',
  'the order is over': 'order_over',
  'the order is being cancelled': 'order_being_cancelled',
  'it was to be cancelled before it was sent': 'order_being_cancelled',
  'its position wants no stop any more': 'stop_not_wanted',
  'another stop rests in its place': 'other_stop_rests',
};
const WITHDRAWN = 'withdrawn before it was sent: ';

/** As it is: in the words it was written down in. */
export const told = (text: string) => ({ code: 'told', figures: { text } }) as const;

/** The venue's word at the start of its refusal, as in `size: below the minimum`. */
export function refusalAt(text: string): VenueRefusal | undefined {
  return venueRefusalSchema.safeParse(text.split(':')[0]).data;
}

/** Why an order, a close or an account is as it is. */
export function causeOf(text: string): Cause {
  const as = refusalAt(text);
  if (as !== undefined) return because('refused', { as });
  const sentence = text.startsWith(WITHDRAWN) ? text.slice(WITHDRAWN.length) : text;
  const code = CAUSE_OF[sentence];
  // Only codes without figures stand in the table.
  if (code !== undefined && Object.keys(CAUSES[code]).length === 0) return { code, figures: {} } as Cause;
  const notCancelled = / refuses to cancel this order, .*\((\w+): /.exec(text)?.[1];
  const cancelRefusal = venueRefusalSchema.safeParse(notCancelled).data;
  if (cancelRefusal !== undefined) return because('not_cancelled', { as: cancelRefusal });
  return told(text);
}

/** Why an order ended, of one that the venue ended: it said so in one word. */
export function endOf(text: string): Cause {
  const as = venueEndingSchema.safeParse(text).data;
  return as === undefined ? causeOf(text) : because('ended', { as });
}

const LATCH_OF: Readonly<Record<string, LatchReason>> = {
  'emergency stop': 'emergency',
  'emergency stop by an administrator': 'emergency_by_admin',
  'closed by npm run panic': 'panic',
  'restored from a backup: look first, then release': 'restored',
};
export const latchOf = (text: string): LatchReason => LATCH_OF[text] ?? 'emergency';

const BOT_REASON_OF: Readonly<Record<string, BotReason>> = {
  'sets leverage and margin mode at the venue': { code: 'sets_settings', figures: {} },
  'cancels its orders': { code: 'cancels_orders', figures: {} },
  'closes its position': { code: 'closes_position', figures: {} },
  'asks the venue whether anything is left open': { code: 'asks_venue', figures: {} },
  'its strategy or parameters are not known to this server': { code: 'strategy_unknown', figures: {} },
  'emergency stop': { code: 'emergency', figures: {} },
  'closed by npm run panic': { code: 'panic', figures: {} },
  'its position was closed by hand; resume when it shall trade again': {
    code: 'closed_by_hand',
    figures: {},
  },
  'the venue reduced the position by liquidation': { code: 'forced', figures: { by: 'liquidation' } },
  'the venue reduced the position by adl': { code: 'forced', figures: { by: 'adl' } },
  'the venue reduced the position by settlement': { code: 'forced', figures: { by: 'settlement' } },
};

/** Why a bot is in its state. */
export const botReasonOf = (text: string): BotReason => BOT_REASON_OF[text] ?? told(text);

/** What was found at the venue that is not ours. */
export function foreignOf(text: string): ForeignFound {
  const closed = /^(\S+) was closed at the venue without a fill we know$/.exec(text)?.[1];
  if (closed !== undefined) return { code: 'closed', figures: { symbol: closed } };
  const [, way, size = '', symbol = '', rest = ''] =
    /^(buy|sell|long|short) ([\d.]+) (\S+) (.+)$/.exec(text) ?? [];
  const figures = { size: decimalAt(size), symbol };
  if (way === 'buy' || way === 'sell') {
    const price = /^at ([\d.]+)$/.exec(rest)?.[1];
    if (price !== undefined)
      return { code: 'fill', figures: { side: way, ...figures, price: decimalAt(price) } };
    if (rest === 'working at the venue') return { code: 'order', figures: { side: way, ...figures } };
  }
  if ((way === 'long' || way === 'short') && rest === 'at the venue is not what our fills say')
    return { code: 'position', figures: { direction: way, ...figures } };
  return told(text);
}

const STOP_LEFT: Readonly<Record<string, 'former' | 'same' | 'none'>> = {
  'the former one still rests': 'former',
  'it rests where it was': 'same',
  'the position has none': 'none',
};

/** The one alert by which the core goes: a stop whose move was refused is not moved again at once. */
export function stopRefusedOf(
  message: string,
): Extract<ToldAlert, { code: 'stop_replace_refused' }> | undefined {
  const [, symbol, why, rest = ''] =
    /^The venue refused .*stop of (\S+) \((.*)\); (.+)\.$/.exec(message) ?? [];
  const left = STOP_LEFT[rest];
  if (symbol === undefined || why === undefined || left === undefined) return undefined;
  return { code: 'stop_replace_refused', figures: { symbol, cause: causeOf(why), left } };
}

/** The first figure of a sentence, as `12.5` in `12.5 %`. */
export const decimalAt = (text: string): Decimal =>
  parseDecimal(/-?\d+(\.\d+)?/.exec(text)?.[0] ?? '0') ?? ('0' as Decimal);
