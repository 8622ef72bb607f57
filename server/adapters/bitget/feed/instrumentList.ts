import type { Decimal } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';
import type { Listed } from '../told/instrumentRules.ts';

interface Entry extends Listed {
  /** Lists in a row that left it out. */
  missing: number;
  maintenanceRate: Decimal | null;
}

/** A list may leave one out once: it has ended when the next one does too. */
const LISTS_WITHOUT = 2;

/** The contracts that are served, with the facts of the newest list. */
export class InstrumentList {
  readonly #isServed: (symbol: string) => boolean;
  readonly #entries = new Map<string, Entry>();

  constructor(isServed: (symbol: string) => boolean) {
    this.#isServed = isServed;
  }

  get instruments(): Instrument[] {
    return [...this.#entries.values()].map(({ instrument, maintenanceRate }) => ({
      ...instrument,
      maintenanceMarginRate: maintenanceRate ?? instrument.maintenanceMarginRate,
    }));
  }

  get symbols(): string[] {
    return [...this.#entries.keys()];
  }

  fundingHours(symbol: string): number | null {
    return this.#entries.get(symbol)?.fundingHours ?? null;
  }

  has(symbol: string): boolean {
    return this.#entries.has(symbol);
  }

  /** Whether anything is other than it was. An empty list is none. */
  take(list: readonly Listed[]): boolean {
    if (list.length === 0) return false;
    const before = JSON.stringify(this.instruments);
    const told = new Map(list.map((listed) => [listed.instrument.symbol, listed]));
    for (const [symbol, entry] of this.#entries) {
      if (told.has(symbol)) continue;
      entry.missing += 1;
      if (entry.missing >= LISTS_WITHOUT) this.#entries.delete(symbol);
    }
    for (const [symbol, listed] of told) {
      if (!this.#isServed(symbol)) continue;
      const maintenanceRate = this.#entries.get(symbol)?.maintenanceRate ?? null;
      this.#entries.set(symbol, { ...listed, missing: 0, maintenanceRate });
    }
    return JSON.stringify(this.instruments) !== before;
  }

  takeMaintenanceRate(symbol: string, rate: Decimal): boolean {
    const entry = this.#entries.get(symbol);
    if (entry === undefined || entry.maintenanceRate === rate) return false;
    entry.maintenanceRate = rate;
    return true;
  }
}
