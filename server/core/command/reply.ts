import type { Refusal } from '../rules/refusal.ts';

/** What a command came to: what it made, or why it changed nothing. */
export type CommandOutcome = { ok: true; result: Record<string, unknown> } | { ok: false; refusal: Refusal };

export const done = (result: Record<string, unknown> = {}): CommandOutcome => ({ ok: true, result });
export const refused = (refusal: Refusal): CommandOutcome => ({ ok: false, refusal });
