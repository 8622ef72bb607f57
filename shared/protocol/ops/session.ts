import { z } from 'zod';
import { INTERVALS } from '../../domain/market.ts';
import { marketMs, wallMs } from '../../domain/schemas.ts';
import { MARKET_PATTERN } from '../../domain/symbol.ts';
import { deviceInputSchema } from '../device.ts';
import { deskJoinSchema } from '../pushes.ts';
import { none, op } from './define.ts';

const channelPattern = new RegExp(
  `^(desk|pnl|devices|markets:[a-z0-9-]+|ticker:${MARKET_PATTERN}|candles:${MARKET_PATTERN}\\.(${INTERVALS.join('|')})|log:[A-Za-z0-9_-]{1,64})$`,
  'u',
);
/** Names of channels; docs/protocol.md says what each tells. */
export const channelSchema = z
  .string()
  .max(128)
  .regex(
    channelPattern,
    'expected desk, pnl, devices, markets:<venue>, ticker:<venue>.<symbol>, candles:<venue>.<symbol>.<interval> or log:<botId>',
  );
const channels = z.array(channelSchema).min(1).max(50);

/** About the connection itself. */
export const sessionOps = {
  'session.authenticate': op(
    'session',
    'Prove who you are. The first frame, within 5 s of opening. Again on the same socket it is as `session.refresh`: the same user with another token; `device` is then ignored.',
    z.strictObject({
      /** The access token of register, login or refresh. */
      token: z.string().min(1).max(4_096),
      /** Which device this is; default: that of the login. */
      device: deviceInputSchema.optional(),
      /** What your folding was written for: 1. */
      viewVersion: z.number().int().positive(),
    }),
    z.object({
      userId: z.string(),
      sessionId: z.string(),
      /** Another than asked for where that was revoked: use it from now on. */
      deviceId: z.string(),
      role: z.enum(['user', 'admin']),
      /** Commands need `trade`. */
      scopes: z.array(z.string()),
      /** When the token ends; the socket is closed then, unless `session.refresh` came before. */
      expiresAt: wallMs,
      /** Now. */
      serverTime: wallMs,
      /** Of this server: compare hashes only where it is yours. */
      viewVersion: z.number().int(),
      /** Of the log. */
      epoch: z.string(),
      /** What this connection may send, by name; bytes, counts, requests per second. Not those of a user or an address. */
      limits: z.record(z.string(), z.number()),
    }),
  ),
  'session.refresh': op(
    'session',
    'Go on with a new access token of the same user on the same socket.',
    z.strictObject({ token: z.string().min(1).max(4_096) }),
    z.object({ expiresAt: wallMs }),
  ),
  ping: op(
    'session',
    'Ask for the time by both clocks: the server’s, and each venue’s. Shows that the connection lives.',
    none,
    z.object({
      serverTime: wallMs,
      /** Of each venue. */
      marketTimes: z.record(z.string(), marketMs),
    }),
  ),
  subscribe: op(
    'session',
    'Join channels. With `since`, `desk` answers with what was missed, or with a snapshot.',
    z.strictObject({
      channels,
      /** Where your view of `desk` is. Without it a snapshot comes. */
      since: z.strictObject({ epoch: z.string().max(64), seq: z.number().int().nonnegative() }).optional(),
      /** At most one push in this time, of the channels that take it; default: the newest of each turn. Closed bars come at once, beside it. */
      intervalMs: z.number().int().min(100).max(60_000).optional(),
    }),
    z.object({
      /** All channels this connection is in now. */
      channels: z.array(z.string()),
      /** With `desk` among those asked for. */
      desk: deskJoinSchema.optional(),
    }),
  ),
  unsubscribe: op(
    'session',
    'Leave channels.',
    z.strictObject({ channels }),
    z.object({
      /** Those this connection is still in. */
      channels: z.array(z.string()),
    }),
  ),
  ack: op(
    'session',
    'Everything up to `seq` was received and folded. Beyond the head it counts as the head; less than before changes nothing.',
    z.strictObject({ seq: z.number().int().nonnegative() }),
    z.object({}),
  ),
} as const;
