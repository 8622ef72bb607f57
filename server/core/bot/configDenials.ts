import type { Bot } from '../../../shared/domain/bot.ts';
import { gt, lt, mul, ONE, parseDecimal } from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import type { Instrument } from '../../../shared/domain/instrument.ts';
import type { Quote } from '../../../shared/domain/market.ts';
import { type AccountState, limitsOver } from '../desk.ts';
import { checkLeverage } from '../risk/checkLimits.ts';
import { checkLeast } from '../risk/checkOrder.ts';
import { checkBeforeLiquidation } from '../risk/checkProtection.ts';
import { liquidationMarginPct, scopesOver, toldScope } from '../risk/limitScope.ts';
import { liquidationPrice } from '../rules/liquidationPrice.ts';
import { lossSide } from '../rules/priceSides.ts';
import { denial } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { entrySize } from './bringEntries.ts';
import { paramsOf } from './paramsOf.ts';
import { sayNote } from './sayNote.ts';

/** What would deny every entry of the bot as it and its limits are now: it would run, and never trade. */
export function configDenials(turn: Turn, state: AccountState, bot: Bot): Denial[] {
  const instrument = turn.context.instrument(state.account.venue, bot.symbol);
  if (instrument === undefined) return [];
  const found = checkLeverage(turn, state, instrument, bot.leverage);
  if (limitsOver(turn.desk, state).some(({ values }) => values.maxPositions === 0))
    found.push(denial('max_positions', { actual: 0, allowed: 0, scope: 'account' }));
  const quote = turn.context.quote(state.account.venue, bot.symbol);
  // Without a price nothing more can be said; each entry is checked anyway.
  if (quote === undefined) return found;
  return [
    ...found,
    ...sizeDenials(turn, state, bot, instrument, quote),
    ...stopDenials(turn, state, bot, instrument, quote),
  ];
}

/** The whole share of the account, as every strategy enters. */
function sizeDenials(
  turn: Turn,
  state: AccountState,
  bot: Bot,
  instrument: Instrument,
  quote: Quote,
): Denial[] {
  const entry = { direction: 'long', type: 'market', share: ONE } as const;
  const size = entrySize(turn, state, bot, entry, { instrument, quote });
  if (size === undefined) return [];
  const notional = mul(size, quote.ask);
  const found = checkLeast(notional, instrument);
  if (lt(size, instrument.minSize))
    found.push(denial('size_minimum', { actual: size, allowed: instrument.minSize }));
  for (const scope of scopesOver(turn.desk, state)) {
    const { maxOrderNotional, maxTotalNotional } = scope.limits.values;
    for (const [limit, most] of [
      ['order_notional', maxOrderNotional],
      ['total_notional', maxTotalNotional],
    ] as const) {
      if (most === null || !gt(notional, most)) continue;
      found.push(denial(limit, { actual: notional, allowed: most, scope: toldScope(scope) }));
    }
  }
  return found;
}

/** At its leverage the stop it is configured with lies behind liquidation, whichever way it enters. */
function stopDenials(
  turn: Turn,
  state: AccountState,
  bot: Bot,
  instrument: Instrument,
  { mark }: Quote,
): Denial[] {
  const strategy = turn.context.strategy(bot.strategy);
  const params = strategy === undefined ? undefined : paramsOf(strategy, bot);
  const pct = parseDecimal(String(params?.data.stopLossPct));
  if (pct === undefined) return [];
  const [long, short] = (['long', 'short'] as const).map((direction) =>
    checkBeforeLiquidation(
      liquidationMarginPct(turn.desk, state),
      direction,
      { of: 'this', price: lossSide(direction, mark, pct, instrument.tickSize) },
      mark,
      liquidationPrice(instrument, direction, mark, bot.leverage, bot.marginMode),
    ),
  );
  return long === undefined || short === undefined || short.length === 0 ? [] : long;
}

/** Limits changed under bots that run: those that would be denied every entry now are told at once. */
export function tellDenied(turn: Turn, accounts: readonly AccountState[]): void {
  for (const state of accounts) {
    for (const bot of [...turn.desk.bots.values()]) {
      if (bot.accountId !== state.account.accountId || bot.state !== 'running') continue;
      const [first] = configDenials(turn, state, bot);
      if (first === undefined) continue;
      sayNote(turn, bot, { code: 'denied_always', figures: { denial: first } });
    }
  }
}
