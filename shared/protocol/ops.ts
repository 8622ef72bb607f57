import type { z } from 'zod';
import { accountOps } from './ops/accounts.ts';
import { adminOps } from './ops/admin.ts';
import { alertOps } from './ops/alerts.ts';
import { botOps } from './ops/bots.ts';
import { deviceOps } from './ops/devices.ts';
import { historyOps } from './ops/history.ts';
import { marketOps } from './ops/market.ts';
import { sessionOps } from './ops/session.ts';
import { tradingOps } from './ops/trading.ts';

/** Every op of the protocol. */
export const ops = {
  ...sessionOps,
  ...marketOps,
  ...accountOps,
  ...botOps,
  ...tradingOps,
  ...alertOps,
  ...historyOps,
  ...deviceOps,
  ...adminOps,
} as const;

export type Ops = typeof ops;
export type OpName = keyof Ops;
export const OP_NAMES = Object.keys(ops) as OpName[];
/** Arguments as a caller writes them (defaults optional). */
export type OpArgsInput<O extends OpName> = z.input<Ops[O]['args']>;
/** Arguments after parsing. */
export type OpArgs<O extends OpName> = z.output<Ops[O]['args']>;
export type OpResult<O extends OpName> = z.output<Ops[O]['result']>;

/** Ops that go to the desk's engine as commands, in its one ordered inbox, as they are: keys never do. */
export type CommandName = {
  [O in OpName]: Ops[O]['class'] extends 'command' | 'exposure' | 'exit'
    ? O extends 'devices.revoke' | 'accounts.setKeys' | `admin.${string}`
      ? never
      : O
    : never;
}[OpName];

export function isOpName(name: string): name is OpName {
  return Object.hasOwn(ops, name);
}
