import type { Interval } from '../../shared/domain/market.ts';
import { claims, type Desk } from '../core/desk.ts';
import { followsPrice } from '../core/protection/followPrice.ts';

/** Which desks in memory a bar, a price or an account's push concerns, so that the others are not asked. */
export class DeskIndex {
  readonly #byBar = new Map<string, Set<string>>();
  readonly #byPrice = new Map<string, Set<string>>();
  readonly #byAccount = new Map<string, string>();
  readonly #keysOf = new Map<string, { bars: string[]; prices: string[]; accounts: string[] }>();

  /** Takes over what the desk is interested in now. */
  update(desk: Desk): void {
    this.forget(desk.deskId);
    const bars: string[] = [];
    for (const bot of desk.bots.values()) {
      if (claims(desk, bot)) bars.push(barKey(bot.venue, bot.symbol, bot.interval));
    }
    const prices: string[] = [];
    for (const position of desk.positions.values()) {
      const venue = desk.accounts.get(position.accountId)?.account.venue;
      if (venue !== undefined && followsPrice(position)) prices.push(priceKey(venue, position.symbol));
    }
    for (const key of bars) setOf(this.#byBar, key).add(desk.deskId);
    for (const key of prices) setOf(this.#byPrice, key).add(desk.deskId);
    const accounts = [...desk.accounts.keys()];
    for (const accountId of accounts) this.#byAccount.set(accountId, desk.deskId);
    this.#keysOf.set(desk.deskId, { bars, prices, accounts });
  }

  /** It is interested in nothing any more. */
  forget(deskId: string): void {
    const former = this.#keysOf.get(deskId);
    if (former === undefined) return;
    for (const key of former.bars) this.#byBar.get(key)?.delete(deskId);
    for (const key of former.prices) this.#byPrice.get(key)?.delete(deskId);
    for (const accountId of former.accounts) this.#byAccount.delete(accountId);
    this.#keysOf.delete(deskId);
  }

  /** In a fixed order, so that equal runs decide in equal order. */
  desksOfBar(venue: string, symbol: string, interval: Interval): string[] {
    return [...(this.#byBar.get(barKey(venue, symbol, interval)) ?? [])].sort();
  }

  desksOfPrice(venue: string, symbol: string): Iterable<string> {
    return this.#byPrice.get(priceKey(venue, symbol)) ?? [];
  }

  deskOfAccount(accountId: string): string | undefined {
    return this.#byAccount.get(accountId);
  }

  accounts(): Iterable<[accountId: string, deskId: string]> {
    return this.#byAccount;
  }
}

/** Whether an event of this kind may change which desks are asked. */
export function changesInterest(kind: string): boolean {
  return (
    kind.startsWith('Bot') ||
    kind.startsWith('Position') ||
    kind.startsWith('Account') ||
    kind.startsWith('Stop')
  );
}

function barKey(venue: string, symbol: string, interval: Interval): string {
  return `${venue}.${symbol}.${interval}`;
}

function priceKey(venue: string, symbol: string): string {
  return `${venue}.${symbol}`;
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = new Set<string>();
  map.set(key, made);
  return made;
}
