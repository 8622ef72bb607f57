import type { Decimal } from '../../shared/domain/decimal.ts';
import type { OpArgsInput, OpResult } from '../../shared/protocol/ops.ts';
import { readPositive } from '../format/amount.ts';
import type { ParamProblem } from '../format/params.ts';

export type OrderArgs = OpArgsInput<'orders.submit'>;
type Preview = Extract<OpResult<'orders.submit'>, { status: 'preview' }>;
export type OrderField = 'size' | 'price' | 'stop' | 'takeProfit';
const FIELDS: readonly OrderField[] = ['size', 'price', 'stop', 'takeProfit'];

/** How long the figures of a preview are taken for current, ms. */
export const PREVIEW_MS = 15_000;

/** What was looked at: only that is sent, and only while it is current. */
export interface Look {
  args: OrderArgs;
  preview: Preview;
  /** When it was answered, wall ms. */
  at: number;
  /** What it was made from besides prices, in one text. */
  basis: string;
}

/** An order by hand while it is filled in, looked at, and sent. */
export class OrderDraft {
  side = $state<'buy' | 'sell'>('buy');
  type = $state<'market' | 'limit'>('market');
  size = $state('');
  price = $state('');
  stop = $state('');
  takeProfit = $state('');
  reduceOnly = $state(false);
  /** Somebody asked for a look at it: what is missing is told from then on. */
  asked = $state(false);
  look = $state.raw<Look | null>(null);
  #chosen = $state('');

  symbol(first: string): string {
    return this.#chosen || first;
  }

  /** Amounts and prices of another market mean nothing here. */
  choose(symbol: string): void {
    this.#chosen = symbol;
    this.#clear();
  }

  /** What belongs to the order that was sent is not the next one's. */
  sent(): void {
    this.reduceOnly = false;
    this.#clear();
  }

  #clear(): void {
    for (const field of FIELDS) this[field] = '';
    this.changed();
    this.asked = false;
  }

  /** What was looked at is not what the form says any more. */
  changed(): void {
    this.look = null;
  }

  /** Undefined: nothing is wrong with it, or nothing was typed and nobody asked yet. */
  problemOf(field: OrderField): ParamProblem | undefined {
    if (!this.#isUsed(field)) return undefined;
    const amount = readPositive(this[field]);
    return 'problem' in amount ? amount.problem : undefined;
  }

  get firstProblem(): OrderField | undefined {
    return FIELDS.find((field) => this.problemOf(field) !== undefined);
  }

  #isUsed(field: OrderField): boolean {
    if (field === 'price' && this.type !== 'limit') return false;
    const isNeeded = field === 'size' || field === 'price';
    return this[field].trim() !== '' || (isNeeded && this.asked);
  }

  /** Undefined as long as something is missing or wrong. */
  args(accountId: string, symbol: string): OrderArgs | undefined {
    const size = this.#valueOf('size');
    const price = this.#valueOf('price');
    if (size === undefined || this.firstProblem !== undefined) return undefined;
    const [stop, takeProfit] = [this.#valueOf('stop'), this.#valueOf('takeProfit')];
    const protection = {
      ...(stop === undefined ? {} : { stopPrice: stop }),
      ...(takeProfit === undefined ? {} : { takeProfitPrice: takeProfit }),
    };
    return {
      ...{ accountId, symbol, side: this.side, type: this.type, size, reduceOnly: this.reduceOnly },
      ...(this.type === 'limit' && price !== undefined ? { price } : {}),
      ...(Object.keys(protection).length > 0 ? { protection } : {}),
    };
  }

  #valueOf(field: OrderField): Decimal | undefined {
    const amount = readPositive(this[field]);
    return 'value' in amount ? amount.value : undefined;
  }
}

/** Whether the figures still say what would happen. */
export const isCurrent = (look: Look, basis: string, now: number): boolean =>
  look.basis === basis && now - look.at < PREVIEW_MS;
