import { z } from 'zod';
import { marginModeSchema } from '../../domain/account.ts';
import { botSchema, strategyParamsSchema } from '../../domain/bot.ts';
import { botReasonSchema } from '../../domain/botReason.ts';
import { intervalSchema } from '../../domain/market.ts';
import { decimalIn } from '../../domain/schemas.ts';
import { accepted, id, name, none, op, scope, symbol, versioned } from './define.ts';

const botConfig = z.strictObject({
  name,
  accountId: id,
  symbol,
  interval: intervalSchema,
  /** An `id` of `strategies.list`. */
  strategy: z.string().min(1).max(40),
  /** What is left out has the strategy's default. */
  params: strategyParamsSchema.default({}),
  /** Share of the account's equity it may use, in percent; all bots of an account together at most 100. */
  allocationPct: decimalIn,
  leverage: z.number().int().min(1).max(125).default(1),
  marginMode: marginModeSchema.default('isolated'),
  /** After a longer absence of the server: keep its position and wait, or go on. */
  onRestart: z.enum(['hold', 'resume']).default('hold'),
});

/** Strategies, and the bots that run them. */
export const botOps = {
  'strategies.list': op(
    'read',
    'Strategies with their parameters, defaults and presets.',
    none,
    z.object({
      strategies: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          summary: z.string(),
          defaultInterval: intervalSchema,
          /** JSON Schema of the parameters. */
          paramsSchema: z.record(z.string(), z.unknown()),
          defaults: strategyParamsSchema,
          /** Parameters that belong together; `demo` trades within minutes. */
          presets: z.array(
            z.object({
              id: z.string(),
              name: z.string(),
              interval: intervalSchema,
              params: strategyParamsSchema,
            }),
          ),
        }),
      ),
    }),
  ),

  'bots.list': op('read', 'Your bots.', none, z.object({ bots: z.array(botSchema) })),
  'bots.create': op('command', 'Create a stopped bot.', botConfig, accepted.extend({ botId: z.string() })),
  'bots.update': op(
    'command',
    'Change a stopped bot. What is not named stays; what is so already is accepted and changes nothing.',
    z.strictObject({
      botId: id,
      ...botConfig.partial().shape,
      params: strategyParamsSchema.optional(),
      leverage: z.number().int().min(1).max(125).optional(),
      marginMode: marginModeSchema.optional(),
      onRestart: z.enum(['hold', 'resume']).optional(),
    }),
    versioned,
  ),
  'bots.clone': op(
    'command',
    'Copy a bot under another name; the copy is stopped.',
    z.strictObject({ botId: id, name, allocationPct: decimalIn.optional() }),
    accepted.extend({ botId: z.string() }),
  ),
  'bots.delete': op(
    'command',
    'Delete a stopped bot; its history stays.',
    z.strictObject({ botId: id }),
    accepted,
  ),
  'bots.start': op(
    'exposure',
    'Start a bot that is stopped, halted or in error. Of one that is starting or running it is accepted and does nothing.',
    z.strictObject({ botId: id }),
    accepted,
  ),
  'bots.pause': op('exit', 'No more entries; exits stay managed.', z.strictObject({ botId: id }), accepted),
  'bots.resume': op(
    'exposure',
    'Entries again after pause or hold. Of a bot that is starting or running it is accepted and does nothing.',
    z.strictObject({ botId: id }),
    accepted,
  ),
  'bots.stop': op(
    'exit',
    'Stop a bot: latch, cancel, close its exposure, verify flat. `hold` keeps the position with its stop.',
    z.strictObject({
      botId: id,
      /** Close what it holds, or keep it under its stop: it is then `holding`, not `stopped`. */
      positions: z.enum(['close', 'hold']).default('close'),
    }),
    accepted,
  ),
  'bots.startAll': op(
    'exposure',
    'Start every stopped bot (of a book or account).',
    z.strictObject(scope),
    accepted.extend({
      botIds: z.array(z.string()),
      /** Why the others were not started, by botId. */
      refusals: z.record(z.string(), botReasonSchema),
    }),
  ),
  'bots.stopAll': op(
    'exit',
    'Stop every bot (of a book or account).',
    z.strictObject({ ...scope, positions: z.enum(['close', 'hold']).default('close') }),
    accepted.extend({ botIds: z.array(z.string()) }),
  ),
} as const;
