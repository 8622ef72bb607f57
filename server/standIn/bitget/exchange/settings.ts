import type { MarginMode } from '../../../../shared/domain/account.ts';
import type { Leg, Place } from './legs.ts';

const DEFAULT_LEVERAGE = 20;

export type HoldMode = 'one_way_mode' | 'hedge_mode';

interface SymbolSettings {
  marginMode: MarginMode;
  crossed: number;
  long: number;
  short: number;
}

/** What an account has set: its position mode, and per symbol the leverages and (classic) the margin mode. */
export class Settings {
  holdMode: HoldMode;
  readonly #symbols = new Map<string, SymbolSettings>();

  constructor(holdMode: HoldMode) {
    this.holdMode = holdMode;
  }

  /** Symbols that were set. */
  get symbols(): string[] {
    return [...this.#symbols.keys()];
  }

  of(symbol: string): Readonly<SymbolSettings> {
    return this.#symbols.get(symbol) ?? { ...UNSET };
  }

  change(symbol: string, change: Partial<SymbolSettings>): void {
    this.#symbols.set(symbol, { ...this.of(symbol), ...change });
  }

  leverage({ symbol, leg, marginMode }: Place): number {
    const set = this.of(symbol);
    if (marginMode === 'cross') return set.crossed;
    return leg === 'short' ? set.short : set.long;
  }

  legs(): Leg[] {
    return this.holdMode === 'hedge_mode' ? ['long', 'short'] : ['net'];
  }
}

const UNSET: SymbolSettings = {
  marginMode: 'cross',
  crossed: DEFAULT_LEVERAGE,
  long: DEFAULT_LEVERAGE,
  short: DEFAULT_LEVERAGE,
};
