import type { VenueRefusal } from '../../../shared/domain/cause.ts';
import { type Decimal, dec, isZero, min, sub, ZERO } from '../../../shared/domain/decimal.ts';
import { type Order, opposite } from '../../../shared/domain/order.ts';
import type { VenueOrder } from '../../ports/venue.ts';
import { enter, exit } from './samples.ts';
import { Scenario } from './scenario.ts';

/** One step of a random run: what happens, to which of the candidates, with what luck in percent. */
export interface Step {
  action: (typeof ACTIONS)[number];
  pick: number;
  luck: number;
}

export const ACTIONS = [
  ...['answer', 'answer', 'answer', 'answer', 'answer', 'answer'],
  ...['deliver', 'deliver', 'deliver', 'work', 'work', 'work'],
  ...['bar', 'bar', 'bar', 'price', 'tick', 'tick', 'user', 'restart'],
] as ('answer' | 'deliver' | 'work' | 'bar' | 'price' | 'tick' | 'user' | 'restart')[];

const REJECTIONS: readonly VenueRefusal[] = ['rate_limited', 'maintenance', 'insufficient_balance', 'other'];

/** A desk with one bot under random users, markets, processes and a lossy venue. */
export class Chaos {
  readonly s: Scenario;
  readonly botId: string;
  /** Sent, not there yet: arrives later, or is too late. */
  #underWay: Order[] = [];
  #isCalm = false;

  constructor(capabilities: ConstructorParameters<typeof Scenario>[0] = {}) {
    this.s = new Scenario(capabilities);
    this.botId = this.s.runningBot({ allocationPct: dec('30') });
  }

  step({ action, pick, luck }: Step): void {
    const { s } = this;
    switch (action) {
      case 'answer':
        this.#answer(pick, luck);
        return;
      case 'deliver':
        this.#deliver(luck);
        return;
      case 'work':
        this.#work(pick, luck);
        return;
      case 'bar': {
        const direction = pick % 2 === 0 ? 'long' : 'short';
        const wanted =
          luck < 60 ? enter(direction) : exit(direction, luck < 80 ? '0.5' : '1', `x${pick % 3}`);
        s.bar([wanted], PLANS[pick % PLANS.length]);
        return;
      }
      case 'price':
        s.price(String(19_000 + ((pick * 37 + luck * 11) % 2_000)));
        return;
      case 'tick':
        s.tick(luck < 80 ? 1_000 : 11_000);
        return;
      case 'user':
        this.#user(pick);
        return;
      case 'restart':
        if (luck > 20) return;
        s.pending = [];
        s.venue.pushes = [];
        s.give({ type: 'Recovered', downMs: luck < 5 ? 600_000 : 1_000, latch: null });
    }
  }

  /** From here on everything is answered and delivered; an emergency stop must bring all of it to an end. */
  calmDown(rounds = 60): void {
    const { s } = this;
    this.#isCalm = true;
    for (let round = 0; round < rounds; round += 1) {
      for (let count = 0; s.pending.length > 0 && count < 40; count += 1) this.#answer(0, 0);
      this.#deliver(0);
      this.#work(round, 0);
      s.tick(round % 10 === 0 ? 11_000 : 2_000);
    }
  }

