import { z } from 'zod';
import { denialSchema } from './denial.ts';
import { plainKinds, TOLD_BEFORE, type Told, toldMembers, toldSchema } from './figures.ts';
import { wallMs } from './schemas.ts';

const AVERAGES = { fastPeriod: 'count', fast: 'decimal', slowPeriod: 'count', slow: 'decimal' } as const;
const BANDS = { close: 'decimal', lower: 'decimal', upper: 'decimal' } as const;
/** `profit`: in percent of the entry. */
const HELD = { direction: 'direction', entry: 'decimal', now: 'decimal', profit: 'decimal' } as const;

export const noteKinds = { ...plainKinds, denial: denialSchema } as const;

/** What strategies say of a bar. */
export const STRATEGY_NOTES = {
  enters_on_breakout: { direction: 'direction', ...BANDS, adx: 'decimal' },
  enters_on_setup: { direction: 'direction', rsi: 'decimal' },
  enters_on_cross: { direction: 'direction', ...AVERAGES, rsi: 'decimal' },
  enters_on_pullback: { direction: 'direction', ...AVERAGES, rsi: 'decimal' },
  exits: { direction: 'direction', ...AVERAGES },
  holds: HELD,
  holds_by_rsi: { ...HELD, rsi: 'decimal' },
  holds_for_half: { ...HELD, rsi: 'decimal', bound: 'bound', limit: 'decimal' },
  takes_half: { rsi: 'decimal', share: 'decimal' },
  side_off: { direction: 'direction' },
  setup_spent: { direction: 'direction', rsi: 'decimal' },
  waits_for_adx: { direction: 'direction', adx: 'decimal', limit: 'decimal' },
  waits_for_breakout: BANDS,
  waits_for_return: BANDS,
  waits_for_colour: { direction: 'direction', open: 'decimal', close: 'decimal' },
  waits_for_cross: AVERAGES,
  waits_for_divergence: { rsi: 'decimal', bars: 'count' },
  waits_for_extreme: { rsi: 'decimal', low: 'decimal', high: 'decimal' },
  waits_for_macd: { direction: 'direction', macd: 'decimal', signal: 'decimal', cross: 'cross' },
  waits_for_pullback: { ...AVERAGES, trend: 'trend', rsi: 'decimal', low: 'decimal', high: 'decimal' },
  waits_for_rsi: { direction: 'direction', rsi: 'decimal', bound: 'bound', limit: 'decimal' },
  waits_for_side: {
    direction: 'direction',
    close: 'decimal',
    bound: 'bound',
    period: 'count',
    average: 'decimal',
  },
  waits_for_trend: AVERAGES,
  waits_for_volume: { direction: 'direction', volume: 'decimal', factor: 'decimal', average: 'decimal' },
} as const;
export type StrategyNote = Told<typeof noteKinds, typeof STRATEGY_NOTES>;

/** What a bot says: its strategy's word on a bar, and what became of it. */
export const BOT_NOTES = {
  ...STRATEGY_NOTES,
  strategy_unknown: { strategy: 'name' },
  params_misfit: {},
  bars_gap: {},
  missed_bar: { direction: 'direction' },
  cooldown: { left: 'duration' },
  blind: {},
  denied: { direction: 'direction', denial: 'denial' },
  denied_always: { denial: 'denial' },
  entered: { direction: 'direction', size: 'decimal', stop: 'decimal' },
  exit_decided: { direction: 'direction', share: 'decimal' },
  ...TOLD_BEFORE,
} as const;
export type NoteCode = keyof typeof BOT_NOTES;
export const botNoteSchema = toldSchema(noteKinds, BOT_NOTES);
export type BotNote = Told<typeof noteKinds, typeof BOT_NOTES>;

type DatedNote = BotNote & { ts: number };
/** The same with its time. */
export const datedNoteSchema = z.discriminatedUnion(
  'code',
  toldMembers(noteKinds, BOT_NOTES, 'code', { ts: wallMs }),
) as unknown as z.ZodType<DatedNote, DatedNote>;

/** A line of a bot's log. */
export type BotLogLine = DatedNote & { botId: string };
export const botLogLineSchema = z.discriminatedUnion(
  'code',
  toldMembers(noteKinds, BOT_NOTES, 'code', { ts: wallMs, botId: z.string() }),
) as unknown as z.ZodType<BotLogLine, BotLogLine>;
