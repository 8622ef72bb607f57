import type { SimulatedAccount } from '../../adapters/simulated/account/state.ts';
import type { Venue, VenueBill, VenueFill } from '../../ports/venue.ts';
import { withSql } from './storedDesk.ts';

/** The books of a venue hosted within the server, read from its own tables. */
export function storedVenue(databaseUrl: string): Pick<Venue, 'readAccount' | 'fillsSince' | 'billsSince'> {
  const bodies = <T>(table: 'fills' | 'bills', accountId: string): Promise<T[]> =>
    withSql(databaseUrl, async (sql) => {
      const rows = await sql<{ body: string }[]>`
        select body from venue_sim.${sql(table)} where account_id = ${accountId} order by cursor`;
      return rows.map(({ body }) => JSON.parse(body) as T);
    });
  return {
    readAccount: async ({ accountId }) => {
      const [row] = await withSql(
        databaseUrl,
        (sql) =>
          sql<{ state: string }[]>`select state from venue_sim.accounts where account_id = ${accountId}`,
      );
      if (row === undefined) throw new Error(`the venue does not know ${accountId}`);
      const { balance, positions, orders, cursors } = JSON.parse(row.state) as SimulatedAccount;
      const held = Object.values(positions).map((position) => {
        return { ...position, leverage: 1, marginMode: 'isolated' as const, liquidationPrice: null };
      });
      return { balances: { USDT: balance }, positions: held, orders, cursors, marketTime: 0 };
    },
    fillsSince: ({ accountId }) => bodies<VenueFill>('fills', accountId),
    billsSince: ({ accountId }) => bodies<VenueBill>('bills', accountId),
  };
}
