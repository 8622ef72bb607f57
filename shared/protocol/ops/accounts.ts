import { z } from 'zod';
import {
  accountSchema,
  bookSchema,
  limitsSchema,
  limitValuesSchema,
  marginModeSchema,
  valuationSchema,
} from '../../domain/account.ts';
import { checkRowSchema } from '../../domain/accountCheck.ts';
import { outOfRange, rangeText } from '../../domain/limitRanges.ts';
import { positionSchema } from '../../domain/position.ts';
import { decimalIn, wallMs } from '../../domain/schemas.ts';
import { accepted, id, name, none, op, venue, versioned } from './define.ts';

const isDecimal = (value: unknown): boolean => decimalIn.safeParse(String(value)).success;

/** Printable, as exchanges make them; what surrounds it when it is copied is cut off. */
const keyPart = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{C}]*$/u, 'must not hold control characters');

/** Accounts and their limits. */
export const accountOps = {
  'accounts.list': op('read', 'Your accounts.', none, z.object({ accounts: z.array(accountSchema) })),
  'accounts.create': op(
    'command',
    'Open an account. At the simulated venue it starts with `deposit` (above 0, to 1000000000; default 10000 USDT).',
    z.strictObject({
      name,
      venue,
      leverage: z.number().int().min(1).max(125).default(1),
      marginMode: marginModeSchema.default('isolated'),
      deposit: decimalIn.optional(),
    }),
    accepted.extend({ accountId: z.string() }),
  ),
  'accounts.update': op(
    'command',
    'Change name, leverage or margin mode of an account. What is not named stays; what is so already is accepted and changes nothing.',
    z.strictObject({
      accountId: id,
      name: name.optional(),
      leverage: z.number().int().min(1).max(125).optional(),
      marginMode: marginModeSchema.optional(),
    }),
    versioned,
  ),
  'accounts.test': op(
    'read',
    'Ask the venue whether the account can be used. Each row says what was looked at, how it came out and what was found; checks that do not apply have none. Takes as long as the venue does, 20 s at most.',
    z.strictObject({ accountId: id }),
    z.object({ rows: z.array(checkRowSchema) }),
  ),
  'accounts.reset': op(
    'command',
    'Start a flat simulated account anew with its first deposit.',
    z.strictObject({ accountId: id }),
    accepted,
  ),
  'accounts.remove': op(
    'command',
    'Remove a flat account without bots.',
    z.strictObject({ accountId: id }),
    accepted,
  ),
  'accounts.setKeys': op(
    'command',
    'Give an account at an exchange its keys, in the place of those it had. They are stored encrypted and never given out again: `account.keys` shows the end of the api key and when it was set. The account is then `connecting` until the exchange took them. Make keys that cannot withdraw: others are not used. A simulated account takes none.',
    z.strictObject({
      accountId: id,
      apiKey: keyPart(128),
      secret: keyPart(256),
      passphrase: keyPart(128),
    }),
    accepted,
  ),
  'accounts.removeKeys': op(
    'command',
    'Remove the keys of an account: refused while a bot of it runs or anything is open. Where there are none it is accepted and changes nothing.',
    z.strictObject({ accountId: id }),
    accepted,
  ),
  'accounts.resolveForeign': op(
    'command',
    'What was found at the venue stays there and entries may go on. `adopt` (default): it becomes yours, as if by hand. `ignore`: it stays foreign and untouched, and nobody enters on its symbol. Where nothing is foreign it is accepted and does nothing.',
    z.strictObject({ accountId: id, decision: z.enum(['adopt', 'ignore']).default('adopt') }),
    accepted,
  ),
  'account.get': op(
    'read',
    'Balances, equity, margin and positions of one account.',
    z.strictObject({ accountId: id }),
    z.object({
      account: accountSchema,
      valuation: valuationSchema.nullable(),
      positions: z.array(positionSchema),
      asOf: wallMs,
    }),
  ),

  'limits.get': op(
    'read',
    'Limits per account and per book; those of a book have `book`, and `book:<book>` for an accountId.',
    z.strictObject({ accountId: id.optional(), book: bookSchema.optional() }),
    z.object({ limits: z.array(limitsSchema) }),
  ),
  'limits.set': op(
    'command',
    'Change limits of an account, or of a book: all your accounts of it together. Tighter ones apply at once, looser ones and another time zone from the next local midnight. What is not named stays; what is so already is accepted and changes nothing.',
    z.strictObject({
      /** Either this or `book`. */
      accountId: id.optional(),
      book: bookSchema.optional(),
      values: z
        .strictObject({
          dailyLoss: decimalIn.nullable(),
          dailyLossPolicy: limitValuesSchema.shape.dailyLossPolicy,
          drawdownPct: decimalIn.nullable(),
          drawdownPolicy: limitValuesSchema.shape.drawdownPolicy,
          maxLeverage: limitValuesSchema.shape.maxLeverage,
          maxPositions: limitValuesSchema.shape.maxPositions,
          maxOrderNotional: decimalIn.nullable(),
          maxTotalNotional: decimalIn.nullable(),
          maxOrdersPerMinute: limitValuesSchema.shape.maxOrdersPerMinute,
          priceBandPct: decimalIn.nullable(),
          liquidationMarginPct: decimalIn.nullable(),
          cooldownAfterStopMs: limitValuesSchema.shape.cooldownAfterStopMs,
          maxStopOuts: limitValuesSchema.shape.maxStopOuts,
          stopOutWindowMs: limitValuesSchema.shape.stopOutWindowMs,
        })
        .partial()
        .superRefine((values, context) => {
          // What is no decimal at all was told already.
          const fitting = Object.entries(values).filter(([, value]) => isDecimal(value));
          for (const problem of outOfRange(Object.fromEntries(fitting)))
            context.issues.push({
              code: 'custom',
              input: problem.value,
              path: [problem.field],
              message: rangeText(problem),
              params: { allowed: [problem.allowed] },
            });
        }),
      timeZone: z.string().max(64).optional(),
    }),
    versioned,
  ),
} as const;
