import type { Valuation } from '../../shared/domain/account.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import { frameBatch } from './frameBatch.ts';

/** Equity, margin and unrealised PnL at the current marks, per account: latest wins. */
export class ValuationStore {
  byAccount = $state.raw<Readonly<Record<string, Valuation>>>({});

  constructor(client: Pick<FillwireClient, 'subscribe'>) {
    let latest: Record<string, Valuation> = {};
    const renew = frameBatch(() => {
      this.byAccount = latest;
    });
    client.subscribe('pnl', (push) => {
      if (push.ch !== 'pnl') return;
      latest = { ...latest };
      for (const valuation of push.data) latest[valuation.accountId] = valuation;
      renew();
    });
  }

  position(accountId: string, symbol: string): { mark: Decimal; unrealisedPnl: Decimal } | undefined {
    return this.byAccount[accountId]?.positions.find((position) => position.symbol === symbol);
  }
}
