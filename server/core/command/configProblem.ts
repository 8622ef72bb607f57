import { dec, gt, isPositive } from '../../../shared/domain/decimal.ts';
import type { Denial } from '../../../shared/domain/denial.ts';
import type { Issue } from '../../../shared/domain/errorDetails.ts';
import { issuesOf } from '../../../shared/domain/issuesOf.ts';
import type { BotConfig } from '../commands.ts';
import type { AccountState } from '../desk.ts';
import { denial, denied } from '../rules/refusal.ts';
import type { Turn } from '../turn/turn.ts';
import { noSuchAccount } from './accounts.ts';
import { type CommandOutcome, refused } from './reply.ts';

const PARAMS = 'args.params';
/** Which argument each denial of a configuration is about. */
const ARGUMENT_OF: Partial<Record<Denial['limit'], string>> = {
  symbol_known: 'args.symbol',
  leverage: 'args.leverage',
  allocation_range: 'args.allocationPct',
  bot_name: 'args.name',
};

/**
 * Checks a configuration against accounts, instruments, strategies and names, and names everything that is wrong with
 * it at once. Undefined: it fits.
 */
export function configProblem(
  turn: Turn,
  config: BotConfig,
  ownId: string | null,
): CommandOutcome | undefined {
  const state = turn.desk.accounts.get(config.accountId);
  if (state === undefined) return noSuchAccount(config.accountId);
  const denials = configDenialsOf(turn, state, config, ownId);
  const issues = strategyIssues(turn, config);
  if (issues.length === 0) return denials.length === 0 ? undefined : refused(denied(denials));
  const message = issues
    .map(({ path, problem }) =>
      path.startsWith(PARAMS) ? `${path.slice('args.'.length)}: ${problem}` : problem,
    )
    .join('; ');
  // An error has one code: what would be denied besides is told as an issue of its argument.
  const details = { issues: [...issues, ...denials.map(issueOf)] };
  return refused({ code: 'bad_request', message, details });
}

function configDenialsOf(
  turn: Turn,
  { account: { venue } }: AccountState,
  config: BotConfig,
  ownId: string | null,
): Denial[] {
  const { symbol, leverage, allocationPct, name } = config;
  const found: Denial[] = [];
  const instrument = turn.context.instrument(venue, symbol);
  if (instrument === undefined) found.push(denial('symbol_known', { symbol, venue }));
  else if (leverage > instrument.maxLeverage)
    found.push(denial('leverage', { actual: leverage, allowed: instrument.maxLeverage }));
  if (!isPositive(allocationPct) || gt(allocationPct, dec('100')))
    found.push(denial('allocation_range', { actual: allocationPct }));
  if ([...turn.desk.bots.values()].some((bot) => bot.name === name && bot.botId !== ownId))
    found.push(denial('bot_name', { name }));
  return found;
}

function strategyIssues(turn: Turn, { strategy: id, params }: BotConfig): Issue[] {
  const strategy = turn.context.strategy(id);
  if (strategy === undefined) {
    const allowed = [...turn.context.strategyIds()];
    return [{ path: 'args.strategy', problem: `there is no strategy ${id}`, allowed }];
  }
  const read = strategy.paramsSchema.safeParse(params);
  return read.success ? [] : issuesOf(read.error, strategy.paramsSchema, PARAMS);
}

/** Its words are made at the edge. */
const issueOf = (one: Denial): Issue => ({
  path: ARGUMENT_OF[one.limit] ?? 'args',
  problem: '',
  allowed: [],
  denial: one,
});
