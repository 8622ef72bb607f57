import { type Decimal, gte, isPositive, lte, min, ZERO } from '../../../../shared/domain/decimal.ts';
import type { Side } from '../../../../shared/domain/order.ts';
import type { Switches } from '../switches.ts';
import type { Ids } from './ids.ts';
import { keyOf, type Place } from './legs.ts';
import type {
  AccountEvent,
  Attached,
  FillRecord,
  OrderOrigin,
  OrderRecord,
  PositionRecord,
  StrategyRecord,
  TriggerLeg,
} from './records.ts';
import { Refused } from './refusal.ts';
import type { Ask, Trader } from './trader.ts';

export interface StrategyAsk extends Place {
  kind: 'tpsl' | 'trigger';
  mode: 'full' | 'partial';
  qty: Decimal;
  side: Side;
  takeProfit: TriggerLeg | null;
  stopLoss: TriggerLeg | null;
  trigger: TriggerLeg | null;
  closes: boolean;
  clientOid: string | undefined;
}

export interface LegChange {
  qty?: Decimal;
  takeProfit?: TriggerLeg;
  stopLoss?: TriggerLeg;
  trigger?: TriggerLeg;
}

/** TP/SL and trigger orders of one account: they wait here, and what fires goes to the market as an order of its own. */
export class Strategies {
  readonly #trader: Trader;
  readonly #options: { ids: Ids; switches: Switches; now: () => number };
  /** The stop of an entry is made once, by its first fill. */
  readonly #attached = new Map<string, StrategyRecord>();
  /** Stops of entries come to rest no longer: a fault. */
  loseAttached = false;

  constructor(trader: Trader, options: { ids: Ids; switches: Switches; now: () => number }) {
    this.#trader = trader;
    this.#options = options;
  }

  place(ask: StrategyAsk): StrategyRecord {
    if (ask.kind === 'tpsl') this.#checkTpsl(ask);
    const strategy = this.#make(ask);
    this.#trader.tell([{ kind: 'strategy', strategy: { ...strategy } }]);
    return strategy;
  }

  change(strategy: StrategyRecord, change: LegChange): void {
    this.#mustWait(strategy);
    const legs = { ...strategy, ...change };
    this.#checkDirection(strategy, legs.takeProfit, legs.stopLoss);
    if (change.qty !== undefined && strategy.mode === 'partial') strategy.qty = change.qty;
    if (change.takeProfit !== undefined) strategy.takeProfit = change.takeProfit;
    if (change.stopLoss !== undefined) strategy.stopLoss = change.stopLoss;
    if (change.trigger !== undefined && strategy.trigger !== null)
      strategy.trigger = { ...strategy.trigger, ...change.trigger };
    strategy.updated = this.#options.now();
    this.#trader.tell([{ kind: 'strategy', strategy: { ...strategy } }]);
  }

  cancel(strategy: StrategyRecord): void {
    this.#mustWait(strategy);
    this.#trader.tell([this.#end(strategy, 'cancelled')]);
  }

  /** What waited for the position ends with it. */
  endOf(position: PositionRecord): AccountEvent[] {
    return this.#trader.books
      .pendingStrategies()
      .filter((strategy) => strategy.closes && keyOf(strategy) === keyOf(position))
      .map((strategy) => this.#end(strategy, 'cancelled'));
  }

  /** An entry's stop comes to rest with its first fill, and grows with the next ones. */
  attach({ order, closed }: FillRecord): AccountEvent[] {
    const held = this.#trader.books.positions.get(keyOf(order));
    if (order.attached === null || closed || held === undefined || this.loseAttached) return [];
    return this.#parts(order.attached).flatMap((part, index) =>
      this.#attachPart(order, part, `${order.orderId}/${index}`),
    );
  }

