import type { BillRecord, FillRecord, OrderRecord, PositionRecord, StrategyRecord } from './records.ts';

/** All that one account has had and has: in memory, for as long as the stand-in runs. */
export class Books {
  readonly orders = new Map<string, OrderRecord>();
  /** Orders that still work, by id. */
  readonly working = new Map<string, OrderRecord>();
  readonly fills: FillRecord[] = [];
  readonly bills: BillRecord[] = [];
  readonly strategies = new Map<string, StrategyRecord>();
  readonly #waiting = new Set<StrategyRecord>();
  readonly positions = new Map<string, PositionRecord>();
  readonly ended: PositionRecord[] = [];
  readonly #byClient = new Map<string, OrderRecord>();
  readonly #byName = new Map<string, OrderRecord>();

  add(order: OrderRecord): void {
    this.orders.set(order.orderId, order);
    this.working.set(order.orderId, order);
    this.#byName.set(order.name, order);
    if (order.clientOid !== '') this.#byClient.set(order.clientOid, order);
  }

  /** By its name at the simulated account. */
  named(name: string | null): OrderRecord | undefined {
    return name === null ? undefined : this.#byName.get(name);
  }

  /** An amended order goes on under other ids. */
  rename(order: OrderRecord, orderId: string, clientOid: string): void {
    const isWorking = this.working.delete(order.orderId);
    this.orders.delete(order.orderId);
    this.unname(order);
    order.orderId = orderId;
    order.clientOid = clientOid;
    this.add(order);
    if (!isWorking) this.working.delete(orderId);
  }

  unname(order: OrderRecord): void {
    if (this.#byClient.get(order.clientOid) === order) this.#byClient.delete(order.clientOid);
  }

  /** By the exchange's id or the client's; of several with one client id, the newest. */
  find(ids: { orderId?: string | undefined; clientOid?: string | undefined }): OrderRecord | undefined {
    if (ids.orderId !== undefined && ids.orderId !== '') return this.orders.get(ids.orderId);
    return ids.clientOid === undefined ? undefined : this.#byClient.get(ids.clientOid);
  }

  findStrategy(ids: {
    orderId?: string | undefined;
    clientOid?: string | undefined;
  }): StrategyRecord | undefined {
    if (ids.orderId !== undefined && ids.orderId !== '') return this.strategies.get(ids.orderId);
    return [...this.strategies.values()].findLast(({ clientOid }) => clientOid === ids.clientOid);
  }

  addStrategy(strategy: StrategyRecord): void {
    this.strategies.set(strategy.orderId, strategy);
    this.#waiting.add(strategy);
  }

  pendingStrategies(): StrategyRecord[] {
    for (const strategy of this.#waiting) if (strategy.status !== 'pending') this.#waiting.delete(strategy);
    return [...this.#waiting];
  }
}
