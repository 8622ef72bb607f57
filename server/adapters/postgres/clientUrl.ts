/** A database URL as postgres.js takes it. */
export interface ClientUrl {
  url: string;
  /** Of the Unix socket, when the URL names one. */
  path?: string;
}

/**
 * libpq's way to name a Unix socket, `postgres://user@/db?host=/directory`, is for postgres.js a parameter to send to
 * the server: taken out here.
 */
export function clientUrl(text: string): ClientUrl {
  // A URL with a user needs a host; libpq's may leave it out.
  const url = new URL(text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?]|$)/, '$1localhost'));
  const directory = url.searchParams.get('host');
  if (directory?.startsWith('/') !== true) return { url: text };
  const port = url.searchParams.get('port') ?? (url.port === '' ? '5432' : url.port);
  url.searchParams.delete('host');
  url.searchParams.delete('port');
  return { url: url.href, path: `${directory}/.s.PGSQL.${port}` };
}
