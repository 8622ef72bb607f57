import type { Account } from '../../shared/domain/account.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import { reasonText } from '../i18n/serverWords.ts';
import { t } from '../i18n/text.ts';
import { accountChoice, catalog, commands, desk, toasts } from './app.ts';
import { planDemoBot } from './demoBot.ts';
import { until } from './until.ts';

/** How long a new account may take until its venue answered, ms. */
const ACCOUNT_READY_MS = 15_000;
export const DEMO_SUBJECT = 'demo-bot';
export const ACCOUNT_SUBJECT = 'new-account';
const SIMULATED_VENUE = 'sim';

/** Opens a simulated account with the server's default deposit. */
export async function openSimulatedAccount(): Promise<string | undefined> {
  const venue = catalog.venues.find((known) => known.simulated)?.venue ?? SIMULATED_VENUE;
  const name = t('account.defaultName');
  const created = await commands.run(ACCOUNT_SUBJECT, 'accounts.create', { name, venue });
  return created?.accountId;
}

async function readyAccount(): Promise<Account | undefined> {
  const accountId = accountChoice.current?.accountId ?? (await openSimulatedAccount());
  if (accountId === undefined) return undefined;
  await until(() => desk.account(accountId)?.status === 'ready', ACCOUNT_READY_MS);
  return desk.account(accountId);
}

/** One click: an account where there is none, a bot with a demo preset on a free market, started. */
export async function startDemoBot(): Promise<string | undefined> {
  return commands.during(DEMO_SUBJECT, async () => {
    const account = await readyAccount();
    if (account === undefined) return undefined;
    const plan = planDemoBot(
      catalog.strategies,
      catalog.instruments(account.venue),
      desk.bots,
      account.accountId,
    );
    if (!plan.ok) {
      toasts.show('warn', t(plan.why === 'no_strategy' ? 'bots.demo.strategies' : 'bots.demo.none'));
      return undefined;
    }
    const created = await commands.run(DEMO_SUBJECT, 'bots.create', plan.config);
    if (created === undefined) return undefined;
    const started = await commands.run(created.botId, 'bots.start', { botId: created.botId });
    if (started !== undefined) toasts.show('ok', t('toast.demoStarted', { market: plan.config.symbol }));
    return created.botId;
  });
}

/** Names every bot at once, for buttons that wait. */
export const ALL_BOTS_SUBJECT = 'all-bots';

export async function startAllBots(): Promise<void> {
  const result = await commands.run(ALL_BOTS_SUBJECT, 'bots.startAll', {});
  if (result === undefined) return;
  const title = t('toast.startedAll', { count: result.botIds.length });
  const refused = Object.entries(result.refusals).map(
    ([id, why]) => `${desk.bot(id)?.name ?? id}: ${reasonText(why)}`,
  );
  if (refused.length === 0) toasts.show('ok', title);
  else toasts.show('warn', title, refused.join(' · '));
}

export const stopAllBots = (positions: 'close' | 'hold') =>
  commands.run(ALL_BOTS_SUBJECT, 'bots.stopAll', { positions });

export const startBot = (bot: Bot) =>
  commands.run(bot.botId, 'bots.start', { botId: bot.botId }, { expectedVersion: bot.version });

export const resumeBot = (bot: Bot) =>
  commands.run(bot.botId, 'bots.resume', { botId: bot.botId }, { expectedVersion: bot.version });

export const pauseBot = (bot: Bot) => commands.run(bot.botId, 'bots.pause', { botId: bot.botId });

export const stopBot = (bot: Bot, positions: 'close' | 'hold') =>
  commands.run(bot.botId, 'bots.stop', { botId: bot.botId, positions });

export const deleteBot = (bot: Bot) =>
  commands.run(bot.botId, 'bots.delete', { botId: bot.botId }, { expectedVersion: bot.version });
