import type { VenueOrder, VenuePush } from '../../../ports/venue.ts';
import type { BitgetAccess } from '../access.ts';
import { BitgetError } from '../errors/bitgetError.ts';
import { type AccountPush, PrivateStream } from '../sockets/privateStream.ts';
import type { Maintenance } from './maintenance.ts';
import type { Session } from './openSession.ts';

/** Bills are not pushed: a while after what an account owns has changed they are asked for, ms. */
const BILLS_AFTER_MS = 1_500;
/** As far back: a bill may be told after later ones. */
const BILLS_BACK_MS = 60_000;

export interface AccountStreamOptions {
  access: BitgetAccess;
  session: Session;
  maintenance: Maintenance;
  tell(push: VenuePush): void;
}

/** What an account tells by itself, in the port's words; and what it does not tell, asked for when something else shows it. */
export class AccountStream {
  readonly #options: AccountStreamOptions;
  readonly #stream: PrivateStream;
  #billsFrom: number;
  #toldBills = new Set<string>();
  #cancelBills: (() => void) | undefined;

  constructor(options: AccountStreamOptions) {
    const { access, session, maintenance, tell } = options;
    const { accountId, account, api } = session;
    this.#options = options;
    this.#billsFrom = access.serverClock.now();
    const accountIds = [accountId];
    this.#stream = new PrivateStream({
      baseUrl: access.place.wsUrl,
      speech: api.speech,
      keys: account.caller.keys,
      clock: access.clock,
      serverClock: access.serverClock,
      random: access.random,
      limiter: access.limiter,
      events: {
        pushed: (push) => this.#onPush(push),
        interrupted: (reason) => tell({ type: 'interrupted', accountIds, reason }),
        restored: () => tell({ type: 'restored', accountIds }),
        maintenance: () => maintenance.told(),
      },
    });
  }

  open(): void {
    this.#stream.open();
  }

  close(): void {
    this.#cancelBills?.();
    this.#stream.close();
  }

  #onPush(push: AccountPush): void {
    const { session, tell } = this.#options;
    const { accountId, account } = session;
    switch (push.type) {
      case 'order':
        void this.#tellOrder(account.known.saw(push.order));
        return;
      case 'fill':
        tell({ type: 'fill', accountId, fill: account.known.named(push.fill) });
        return;
      case 'position':
        tell({ type: 'position', accountId, position: push.position });
        return;
      case 'wallet':
        this.#cancelBills ??= this.#options.access.clock.after(BILLS_AFTER_MS, () => void this.#tellBills());
    }
  }

  /** Of a stop that fired, with the order that it became, which pushes leave out. */
  async #tellOrder(order: VenueOrder): Promise<void> {
    const { session, tell } = this.#options;
    const { accountId, account, api } = session;
    const isToAsk = order.status === 'triggered' && order.becameOrderId === null;
    if (!isToAsk) {
      tell({ type: 'order', accountId, order });
      return;
    }
    const { symbol, venueOrderId, clientOrderId } = order;
    const ref = { kind: 'stop', venueOrderId, clientOrderId } as const;
    const found = await ignoringFaults(api.readings.find(account, symbol, ref));
    tell({ type: 'order', accountId, order: { ...order, becameOrderId: found?.becameOrderId ?? null } });
  }

  async #tellBills(): Promise<void> {
    this.#cancelBills = undefined;
    const { access, session, tell } = this.#options;
    const to = access.serverClock.now();
    const span = { from: this.#billsFrom - BILLS_BACK_MS, to };
    const bills = await ignoringFaults(session.api.readings.bills(session.account, span));
    if (bills === undefined) return;
    for (const bill of bills)
      if (bill.ts >= this.#billsFrom && !this.#toldBills.has(bill.billId))
        tell({ type: 'bill', accountId: session.accountId, bill });
    this.#toldBills = new Set(bills.map(({ billId }) => billId));
    this.#billsFrom = Math.max(this.#billsFrom, to - BILLS_BACK_MS);
  }
}

/** What was asked for by the way: where it fails, the next reading shows it. */
async function ignoringFaults<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BitgetError) return undefined;
    throw error;
  }
}