  /** One object holds both legs on the unified account; the classic one has an order for each. */
  #parts({ takeProfit, stopLoss }: Attached): Attached[] {
    if (this.#trader.family === 'v3') return [{ takeProfit, stopLoss }];
    return [
      ...(takeProfit === null ? [] : [{ takeProfit, stopLoss: null }]),
      ...(stopLoss === null ? [] : [{ takeProfit: null, stopLoss }]),
    ];
  }

  #attachPart(order: OrderRecord, part: Attached, name: string): AccountEvent[] {
    const known = this.#attached.get(name);
    if (known?.status === 'pending') {
      if (known.mode === 'full') return [];
      known.qty = order.filled;
      return [{ kind: 'strategy', strategy: { ...known } }];
    }
    if (known !== undefined) return [];
    const { attachedStop } = this.#options.switches;
    const resting = attachedStop === 'full' ? this.#fullOf(order, part) : undefined;
    if (resting !== undefined) {
      Object.assign(resting, withoutNull(part), { updated: this.#options.now() });
      this.#attached.set(name, resting);
      return [{ kind: 'strategy', strategy: { ...resting } }];
    }
    const strategy = this.#make({
      ...placeOnly(order),
      ...part,
      kind: 'tpsl',
      mode: attachedStop,
      qty: attachedStop === 'full' ? ZERO : order.filled,
      side: order.side === 'buy' ? 'sell' : 'buy',
      trigger: null,
      closes: true,
      clientOid: undefined,
    });
    this.#attached.set(name, strategy);
    return [{ kind: 'strategy', strategy: { ...strategy } }];
  }

  /** Fires what the prices have reached. */
  check(): void {
    for (const strategy of this.#trader.books.pendingStrategies()) {
      const fired = this.#reached(strategy);
      if (fired !== null && strategy.status === 'pending') this.#fire(strategy, fired);
    }
  }

  #make(ask: StrategyAsk): StrategyRecord {
    const { ids, now } = this.#options;
    const { trigger, clientOid, ...asked } = ask;
    const { last, mark } = this.#trader.prices.quote(keyOf(ask));
    const strategy: StrategyRecord = {
      ...asked,
      orderId: ids.next(),
      clientOid: clientOid ?? ids.next(),
      trigger:
        trigger === null
          ? null
          : { ...trigger, above: gte(trigger.price, trigger.by === 'mark' ? mark : last) },
      status: 'pending',
      fired: null,
      sub: null,
      created: now(),
      updated: now(),
    };
    this.#trader.books.addStrategy(strategy);
    return strategy;
  }

  #checkTpsl(ask: StrategyAsk): void {
    const held = this.#trader.books.positions.get(keyOf(ask));
    if (held === undefined) throw new Refused('no_position', 'there is no position for it');
    if ((held.direction === 'long') === (ask.side === 'buy'))
      throw new Refused('side_mismatch', 'it would add to the position');
    this.#checkDirection(ask, ask.takeProfit, ask.stopLoss);
    if (ask.mode === 'partial') return;
    const same = this.#trader.books
      .pendingStrategies()
      .find(
        (other) =>
          other.mode === 'full' &&
          keyOf(other) === keyOf(ask) &&
          ((ask.stopLoss !== null && other.stopLoss !== null) ||
            (ask.takeProfit !== null && other.takeProfit !== null)),
      );
    if (same === undefined) return;
    if (this.#options.switches.secondStop === 'refused')
      throw new Refused('stop_exists', 'the position has its TP/SL already');
    this.#trader.tell([this.#end(same, 'cancelled')]);
  }

  /** What has been reached already would fire at once. */
  #checkDirection(
    place: Place & { side: Side; kind: 'tpsl' | 'trigger' },
    takeProfit: TriggerLeg | null,
    stopLoss: TriggerLeg | null,
  ): void {
    if (place.kind !== 'tpsl') return;
    if (stopLoss !== null && this.#isReached(place, stopLoss, place.side === 'buy'))
      throw new Refused('stop_direction', 'the stop loss is on the wrong side of the price');
    if (takeProfit !== null && this.#isReached(place, takeProfit, place.side === 'sell'))
      throw new Refused('stop_direction', 'the take profit is on the wrong side of the price');
  }

  #isReached(place: Place, leg: TriggerLeg, above: boolean): boolean {
    const { last, mark } = this.#trader.prices.quote(keyOf(place));
    const price = leg.by === 'mark' ? mark : last;
    return above ? gte(price, leg.price) : lte(price, leg.price);
  }

  #reached(strategy: StrategyRecord): StrategyRecord['fired'] {
    const { stopLoss, takeProfit, trigger, side } = strategy;
    if (stopLoss !== null && this.#isReached(strategy, stopLoss, side === 'buy')) return 'stopLoss';
    if (takeProfit !== null && this.#isReached(strategy, takeProfit, side === 'sell')) return 'takeProfit';
    if (trigger !== null && this.#isReached(strategy, trigger, trigger.above)) return 'trigger';
    return null;
  }

  #fire(strategy: StrategyRecord, fired: NonNullable<StrategyRecord['fired']>): void {
    const { books } = this.#trader;
    const { switches, now } = this.#options;
    const held = books.positions.get(keyOf(strategy));
    const most = held?.size ?? ZERO;
    const wanted = strategy.mode === 'full' ? most : strategy.qty;
    const qty = strategy.closes ? min(wanted, most) : wanted;
    strategy.fired = fired;
    strategy.updated = now();
    if (!isPositive(qty)) {
      this.#trader.tell([this.#end(strategy, 'failed')]);
      return;
    }
    strategy.status = 'success';
    const limit = strategy[fired]?.limit ?? null;
    const ask: Ask = {
      ...placeOnly(strategy),
      side: strategy.side,
      type: limit === null ? 'market' : 'limit',
      qty,
      price: limit,
      timeInForce: 'gtc',
      closes: strategy.closes,
      clientOid: { stop: strategy.orderId, own: undefined, none: '' }[switches.subOrderClientId],
      attached: null,
    };
    try {
      strategy.sub = this.#trader.make(ask, originOf(strategy, fired), 'gtc');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      strategy.status = 'failed';
    }
    this.#trader.tell([{ kind: 'strategy', strategy: { ...strategy } }]);
  }

  /** The one of the whole position that the part belongs to. */
  #fullOf(place: Place, part: Attached): StrategyRecord | undefined {
    const isOfLeg = (other: StrategyRecord): boolean =>
      this.#trader.family === 'v3' || (other.stopLoss === null) === (part.stopLoss === null);
    return this.#trader.books
      .pendingStrategies()
      .find(
        (other) =>
          other.kind === 'tpsl' && other.mode === 'full' && keyOf(other) === keyOf(place) && isOfLeg(other),
      );
  }

  #end(strategy: StrategyRecord, status: 'cancelled' | 'failed'): AccountEvent {
    strategy.status = status;
    strategy.updated = this.#options.now();
    return { kind: 'strategy', strategy: { ...strategy } };
  }

  #mustWait(strategy: StrategyRecord): void {
    if (strategy.status !== 'pending') throw new Refused('no_plan', 'the order does not exist');
  }
}

function originOf({ mode }: StrategyRecord, fired: NonNullable<StrategyRecord['fired']>): OrderOrigin {
  if (fired === 'trigger') return 'trigger';
  const leg = fired === 'stopLoss' ? 'stop_loss' : 'take_profit';
  return mode === 'full' ? `pos_${leg}` : leg;
}

const placeOnly = ({ symbol, leg, marginMode }: OrderRecord | StrategyRecord): Place => ({
  symbol,
  leg,
  marginMode,
});

const withoutNull = ({ takeProfit, stopLoss }: Attached): Partial<Attached> => ({
  ...(takeProfit === null ? {} : { takeProfit }),
  ...(stopLoss === null ? {} : { stopLoss }),
});
