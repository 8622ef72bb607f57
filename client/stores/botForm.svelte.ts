import type { Account } from '../../shared/domain/account.ts';
import type { Bot } from '../../shared/domain/bot.ts';
import { type Decimal, gt, min } from '../../shared/domain/decimal.ts';
import type { Interval } from '../../shared/domain/market.ts';
import { readPositive } from '../format/amount.ts';
import { freeAllocationPct, freeName } from '../format/figures.ts';
import {
  checkField,
  type Draft,
  draftOf,
  type ParamField,
  type ParamProblem,
  paramFields,
  paramsOf,
} from '../format/params.ts';
import { strategyName } from '../i18n/text.ts';
import type { CatalogStore, StrategyInfo } from './catalog.svelte.ts';
import { DEMO_ALLOCATION_PCT } from './demoBot.ts';

/** What a person fills in to create or change a bot. The server checks everything again. */
export class BotForm {
  name = $state('');
  strategyId = $state('');
  presetId = $state('');
  symbol = $state('');
  interval = $state<Interval>('1m');
  allocation = $state('');
  leverage = $state('1');
  marginMode = $state<'isolated' | 'cross'>('isolated');
  onRestart = $state<'hold' | 'resume'>('hold');
  draft = $state<Draft>({});

  readonly account: Account;
  readonly #catalog: CatalogStore;
  readonly #bots: () => readonly Bot[];
  readonly #editedId: string | null;
  /** The name follows strategy and market until a person types one. */
  #named: boolean;

  readonly strategy: StrategyInfo | undefined = $derived.by(() => this.#catalog.strategy(this.strategyId));
  readonly fields: readonly ParamField[] = $derived.by(() =>
    this.strategy === undefined ? [] : paramFields(this.strategy.paramsSchema, this.strategy.defaults),
  );
  readonly free: Decimal = $derived.by(() =>
    freeAllocationPct(this.#bots(), this.account.accountId, this.#editedId),
  );
  readonly maxLeverage: number = $derived.by(
    () => this.#catalog.instrument(this.account.venue, this.symbol)?.maxLeverage ?? 125,
  );
  readonly allocationProblem: ParamProblem | undefined = $derived.by(() => this.#checkAllocation());
  readonly leverageProblem: ParamProblem | undefined = $derived.by(() => this.#checkLeverage());
  readonly valid: boolean = $derived.by(
    () =>
      this.strategy !== undefined &&
      this.symbol !== '' &&
      this.name.trim() !== '' &&
      this.allocationProblem === undefined &&
      this.leverageProblem === undefined &&
      this.fields.every((field) => checkField(field, this.draft[field.name] ?? '') === undefined),
  );

  constructor(catalog: CatalogStore, bots: () => readonly Bot[], account: Account, edited: Bot | null) {
    this.#catalog = catalog;
    this.#bots = bots;
    this.account = account;
    this.#editedId = edited?.botId ?? null;
    this.#named = edited !== null;
    if (edited !== null) this.#fillFrom(edited);
    else this.#fillNew();
  }

  #fillFrom(bot: Bot): void {
    this.name = bot.name;
    this.strategyId = bot.strategy;
    this.symbol = bot.symbol;
    this.interval = bot.interval;
    this.allocation = bot.allocationPct;
    this.leverage = String(bot.leverage);
    this.marginMode = bot.marginMode;
    this.onRestart = bot.onRestart;
    this.draft = draftOf(this.fields, bot.params);
  }

  #fillNew(): void {
    this.leverage = String(this.account.leverage);
    this.marginMode = this.account.marginMode;
    this.allocation = min(this.free, DEMO_ALLOCATION_PCT);
    const taken = new Set(
      this.#bots()
        .filter((bot) => bot.accountId === this.account.accountId)
        .map((bot) => bot.symbol),
    );
    const markets = this.#catalog.instruments(this.account.venue);
    this.symbol = (markets.find((market) => !taken.has(market.symbol)) ?? markets[0])?.symbol ?? '';
    const first = this.#catalog.strategies[0];
    if (first !== undefined) this.chooseStrategy(first.id);
  }

  chooseStrategy(id: string): void {
    this.strategyId = id;
    this.choosePreset('');
  }

  /** The empty id stands for the strategy's defaults. */
  choosePreset(id: string): void {
    this.presetId = id;
    const preset = this.strategy?.presets.find((known) => known.id === id);
    this.interval = preset?.interval ?? this.strategy?.defaultInterval ?? this.interval;
    this.draft = draftOf(this.fields, preset?.params ?? {});
    this.#suggestName();
  }

  chooseSymbol(symbol: string): void {
    this.symbol = symbol;
    this.#suggestName();
  }

  rename(name: string): void {
    this.name = name;
    this.#named = true;
  }

  set(name: string, value: string | boolean): void {
    this.draft[name] = value;
  }

  #suggestName(): void {
    if (this.#named || this.strategy === undefined) return;
    const coin = this.#catalog.instrument(this.account.venue, this.symbol)?.baseCoin ?? this.symbol;
    this.name = freeName(`${strategyName(this.strategyId, this.strategy.name)} ${coin}`, this.#bots());
  }

  #checkAllocation(): ParamProblem | undefined {
    const amount = readPositive(this.allocation);
    if ('problem' in amount) return amount.problem;
    // A bound for the eye; the comparison itself is exact.
    return gt(amount.value, this.free)
      ? { code: 'too_large', bound: Number(this.free), exclusive: false }
      : undefined;
  }

  #checkLeverage(): ParamProblem | undefined {
    const value = Number(this.leverage);
    if (!Number.isInteger(value)) return { code: 'not_whole' };
    if (value < 1) return { code: 'too_small', bound: 1, exclusive: false };
    return value > this.maxLeverage
      ? { code: 'too_large', bound: this.maxLeverage, exclusive: false }
      : undefined;
  }

  /** The arguments of `bots.create` that the form stands for; only when `valid`. */
  config() {
    const share = readPositive(this.allocation);
    return {
      name: this.name.trim(),
      accountId: this.account.accountId,
      symbol: this.symbol,
      interval: this.interval,
      strategy: this.strategyId,
      params: paramsOf(this.fields, this.draft),
      allocationPct: 'value' in share ? share.value : this.allocation,
      leverage: Number(this.leverage),
      marginMode: this.marginMode,
      onRestart: this.onRestart,
    };
  }
}
