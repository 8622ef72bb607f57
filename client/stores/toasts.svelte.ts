export interface Toast {
  id: number;
  tone: 'ok' | 'warn' | 'error';
  title: string;
  detail: string | null;
}

/** Messages on the screen at once; the oldest leaves for a new one. */
export const TOAST_LIMIT = 4;
const SHOWN_MS = { ok: 5_000, warn: 9_000, error: 12_000 } as const;

/** Short messages that leave by themselves. */
export class ToastStore {
  list = $state.raw<Toast[]>([]);
  #nextId = 1;

  show(tone: Toast['tone'], title: string, detail: string | null = null): void {
    const repeated = this.list.find((toast) => toast.title === title && toast.detail === detail);
    if (repeated !== undefined) this.dismiss(repeated.id);
    const toast = { id: this.#nextId++, tone, title, detail };
    this.list = [...this.list, toast].slice(-TOAST_LIMIT);
    setTimeout(() => this.dismiss(toast.id), SHOWN_MS[tone]);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}
