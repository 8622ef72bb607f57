import { type Decimal, parseDecimal } from '../../../../shared/domain/decimal.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { Refused } from '../exchange/refusal.ts';
import type { Family, User } from '../exchange/user.ts';

/** What a request brought: its query, or its body. */
export class Params {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** Absent and empty are the same. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  must(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new Refused('parameter', `Parameter ${name} cannot be empty`);
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    // Clients write them in either case (`GTC`), and are understood.
    const known = allowed.find((one) => one === value.toLowerCase());
    if (known === undefined) throw new Refused('parameter', `Parameter ${name} error`);
    return known;
  }

  mustBeOneOf<T extends string>(name: string, allowed: readonly T[]): T {
    this.must(name);
    return this.oneOf(name, allowed) as T;
  }

  decimal(name: string): Decimal | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = parseDecimal(text);
    if (value === undefined) throw new Refused('parameter', `Parameter ${name} error`);
    return value;
  }

  mustBeDecimal(name: string): Decimal {
    this.must(name);
    return this.decimal(name) as Decimal;
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Refused('parameter', `Parameter ${name} error`);
    return value;
  }

  list(name: string): Params[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.map((one: Record<string, unknown>) => new Params(one)) : [];
  }
}

export interface PublicCall {
  exchange: Exchange;
  params: Params;
}

export interface PrivateCall extends PublicCall {
  user: User;
}

interface RouteFacts {
  method: 'GET' | 'POST';
  path: string;
  /** Requests a second, of a user (private) or an address (public). */
  perSecond: number;
}

export type Route =
  | (RouteFacts & { access: 'public'; run: (call: PublicCall) => unknown })
  | (RouteFacts & { access: 'private'; run: (call: PrivateCall) => unknown });

type Run<C> = (call: C) => unknown;

export const open = (path: string, run: Run<PublicCall>): Route => ({
  ...{ method: 'GET', access: 'public', perSecond: 20, path, run },
});

export const get = (path: string, perSecond: number, run: Run<PrivateCall>): Route => ({
  ...{ method: 'GET', access: 'private', perSecond, path, run },
});

export const post = (path: string, perSecond: number, run: Run<PrivateCall>): Route => ({
  ...{ method: 'POST', access: 'private', perSecond, path, run },
});

export const familyOf = (path: string): Family => (path.startsWith('/api/v2/') ? 'v2' : 'v3');
