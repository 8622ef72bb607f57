export type Theme = 'system' | 'light' | 'dark';
export type Locale = 'en' | 'ko';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];
const LOCALES: readonly Locale[] = ['en', 'ko'];

/** What a person chose on this device: language and theme. */
class Preferences {
  theme = $state<Theme>(read('fillwire.theme', THEMES) ?? 'system');
  locale = $state<Locale>(read('fillwire.locale', LOCALES) ?? browserLocale());

  setTheme(theme: Theme): void {
    this.theme = theme;
    write('fillwire.theme', theme);
    this.apply();
  }

  /** From the next load of the page on. */
  keepLocale(locale: Locale): void {
    write('fillwire.locale', locale);
  }

  /** Now: its texts are here. */
  useLocale(locale: Locale): void {
    this.locale = locale;
    this.apply();
  }

  /** Tells the document; styles and screen readers follow it. */
  apply(): void {
    if (typeof document === 'undefined') return;
    const root = document.documentElement;
    root.lang = this.locale;
    if (this.theme === 'system') delete root.dataset.theme;
    else root.dataset.theme = this.theme;
  }
}

function browserLocale(): Locale {
  return typeof navigator !== 'undefined' && navigator.language?.startsWith('ko') ? 'ko' : 'en';
}

/** Storage may be blocked; a preference is then kept for this page only. */
function read<T extends string>(key: string, allowed: readonly T[]): T | undefined {
  try {
    const stored = localStorage.getItem(key);
    return allowed.find((value) => value === stored);
  } catch {
    return undefined;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Blocked storage: the choice lasts as long as the page.
  }
}

export const preferences = new Preferences();
