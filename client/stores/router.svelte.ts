export type Page = 'overview' | 'bots' | 'trade' | 'activity' | 'settings';

export interface Route {
  page: Page;
  /** What the page shows in detail; a bot's id. */
  id: string | null;
}

const PAGES: readonly Page[] = ['overview', 'bots', 'trade', 'activity', 'settings'];

/** `#/bots/abc` → the bots page with that bot; anything unknown is the overview. */
export function parseRoute(hash: string): Route {
  const [, first, second] = hash.split('/');
  const page = PAGES.find((name) => name === first) ?? 'overview';
  return { page, id: page === 'bots' && second !== undefined && second !== '' ? decodeSafely(second) : null };
}

function decodeSafely(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export function routeHash(page: Page, id: string | null = null): string {
  if (id !== null) return `#/${page}/${encodeURIComponent(id)}`;
  return page === 'overview' ? '#/' : `#/${page}`;
}

/** Which page is shown: kept in the address after `#`, so that back, reload and links work. */
class Router {
  route = $state.raw<Route>(parseRoute(typeof location === 'undefined' ? '' : location.hash));

  constructor() {
    if (typeof window === 'undefined') return;
    window.addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash);
      window.scrollTo(0, 0);
    });
  }

  go(page: Page, id: string | null = null): void {
    location.hash = routeHash(page, id);
  }
}

export const router = new Router();