  #user(pick: number): void {
    const { s, botId } = this;
    const { accountId } = s;
    const { state } = s.bot(botId);
    if (s.state().account.latch !== null && pick % 3 !== 0) {
      s.command({ type: 'ReleaseEmergency', scope: {} });
      return;
    }
    if ((state === 'stopped' || state === 'halted' || state === 'error') && pick % 4 !== 0) {
      s.command({ type: 'StartBot', botId });
      return;
    }
    if ((state === 'paused' || state === 'holding') && pick % 3 !== 0) {
      s.command({ type: 'ResumeBot', botId });
      return;
    }
    const commands = [
      { type: 'StopBot', botId, positions: 'close' },
      { type: 'StopBot', botId, positions: 'close' },
      { type: 'StopBot', botId, positions: 'hold' },
      { type: 'PauseBot', botId },
      { type: 'ClosePosition', accountId, symbol: 'BTCUSDT' },
      { type: 'ReducePosition', accountId, symbol: 'BTCUSDT', size: dec('0.01') },
      { type: 'EmergencyStop', scope: {} },
      { type: 'SetStop', accountId, symbol: 'BTCUSDT', triggerPrice: dec('18500') },
      {
        type: 'SetLimits',
        accountId,
        values: { drawdownPct: dec('1.5'), dailyLoss: dec('1500') },
        timeZone: undefined,
      },
    ] as const;
    const command = commands[(pick >> 2) % commands.length];
    if (command !== undefined) s.command(command);
  }

  #answer(pick: number, luck: number): void {
    const { s } = this;
    const effect = s.pending[pick % Math.max(1, s.pending.length)];
    if (effect === undefined) return;
    s.pending = s.pending.filter((other) => other !== effect);
    switch (effect.type) {
      case 'PlaceOrder':
        this.#place(effect.order, luck);
        return;
      case 'CancelOrder':
      case 'AmendOrder': {
        const { order } = effect;
        const action = effect.type === 'CancelOrder' ? 'cancel' : 'amend';
        const reply = (answer: 'accepted' | 'unknown' | VenueRefusal, venueOrderId = '') =>
          s.give({
            type: 'OrderAnswered',
            orderId: order.orderId,
            action,
            answer:
              answer === 'accepted'
                ? { outcome: answer, venueOrderId }
                : answer === 'unknown'
                  ? { outcome: answer, message: 'timed out' }
                  : { outcome: 'rejected', code: answer, message: answer },
          });
        const seen = s.venue.find(order);
        if (luck >= 90) reply('unknown');
        else if (luck >= 80) reply('rate_limited');
        else if (seen === null || !isWorking(seen)) reply('no_such_order');
        else {
          const { venueOrderId } =
            effect.type === 'CancelOrder'
              ? s.venue.end(seen.venueOrderId, 'cancelled')
              : s.venue.amend(seen.venueOrderId, effect.change);
          reply(luck >= 70 ? 'unknown' : 'accepted', venueOrderId);
        }
        return;
      }
      case 'FindOrder': {
        const { order, askedAt } = effect;
        if (luck >= 85) return;
        const found = s.venue.find(order);
        s.give({ type: 'OrderFound', orderId: order.orderId, order: found, askedAt });
        return;
      }
      case 'ReadAccount':
        s.advance(1);
        if (luck >= 90) s.give({ type: 'AccountUnreadable', accountId: s.accountId, reason: 'timed out' });
        else s.read();
        return;
      case 'ConfigureSymbol': {
        const { accountId, symbol, leverage, marginMode } = effect;
        const answer =
          luck >= 90
            ? ({ outcome: 'unknown', message: 'timed out' } as const)
            : ({ outcome: 'accepted', venueOrderId: '' } as const);
        s.give({ type: 'SymbolAnswered', accountId, symbol, leverage, marginMode, answer });
        return;
      }
      case 'WatchBars': {
        const { botId, symbol, interval } = effect;
        s.give({ type: 'WarmupEnded', botId, symbol, interval, failure: null, tooShort: false });
        return;
      }
    }
  }

  #place(order: Order, luck: number): void {
    if (luck < 60) this.#arrive(order, true);
    else if (luck < 70) this.#arrive(order, false);
    else if (luck < 85)
      this.#reply(order, { outcome: 'rejected', code: rejection(luck), message: 'refused' });
    else {
      if (luck < 95) this.#underWay.push(order);
      this.#reply(order, { outcome: 'unknown', message: 'timed out' });
    }
    if (this.#underWay.length > 4) this.#underWay.shift();
  }

  #reply(
    order: Order,
    answer: Extract<Parameters<Scenario['give']>[0], { type: 'OrderAnswered' }>['answer'],
  ): void {
    this.s.give({ type: 'OrderAnswered', orderId: order.orderId, action: 'place', answer });
  }

  #arrive(order: Order, answered: boolean): void {
    const { venue, marketTime } = this.s;
    const known = venue.find(order) !== null;
    const held = venue.positions.get(order.symbol);
    const reduces = held !== undefined && (held.direction === 'long') === (order.side === 'sell');
    const late = order.notAfter !== null && marketTime > order.notAfter;
    const code = known
      ? 'duplicate_client_id'
      : late
        ? 'expired'
        : order.reduceOnly && !reduces
          ? 'no_position'
          : null;
    if (code !== null) {
      this.#reply(
        order,
        answered
          ? { outcome: 'rejected', code, message: code }
          : { outcome: 'unknown', message: 'answer lost' },
      );
      return;
    }
    const { venueOrderId } = venue.place(order);
    this.#reply(
      order,
      answered ? { outcome: 'accepted', venueOrderId } : { outcome: 'unknown', message: 'answer lost' },
    );
  }

  /** The venue matches something: orders at the market, one resting order, or a stop. */
  #work(pick: number, luck: number): void {
    const { venue } = this.s;
    for (const order of this.#underWay.splice(0)) {
      const late = order.notAfter !== null && this.s.marketTime > order.notAfter;
      if (!late && venue.find(order) === null && !order.reduceOnly) venue.place(order);
    }
    for (const order of venue.working()) if (order.type === 'market') this.#match(order, luck);
    const resting = venue.working().filter(({ type }) => type !== 'market');
    const chosen = resting[pick % Math.max(1, resting.length)];
    if (chosen === undefined || luck < 60 || this.#isCalm) return;
    if (chosen.type === 'limit') this.#match(chosen, luck);
    else if (isZero(this.#closable(chosen))) venue.end(chosen.venueOrderId, 'cancelled', 'position_closed');
    else venue.trigger(chosen.venueOrderId, dec('19500'));
  }

  #match(order: VenueOrder, luck: number): void {
    const { venue } = this.s;
    const left = sub(order.size ?? this.#closable(order), order.filledSize);
    const size = order.reduceOnly ? min(left, this.#closable(order)) : left;
    const part =
      luck % 3 === 1 && order.size !== size ? ZERO : luck % 3 === 2 ? min(size, dec('0.011')) : size;
    if (!isZero(part)) venue.trade(order.venueOrderId, part, order.price ?? this.#mark);
    if (order.type === 'market' && venue.get(order.venueOrderId).status !== 'filled')
      venue.end(order.venueOrderId, 'cancelled', 'ioc');
  }

  get #mark(): Decimal {
    return this.s.marks.get('BTCUSDT') ?? dec('20000');
  }

  /** What a reduce-only order may take. */
  #closable(order: VenueOrder): Decimal {
    const held = this.s.venue.positions.get(order.symbol);
    if (held === undefined) return ZERO;
    return opposite(order.side) === (held.direction === 'long' ? 'buy' : 'sell') ? held.size : ZERO;
  }

  #deliver(luck: number): void {
    const { s } = this;
    const pushes = s.venue.pushes;
    s.venue.pushes = [];
    const order = luck >= 85 ? pushes.toReversed() : pushes;
    order.forEach((push, index) => {
      if (luck >= 60 && luck < 75 && index % 2 === 0) return;
      s.push(push);
      if (luck >= 75 && luck < 80) s.push(push);
    });
  }
}

const PLANS = [
  {},
  { takeProfits: [{ slot: 'tp1', atPct: dec('1'), share: dec('1') }] },
  { trailing: { activatePct: dec('0.5'), distancePct: dec('0.5') }, breakEvenAtPct: dec('0.4') },
  { maxHoldMs: 90_000 },
];

function isWorking(order: VenueOrder): boolean {
  return order.status === 'open' || order.status === 'partially_filled';
}

function rejection(luck: number): VenueRefusal {
  return REJECTIONS[luck % REJECTIONS.length] ?? 'other';
}
