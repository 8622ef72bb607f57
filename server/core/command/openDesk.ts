import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { InputOf } from '../inputs.ts';
import type { Turn } from '../turn/turn.ts';
import { openAccount } from './accounts.ts';

/** The first thing a new user has: a simulated account with play money. */
export function openDesk(turn: Turn, { venue, deposit }: InputOf<'OpenDesk'>): void {
  if (turn.desk.opened) return;
  turn.emit('DeskOpened', { deskId: turn.desk.deskId });
  openAccount(turn, turn.id('account', turn.desk.seq), {
    type: 'CreateAccount',
    name: 'Simulated',
    venue,
    leverage: 1,
    marginMode: 'isolated',
    deposit: deposit as Decimal,
  });
}
