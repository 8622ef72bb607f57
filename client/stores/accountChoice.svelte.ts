import type { Account } from '../../shared/domain/account.ts';
import type { DeskStore } from './desk.svelte.ts';

/** Which account the screen is about: money is never summed across accounts or books. */
export class AccountChoice {
  #chosenId = $state<string | null>(null);
  readonly #desk: Pick<DeskStore, 'accounts'>;
  readonly current: Account | undefined = $derived.by(
    () =>
      this.#desk.accounts.find((account) => account.accountId === this.#chosenId) ?? this.#desk.accounts[0],
  );

  constructor(desk: Pick<DeskStore, 'accounts'>) {
    this.#desk = desk;
  }

  choose(accountId: string): void {
    this.#chosenId = accountId;
  }
}
