import { CHECK_FINDINGS, type CheckFinding, checkKinds } from '../domain/accountCheck.ts';
import { ALERTS, alertKinds, type ToldAlert } from '../domain/alert.ts';
import { BOT_NOTES, type BotNote } from '../domain/botNote.ts';
import { BOT_REASONS, type BotReason, botReasonKinds } from '../domain/botReason.ts';
import { BREACHES, type ToldBreach } from '../domain/breach.ts';
import { CAUSES, type Cause, causeKinds } from '../domain/cause.ts';
import { DENIALS, denialKinds } from '../domain/denial.ts';
import { plainKinds, type Told } from '../domain/figures.ts';
import { FOREIGN_FOUND, type ForeignFound } from '../domain/foreignFound.ts';

/** Which figures each code has, by family. */
export const FAMILIES = {
  alert: ALERTS,
  botReason: BOT_REASONS,
  cause: CAUSES,
  note: BOT_NOTES,
  denial: DENIALS,
  breach: BREACHES,
  foreign: FOREIGN_FOUND,
  check: CHECK_FINDINGS,
} as const;
export type FamilyName = keyof typeof FAMILIES;

/** What each family tells. */
export interface ToldOf {
  alert: ToldAlert;
  botReason: BotReason;
  cause: Cause;
  note: BotNote;
  denial: Told<typeof denialKinds, typeof DENIALS>;
  breach: ToldBreach;
  foreign: ForeignFound;
  check: CheckFinding;
}

/** Kinds of figures that are one of a few, each with words of its own. */
export const chosenKinds = {
  direction: plainKinds.direction,
  side: plainKinds.side,
  cross: plainKinds.cross,
  trend: plainKinds.trend,
  bound: plainKinds.bound,
  scope: plainKinds.scope,
  accountStatus: denialKinds.accountStatus,
  latch: denialKinds.latch,
  botState: denialKinds.botState,
  marketStatus: denialKinds.marketStatus,
  priceOf: denialKinds.priceOf,
  stopOf: denialKinds.stopOf,
  breachEnd: denialKinds.breachEnd,
  refusal: causeKinds.refusal,
  ending: causeKinds.ending,
  limit: causeKinds.limit,
  force: botReasonKinds.force,
  orderStatus: alertKinds.orderStatus,
  stopLeft: alertKinds.stopLeft,
  rest: alertKinds.rest,
  compared: alertKinds.compared,
  answer: alertKinds.answer,
  leaving: alertKinds.leaving,
  panicEnd: alertKinds.panicEnd,
  family: checkKinds.family,
  positionMode: checkKinds.positionMode,
} as const;
export type ChosenKind = keyof typeof chosenKinds;
