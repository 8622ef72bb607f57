export interface Toast {
  id: number;
  tone: 'ok' | 'note' | 'warn' | 'error';
  /** Messages of one group are one on the screen. */
  group: string;
  title: string;
  detail: string | null;
  /** How many it stands for. */
  count: number;
}

/** Messages on the screen at once; the oldest leaves for a new one. */
export const TOAST_LIMIT = 4;
const SHOWN_MS = { ok: 5_000, note: 20_000, warn: 9_000, error: 12_000 } as const;
/** How soon a message whose time was over while it could not be seen is looked at again, ms. */
const AGAIN_MS = 1_000;

/** Short messages that leave by themselves. */
export class ToastStore {
  list = $state.raw<Toast[]>([]);
  /** There is no place for them now: none leaves unseen. */
  unseen = false;
  #nextId = 1;

  /** `group` absent: with others of the same title. */
  show(tone: Toast['tone'], title: string, detail: string | null = null, group: string = title): void {
    const before = this.list.find((toast) => toast.group === group);
    const toast = { id: this.#nextId++, tone, group, title, detail, count: (before?.count ?? 0) + 1 };
    this.list = [...this.list.filter((other) => other !== before), toast].slice(-TOAST_LIMIT);
    this.#endAfter(toast.id, SHOWN_MS[tone]);
  }

  /** Nothing of before is for whoever comes next. */
  clear(): void {
    this.list = [];
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #endAfter(id: number, ms: number): void {
    setTimeout(() => {
      if (this.unseen && this.list.some((toast) => toast.id === id)) this.#endAfter(id, AGAIN_MS);
      else this.dismiss(id);
    }, ms);
  }
}
