const NAME = 'fillwire_refresh';
/** Only the auth routes ever see it. */
const ATTRIBUTES = 'Path=/auth; HttpOnly; SameSite=Strict';

export function refreshCookie(token: string, maxAgeSeconds: number, secure: boolean): string {
  return `${NAME}=${token}; Max-Age=${maxAgeSeconds}; ${ATTRIBUTES}${secure ? '; Secure' : ''}`;
}

export function clearedRefreshCookie(secure: boolean): string {
  return refreshCookie('', 0, secure);
}

/** The refresh token in a Cookie header; undefined: none. */
export function refreshTokenOf(cookieHeader: string): string | undefined {
  for (const pair of cookieHeader.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME && value !== undefined && value !== '') return value;
  }
  return undefined;
}
