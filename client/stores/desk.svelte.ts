import type { Account, Limits } from '../../shared/domain/account.ts';
import type { Alert, Emergency } from '../../shared/domain/alert.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import type { Fill, Trade } from '../../shared/domain/fill.ts';
import type { Order } from '../../shared/domain/order.ts';
import type { Position } from '../../shared/domain/position.ts';
import type { FillwireClient } from '../../shared/sdk/client.ts';
import type { View } from '../../shared/view/view.ts';
import { frameBatch } from './frameBatch.ts';

const byTime = (a: { createdAt: number }, b: { createdAt: number }): number => a.createdAt - b.createdAt;
const SEVERITY = { critical: 0, warning: 1, info: 2 } as const;

/** The desk as views read it: sorted lists of the client's view, renewed at most once per animation frame. */
export class DeskStore {
  #revision = $state(0);
  /** False until the first snapshot came. */
  joined = $state(false);
  readonly #client: Pick<FillwireClient, 'view' | 'position' | 'onView'>;

  readonly accounts: Account[] = $derived(Object.values(this.#view.accounts).sort(byTime));
  readonly bots: Bot[] = $derived(Object.values(this.#view.bots).sort(byTime));
  readonly positions: Position[] = $derived(
    Object.values(this.#view.positions).sort((a, b) => a.openedAt - b.openedAt),
  );
  readonly orders: Order[] = $derived(Object.values(this.#view.orders).sort((a, b) => -byTime(a, b)));
  readonly alerts: Alert[] = $derived(
    Object.values(this.#view.alerts).sort(
      (a, b) => SEVERITY[a.severity] - SEVERITY[b.severity] || b.raisedAt - a.raisedAt,
    ),
  );
  /** Newest first, as are trades and emergencies. */
  readonly fills: Fill[] = $derived([...this.#view.fills].reverse());
  readonly trades: Trade[] = $derived([...this.#view.trades].reverse());
  readonly emergencies: Emergency[] = $derived([...this.#view.emergencies].reverse());
  readonly limits: Record<string, Limits> = $derived({ ...this.#view.limits });

  constructor(client: Pick<FillwireClient, 'view' | 'position' | 'onView'>) {
    this.#client = client;
    const renew = frameBatch(() => {
      this.#revision += 1;
      this.joined = this.#client.position !== undefined;
    });
    client.onView(renew);
  }

  /** Reading it makes a derived value follow the revision: the view itself is changed in place. */
  get #view(): View {
    void this.#revision;
    return this.#client.view;
  }

  /** Every account is play money: one label for a whole list says it. */
  get allSimulated(): boolean {
    return this.accounts.every((account) => account.book === 'simulated');
  }

  bot(botId: string | null): Bot | undefined {
    return botId === null ? undefined : this.#view.bots[botId];
  }

  account(accountId: string): Account | undefined {
    return this.#view.accounts[accountId];
  }

  /** An order that works no more, as long as the server remembers it. */
  closedOrder(orderId: string): Order | undefined {
    return this.#view.closedOrders.findLast((order) => order.orderId === orderId);
  }

  positionOf(accountId: string, symbol: string): Position | undefined {
    return this.positions.find((position) => position.accountId === accountId && position.symbol === symbol);
  }

  /** The same position as it is now; undefined: it was closed, whatever was opened on its market since. */
  positionNow({ accountId, symbol, direction, openedAt }: Position): Position | undefined {
    const now = this.positionOf(accountId, symbol);
    return now?.direction === direction && now.openedAt === openedAt ? now : undefined;
  }

  /** Sequence number of the newest folded frame; devices are compared with it. */
  get seq(): number {
    void this.#revision;
    return this.#client.position?.seq ?? 0;
  }
}
