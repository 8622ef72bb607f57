import type { SimulatedAccount } from '../account/state.ts';

/** Before fills and bills had cursors of their own, an account counted both together. */
type Stored = SimulatedAccount | (Omit<SimulatedAccount, 'cursors'> & { cursor: number });

/** An account as any version of this venue has stored it. */
export function storedAccount(text: string): SimulatedAccount {
  const stored = JSON.parse(text) as Stored;
  if ('cursors' in stored) return stored;
  const { cursor, ...account } = stored;
  return { ...account, cursors: { fills: cursor, bills: cursor } };
}
