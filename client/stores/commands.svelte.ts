import { SvelteSet } from 'svelte/reactivity';
import type { OpArgsInput, OpName, OpResult } from '../../shared/protocol/ops.ts';
import type { FillwireClient, RequestOptions } from '../../shared/sdk/client.ts';
import type { DeviceStore } from './devices.svelte.ts';
import { errorText } from './errorText.ts';
import type { ToastStore } from './toasts.svelte.ts';

/** Sends what people ask for, knows what is under way, and tells what went wrong. */
export class CommandStore {
  readonly #pending = new SvelteSet<string>();
  readonly #client: Pick<FillwireClient, 'request'>;
  readonly #toasts: ToastStore;
  readonly #devices: Pick<DeviceStore, 'ownId'>;

  constructor(
    client: Pick<FillwireClient, 'request'>,
    toasts: ToastStore,
    devices: Pick<DeviceStore, 'ownId'>,
  ) {
    this.#client = client;
    this.#toasts = toasts;
    this.#devices = devices;
  }

  /** `subject` names what is acted on, such as a bot's id: its buttons wait. */
  pending(subject: string): boolean {
    return this.#pending.has(subject);
  }

  /** The result; undefined when it failed, which was then told in a message. */
  async run<O extends OpName>(
    subject: string,
    op: O,
    args: OpArgsInput<O>,
    options?: RequestOptions,
  ): Promise<OpResult<O> | undefined> {
    return this.during(subject, () => this.#client.request(op, args, options));
  }

  /** For what the caller shows itself, failure included: rejects with a FillwireError. */
  ask<O extends OpName>(op: O, args: OpArgsInput<O>, options?: RequestOptions): Promise<OpResult<O>> {
    return this.#client.request(op, args, options);
  }

  /** Marks `subject` as busy while `work` runs, and tells its failure. */
  async during<T>(subject: string, work: () => Promise<T>): Promise<T | undefined> {
    this.#pending.add(subject);
    try {
      return await work();
    } catch (error) {
      const { title, detail } = errorText(error, this.#devices.ownId);
      this.#toasts.show('error', title, detail);
      return undefined;
    } finally {
      this.#pending.delete(subject);
    }
  }
}
