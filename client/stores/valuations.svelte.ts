import type { Valuation } from '../../shared/domain/account.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import { frameBatch } from './frameBatch.ts';

/** A valuation with its wall time, which older servers tell only of the push. */
export type Valued = Valuation & { wallTs: number };

/** Equity, margin and unrealised PnL at the current marks, per account: latest wins. */
export class ValuationStore {
  byAccount = $state.raw<Readonly<Record<string, Valued>>>({});

  constructor(client: Pick<FillwireClient, 'subscribe'>) {
    let latest: Record<string, Valued> = {};
    const renew = frameBatch(() => {
      this.byAccount = latest;
    });
    client.subscribe('pnl', (push) => {
      if (push.ch !== 'pnl') return;
      latest = { ...latest };
      for (const valuation of push.data)
        latest[valuation.accountId] = { ...valuation, wallTs: valuation.wallTs ?? push.ts };
      renew();
    });
  }

  position(accountId: string, symbol: string): { mark: Decimal; unrealisedPnl: Decimal } | undefined {
    return this.byAccount[accountId]?.positions.find((position) => position.symbol === symbol);
  }
}
